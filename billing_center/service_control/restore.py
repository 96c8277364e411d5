"""Restoring what arrears had stopped, once its payer owes nothing overdue. Design: billing rules, mode 9."""

from collections.abc import Sequence

from billing_center.center import UnitOfWork
from billing_center.order.change_state import apply_state_change
from billing_center.order.state import OrderState, StoppedFor
from billing_center.order.store import orders_of_payers
from billing_center.outbox.message import MessageKind
from billing_center.outbox.put import put_new_messages
from billing_center.service_control.command import CENTER, Action, Reason, control_message
from billing_center.settlement.arrears import payers_in_arrears


def restore_services(work: UnitOfWork, payer_ids: Sequence[str]) -> int:
    """Resume the orders that arrears had stopped, of those payers that are not in arrears today.

    The payers' rows must be locked. Orders that anyone else had suspended stay so. Returns how many orders.
    Raises: Busy when an order changed at the same moment.
    """
    owing = payers_in_arrears(work.connection, payer_ids, on=work.today)
    settled = [payer_id for payer_id in payer_ids if payer_id not in owing]
    messages = []
    for order in orders_of_payers(work.connection, settled, states=[OrderState.SUSPENDED]):
        if order.stopped_for is StoppedFor.ARREARS:
            seq = apply_state_change(work, order, OrderState.ACTIVE, actor=CENTER, reason=Reason.SETTLED.value)
            messages.append(control_message(order, Action.RESUME, Reason.SETTLED, seq))
    put_new_messages(work, MessageKind.CONTROL, messages)
    return len(messages)
