"""A suspension or resumption as the message that tells the order system. Design: billing rules, service control.

The payload: {orderId, action, reason, seq}. `seq` is the number of the order's state change, so it grows with
every command, and commands of one order are sent in its order.
"""

from enum import StrEnum
from json.encoder import encode_basestring as _quoted

from billing_center.order.store import OrderRow
from billing_center.outbox.message import ReadyMessage


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


def control_message(order: OrderRow, action: Action, reason: Reason, seq: int) -> ReadyMessage:
    """The message for one order, in the transaction that changed the mirror."""
    return ReadyMessage(
        f"control:{order.order_id}:{seq}", order.order_id, seq, order.payer_id, order.shard,
        f'{{"action": "{action}", "orderId": {_quoted(order.order_id)}, "reason": "{reason}", "seq": {seq}}}',
    )  # fmt: skip
