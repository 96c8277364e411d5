"""Many orders are suspended at once: a handful of statements, however many they are.

Where it stands in the walk: below service control, which stops the orders of payers in arrears. One order's change
of state is `change_state`. Design: billing rules, modes 5 and 8.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from billing_center.center import UnitOfWork
from billing_center.order.state import OrderState, StoppedFor, check_transition
from billing_center.order.store import (
    OrderRow,
    StateChangeRow,
    insert_state_changes,
    set_states,
    state_changes,
)

log = structlog.get_logger()


def stop_orders(
    work: UnitOfWork, orders: Sequence[OrderRow], *, actor: str, reason: str, stopped_for: StoppedFor
) -> None:
    """Suspend orders that were read in this unit; the number of each one's change is its `change_count`.

    Keeps each change as a fact. The caller has locked the payers' rows, and sends what has to be sent.
    Raises: ForbiddenTransition; Busy when an order changed at the same moment.
    """
    if not orders:
        return
    for order in orders:
        check_transition(order.order_id, order.state, OrderState.SUSPENDED)
    to_state = OrderState.SUSPENDED.value
    changes = [
        (order, StateChangeRow(order.order_id, order.change_count, at, order.state.value, to_state, actor, reason))
        for order, at in zip(orders, _moments(work, orders), strict=True)
    ]
    set_states(work.connection, orders, OrderState.SUSPENDED, stopped_for=stopped_for)
    insert_state_changes(work.connection, changes)
    log.info("orders_stopped", orders=len(orders), stopped_for=stopped_for.value, by=actor)


def _moments(work: UnitOfWork, orders: Sequence[OrderRow]) -> list[datetime]:
    """When each change takes effect: now, or with the change before it where that is dated ahead of now."""
    changed = [order.order_id for order in orders if order.change_count > 1]
    changes = state_changes(work.connection, changed)
    return [max(work.at, changes[o.order_id][-1].at if o.change_count > 1 else o.start_at) for o in orders]
