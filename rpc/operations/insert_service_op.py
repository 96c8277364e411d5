"""insertServiceOp(Billinginfo) -> String: one act of use. Design: contract, "insertServiceOp"."""

from billing_center.rating.quick import quick
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from rpc.fields import ID_LENGTH, NAME_LENGTH, Fields, required_instant
from rpc.operation import Asked, Operation, Writing

GUID_LENGTH = 100
UNIT_LENGTH = 20

_use = quick(RecordUsage)


def prepare(asked: Asked) -> Writing:
    """The use that was reported; its end is its start when none was sent."""
    fields = Fields(asked.arguments[0], parameter="Billinginfo")
    user_id = fields.text("userId", required=True)
    product_id = fields.text("productId", required=True)
    started_at = required_instant(fields.instant("startDate"), "startDate")
    command = _use(
        caller=asked.caller.caller_id,
        guid=fields.text("guid", longest=GUID_LENGTH),
        user_id=user_id,
        user_name=fields.text("username", longest=NAME_LENGTH),
        payer_id=fields.text("payerMemId", longest=ID_LENGTH),
        product_id=product_id,
        product_name=fields.text("productName", longest=NAME_LENGTH),
        started_at=started_at,
        ended_at=fields.instant("endDate") or started_at,
        amount=fields.decimal("amount"),
        quantity=fields.decimal("useAge"),
        unit=fields.text("useUnit", longest=UNIT_LENGTH),
    )
    return Writing(command, bulk_verb=record_usages, product_id=product_id)


INSERT_SERVICE_OP = Operation(
    name="insertServiceOp",
    parameters=("Billinginfo",),
    prepare=prepare,
    summary="one act of use of a product item billed per use",
)
