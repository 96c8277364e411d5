"""installOrder(Order) -> String: a new order line, mirrored here. Design: contract, "installOrder"."""

from billing_center.order.accept_order import InstallOrder, accept_order
from rpc.fields import Fields, required_instant
from rpc.operation import Asked, Operation, Writing


def prepare(asked: Asked) -> Writing:
    """The order line that was reported, its words as the caller wrote them."""
    fields = Fields(asked.arguments[0], parameter="Order")
    product_id = fields.text("productId", required=True)
    command = InstallOrder(
        order_id=fields.text("orderId", required=True),
        order_code=fields.text("ordercode", required=True),
        cust_id=fields.text("custId", required=True),
        payer_id=fields.text("payerMemId", required=True),
        product_id=product_id,
        billing_type=fields.text("billingType", required=True),
        state=fields.text("status", required=True),
        promotion_id=fields.text("productStrategyId"),
        start_at=required_instant(fields.instant("startDate"), "startDate"),
        features=fields.features("specCondition"),
        is_quota=fields.flag("isQuota"),
        installed_by=asked.caller.caller_id,
    )
    return Writing(command, verb=accept_order, product_id=product_id)


INSTALL_ORDER = Operation(
    name="installOrder", parameters=("Order",), prepare=prepare, summary="a new order line, mirrored here"
)
