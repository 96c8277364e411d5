"""What foresight reads in the tables beside the stores of the terms: facts of the queue, and of past periods."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, case, func, or_, select, union_all

from billing_center.history.whole import charge
from billing_center.ids import shard_of
from billing_center.period import ONE_DAY
from billing_center.rating.facts import Cause, PlanKind
from billing_center.usage.park import WAITING, in_state
from billing_center.usage.store import QueuedUse, waiting_count
from schema.tables.orders import service_order
from schema.tables.usage import usage_event, usage_queue


@dataclass(frozen=True, slots=True)
class QueuedFact:
    """A use of the queue and the state that it waits in."""

    use: QueuedUse
    state: str


def waiting_facts(
    connection: Connection, payer_id: str, people: Collection[str], *, limit: int
) -> list[QueuedFact]:
    """Up to `limit` uses of the queue that name the payer, or name none and are of one of the people.

    The queue is asked by the shards of the people, so what waits for others costs little.
    """
    queue, event = usage_queue.c, usage_event.c
    known = sorted({payer_id, *people})
    of_shards = queue.shard.in_(sorted({shard_of(one) for one in known}))
    places = union_all(  # what waits and what is held or parked have an index each
        *(
            select(queue.event_id, queue.day, queue.tries, queue.state).where(of_shards, of_state)
            for of_state in (in_state(WAITING), ~in_state(WAITING))
        )
    ).subquery("place")
    statement = (
        select(
            event.event_id, event.day, event.caller, event.user_id, event.payer_id, event.product_id,
            event.started_at, event.ended_at, event.amount, event.quantity, event.unit, places.c.tries,
            places.c.state,
        )
        .select_from(places)
        .join(usage_event, (event.event_id == places.c.event_id) & (event.day == places.c.day))
        .where(or_(event.payer_id == payer_id, event.payer_id.is_(None) & event.user_id.in_(known)))
        .order_by(places.c.event_id)
        .limit(limit)
    )  # fmt: skip
    rows = connection.execute(statement)
    return [QueuedFact(QueuedUse(*row[:12]), row.state) for row in rows]


def waiting_anywhere(connection: Connection, *, at: datetime, before: date) -> tuple[int, int]:
    """How many uses are due to be rated, and how many orders have a day before `before` that is not decided."""
    table = service_order.c
    last = before - ONE_DAY
    last_day = case((table.ended_day < last, table.ended_day), else_=last)
    orders = select(func.count()).where(
        table.plan != PlanKind.PER_USE.value, table.rated_through < last_day, table.start_day <= last
    )
    return waiting_count(connection, at), connection.execute(orders).scalar_one()


def charged_once(connection: Connection, payer_id: str, period_start: date) -> dict[tuple[str, str, str], Decimal]:
    """What is in a period and says nothing about its pace, by order, product and currency; rated amounts.

    Packages, true-ups, and what came late for days before the period.
    """
    table = charge.c
    keys = [table.order_id, table.product_id, table.currency]
    statement = (
        select(*keys, func.sum(table.amount))
        .where(
            table.payer_id == payer_id,
            table.period_start == period_start,
            or_(table.cause.in_([Cause.PACKAGE.value, Cause.TRUE_UP.value]), table.day < period_start),
        )
        .group_by(*keys)
    )
    return {(row[0], row[1], row[2]): row[3] for row in connection.execute(statement)}
