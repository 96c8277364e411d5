"""A suspension or resumption as the message that tells the order system. Design: billing rules, service control.

The payload: {orderId, action, reason, seq}. `seq` is the number of the order's state change, so it grows with
every command, and commands of one order are sent in its order.
"""

from enum import StrEnum

from billing_center.ids import shard_of
from billing_center.order.store import OrderRow
from billing_center.outbox.message import MessageKind, NewMessage


class Action(StrEnum):
    """What the order system is told to do."""

    SUSPEND = "SUSPEND"
    RESUME = "RESUME"


class Reason(StrEnum):
    """Why, in the words that stand in the order's history and in the message."""

    ARREARS = "arrears"
    SETTLED = "arrears settled"


CENTER = "center"
"""The actor of state changes that the center itself decided."""


def control_message(order: OrderRow, action: Action, reason: Reason, seq: int) -> NewMessage:
    """The message for one order, in the transaction that changed the mirror."""
    return NewMessage(
        message_id=f"control:{order.order_id}:{seq}",
        kind=MessageKind.CONTROL,
        subject_id=order.order_id,
        seq=seq,
        payer_id=order.payer_id,
        shard=shard_of(order.payer_id),
        payload={"orderId": order.order_id, "action": action.value, "reason": reason.value, "seq": seq},
    )
