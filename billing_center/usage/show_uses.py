"""What operators ask about uses: how many wait and why, which ones, and one with everything that became of it.

Where it stands in the walk: beside it; the console shows it. Design: billing rules, "A use, from collection to
charge".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from billing_center.bounded_count import BoundedCount, count_rows
from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange
from billing_center.history.whole import charge, usage_filtered
from billing_center.rating.facts import OF_USE
from billing_center.usage.park import HELD, PARKED, WAITING, in_state
from billing_center.usage.usage_event import UsageEvent, usage_events
from schema.tables.corrections import usage_withdrawal
from schema.tables.usage import usage_event, usage_queue

QUEUE_STATES = (WAITING, PARKED, HELD)


@dataclass(frozen=True, slots=True)
class QueuedPlace:
    """Where a use stands in the queue: since when it was tried, why it waits, when it is tried again."""

    state: str
    tries: int
    next_try_at: datetime
    reason: str  # "" until it was tried
    detail: str


@dataclass(frozen=True, slots=True)
class WaitingUse:
    """A use in the queue, as it is listed."""

    use: UsageEvent
    place: QueuedPlace


@dataclass(frozen=True, slots=True)
class UseCharge:
    """A charge that a use made, and the invoice period that it falls in."""

    payer_id: str
    day: date
    cause: str
    component: str
    order_id: str
    currency: str
    quantity: Decimal
    amount: Decimal
    period_start: date
    run_id: str


@dataclass(frozen=True, slots=True)
class UseShown:
    """A use as it was collected, and what became of it: exactly one of the rest, but for corrections."""

    use: UsageEvent
    place: QueuedPlace | None  # None when it has left the queue
    filtered_by: str  # the rule that kept it from being rated, else ""
    withdrawn_by: str  # the correction that took it back, else ""
    charges: tuple[UseCharge, ...]


def queue_counts(work: UnitOfWork) -> dict[str, BoundedCount]:
    """How many uses are WAITING, PARKED and HELD."""
    return {
        state: count_rows(work.connection, select(usage_queue.c.event_id).where(in_state(state)))
        for state in QUEUE_STATES
    }


def uses_waiting(
    work: UnitOfWork,
    *,
    states: Sequence[str] = (PARKED, HELD),
    reason: str | None = None,
    product_id: str | None = None,
    payer_id: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[WaitingUse]:
    """Uses of the queue in any of the states, oldest first, from the id `after` on."""
    queue, event = usage_queue.c, usage_event.c
    statement = (
        select(queue.event_id, queue.state, queue.tries, queue.next_try_at, queue.reason, queue.detail)
        .join(usage_event, (event.event_id == queue.event_id) & (event.day == queue.day))
        .where(queue.state.in_(list(states)), queue.event_id > after)
    )
    chosen = ((queue.reason, reason), (event.product_id, product_id), (event.payer_id, payer_id))
    for column, value in chosen:
        if value is not None:
            statement = statement.where(column == value)
    rows = work.connection.execute(statement.order_by(queue.event_id).limit(limit)).all()
    facts = usage_events(work.connection, [row.event_id for row in rows])
    return [WaitingUse(facts[row.event_id], _place(row)) for row in rows]


def show_use(work: UnitOfWork, event_id: str) -> UseShown:
    """The use with this id and what became of it. Raises: OutOfRange when there is none."""
    use = usage_events(work.connection, [event_id]).get(event_id)
    if use is None:
        raise OutOfRange(f"no use has the id {event_id!r}", field="event_id", event_id=event_id)
    queue = usage_queue.c
    statement = select(queue.state, queue.tries, queue.next_try_at, queue.reason, queue.detail)
    waiting = work.connection.execute(statement.where(queue.event_id == event_id)).one_or_none()
    rule = select(usage_filtered.c.rule).where(usage_filtered.c.event_id == event_id)
    withdrawn = select(usage_withdrawal.c.correction_id).where(usage_withdrawal.c.event_id == event_id)
    return UseShown(
        use,
        None if waiting is None else _place(waiting),
        work.connection.execute(rule).scalar_one_or_none() or "",
        work.connection.execute(withdrawn).scalar_one_or_none() or "",
        _charges(work, use),
    )


def _place(row: object) -> QueuedPlace:
    return QueuedPlace(*(getattr(row, name) for name in QueuedPlace.__dataclass_fields__))


def _charges(work: UnitOfWork, use: UsageEvent) -> tuple[UseCharge, ...]:
    """The charges of a use lie on its civil day, so the table's own key finds them."""
    table = charge.c
    statement = (
        select(*(table[name] for name in UseCharge.__dataclass_fields__))
        .where(
            table.day == use.day,
            table.cause.in_([cause.value for cause in OF_USE]),
            table.cause_id == use.event_id,
        )
        .order_by(table.day, table.cause, table.component)
    )
    if use.payer_id:
        statement = statement.where(table.payer_id == use.payer_id)
    return tuple(UseCharge(*row) for row in work.connection.execute(statement))
