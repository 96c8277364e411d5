"""updateOrderState(orderId, state) -> String: the order system changed a state. Design: contract."""

from billing_center.order.change_state import ChangeOrderState, change_order_state
from rpc.fields import read_text
from rpc.operation import Asked, Operation, Writing


def prepare(asked: Asked) -> Writing:
    """The change that was reported; it takes effect when it arrives."""
    order_id, state = asked.arguments
    command = ChangeOrderState(
        order_id=read_text(order_id, "orderId", required=True), state=read_text(state, "state", required=True)
    )
    return Writing(command, verb=change_order_state)


UPDATE_ORDER_STATE = Operation(
    name="updateOrderState",
    parameters=("orderId", "state"),
    prepare=prepare,
    summary="an order was opened, suspended, resumed or terminated",
)
