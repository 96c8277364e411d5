"""Stopping orders for arrears: the mirror changes at the decision, the command to the order system goes with it.

The payers' rows must be locked, and arrears must have been read under the lock.
"""

from collections.abc import Sequence

from billing_center.center import UnitOfWork
from billing_center.order.state import OrderState, StoppedFor
from billing_center.order.stop_orders import stop_orders
from billing_center.order.store import OrderRow, orders_of_payers
from billing_center.outbox.message import MessageKind
from billing_center.outbox.put import put_new_messages
from billing_center.service_control.command import CENTER, Action, Reason, control_message


def suspend_orders(work: UnitOfWork, orders: Sequence[OrderRow]) -> int:
    """Suspend ACTIVE orders that were read in this unit, and tell the order system; returns how many.

    Raises: Busy when an order changed at the same moment.
    """
    stop_orders(work, orders, actor=CENTER, reason=Reason.ARREARS.value, stopped_for=StoppedFor.ARREARS)
    messages = [control_message(one, Action.SUSPEND, Reason.ARREARS, one.change_count) for one in orders]
    put_new_messages(work, MessageKind.CONTROL, messages)
    return len(messages)


def suspend_for_failure(work: UnitOfWork, payer_id: str) -> int:
    """A deduction failed: suspend at once the payer's ACTIVE orders of products that say so; returns how many."""
    strict = {p for p, product in work.catalog.products.items() if product.suspend_on_failure}
    if not strict:
        return 0
    active = orders_of_payers(work.connection, [payer_id], states=[OrderState.ACTIVE])
    return suspend_orders(work, [order for order in active if order.product_id in strict])
