"""The order system changed a state, or arrears did: it takes effect when it arrives.

Design: contract, updateOrderState; billing rules, modes 5, 8 and 9.
"""

from dataclasses import dataclass

import structlog

from billing_center.center import UnitOfWork
from billing_center.clock import civil_day
from billing_center.errors import Refused, ResultCode, Unknown
from billing_center.order.order_package import buy_ordered
from billing_center.order.state import OrderState, StoppedFor, check_transition
from billing_center.order.store import (
    OrderRow,
    StateChangeRow,
    find_order,
    insert_state_change,
    locked_order,
    note_first_opening,
    set_state,
    state_changes,
)
from billing_center.payer.store import locked_payers
from billing_center.usage.park import wake_parked

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChangeOrderState:
    """The order system's word for the order's new state."""

    order_id: str
    state: str
    reason: str = ""


def change_order_state(work: UnitOfWork, command: ChangeOrderState) -> None:
    """Let the order change its state now; the state it is in already changes nothing.

    Raises: Unknown (UNKNOWN_ORDER); Refused (UNKNOWN_STATE); ForbiddenTransition.
    """
    to_state = state_meant(work, command.state)
    known = find_order(work.connection, command.order_id)
    if known is not None:
        locked_payers(work.connection, [known.payer_id])  # payer before order, as everywhere
    order = locked_order(work.connection, command.order_id)
    if order is None:
        message = f"orderId {command.order_id!r} is not known"
        raise Unknown(message, code=ResultCode.UNKNOWN_ORDER, field="orderId", order_id=command.order_id)
    if order.state is to_state:
        return
    apply_state_change(work, order, to_state, actor=work.actor, reason=command.reason)


def state_meant(work: UnitOfWork, word: str, *, named: str = "state") -> OrderState:
    """The state that the caller's word is mapped to. Raises Refused (UNKNOWN_STATE), naming the caller's field."""
    meant = work.settings.order_states.get(word.strip())
    if meant is None:
        raise Refused(
            f"{named} {word.strip()!r} is not a state of orders", code=ResultCode.UNKNOWN_STATE, field=named
        )
    return OrderState(meant)


def apply_state_change(
    work: UnitOfWork,
    order: OrderRow,
    to_state: OrderState,
    *,
    actor: str,
    reason: str,
    stopped_for: StoppedFor | str = StoppedFor.NOTHING,
) -> int:
    """Change the state of an order that was read in this unit; returns the change's sequence number.

    Keeps the change as a fact, notes the payer's first opening of the product, and wakes uses that waited for
    a payer. The caller has locked the payer's row, and sends what has to be sent.
    Raises: ForbiddenTransition; Busy when the order changed at the same moment.
    """
    check_transition(order.order_id, order.state, to_state)
    seq = order.change_count
    last = state_changes(work.connection, [order.order_id])[order.order_id][-1]
    at = max(work.at, last.at)
    ended_day = civil_day(at, work.zone) if to_state is OrderState.TERMINATED else None
    set_state(work.connection, order, to_state, stopped_for=StoppedFor(stopped_for), ended_day=ended_day)
    change = StateChangeRow(order.order_id, seq, at, order.state.value, to_state.value, actor, reason)
    insert_state_change(work.connection, order, change)
    if to_state is OrderState.ACTIVE:
        opened(work, order)
    log.info(
        "order_state_changed", order_id=order.order_id, before=order.state.value, after=to_state.value, by=actor
    )
    return seq


def opened(work: UnitOfWork, order: OrderRow) -> None:
    """An order became active: note the first opening, buy its package, wake what waited for a payer."""
    day = max(order.start_day, work.today)
    buy_ordered(work, order, day)
    note_first_opening(work.connection, {(order.payer_id, order.product_id): (order.shard, day)})
    wake_parked(work, product_id=order.product_id, reason="no_payer")
