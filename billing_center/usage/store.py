"""Usage events in the tables: claiming a batch of the queue, and what becomes of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, delete, func, select

from billing_center.bulk import BATCH, among, claimed, insert_rows, rows_by_key
from billing_center.errors import Busy
from billing_center.usage.park import HELD, PARKED, WAITING
from schema.tables.charges import charge
from schema.tables.corrections import usage_withdrawal
from schema.tables.usage import usage_event, usage_filtered, usage_queue

RATED, FILTERED = "RATED", "FILTERED"
"""Where a use was that has left the queue; the states of the queue are in `park`."""


@dataclass(frozen=True, slots=True)
class QueuedUse:
    """A usage event that waits to be rated."""

    event_id: str
    day: date
    caller: str
    user_id: str
    payer_id: str
    product_id: str
    started_at: datetime
    ended_at: datetime
    amount: Decimal | None
    quantity: Decimal | None
    unit: str
    tries: int


def claim_batch(
    connection: Connection, *, first_shard: int, last_shard: int, now: datetime, limit: int, real_time_only: bool
) -> list[QueuedUse]:
    """The oldest due uses of the shards; on PostgreSQL those that another worker holds are passed over."""
    queue = usage_queue.c
    statement = (
        select(queue.event_id, queue.tries, queue.day)
        .where(
            queue.shard.between(first_shard, last_shard),
            queue.state == WAITING,
            queue.next_try_at <= now,
        )
        .order_by(queue.event_id)
        .limit(limit)
    )
    if real_time_only:
        statement = statement.where(queue.real_time == True)  # noqa: E712 (IS takes no bound value)
    rows = connection.execute(claimed(statement, connection)).all()
    return queued_uses(connection, {r.event_id: r.tries for r in rows}, days={r.day for r in rows})


def queued_uses(
    connection: Connection, tries: Mapping[str, int], *, days: Collection[date] = ()
) -> list[QueuedUse]:
    """Uses of the queue with their facts, in the order of their ids; `tries` as the queue holds them, by id.

    With the days of the uses only their months are looked into.
    """
    event = usage_event.c
    events = select(
        event.event_id, event.day, event.caller, event.user_id, event.payer_id, event.product_id,
        event.started_at, event.ended_at, event.amount, event.quantity, event.unit,
    )  # fmt: skip
    if days:
        events = events.where(event.day.between(min(days), max(days)))
    rows = rows_by_key(connection, events, [event.event_id], tries)
    return sorted(
        (QueuedUse(**row._mapping, tries=tries[row.event_id]) for row in rows), key=lambda use: use.event_id
    )


def leave_queue(connection: Connection, event_ids: Sequence[str]) -> None:
    """Take rated and filtered uses out. Raises: Busy when another worker took one of them first."""
    for at in range(0, len(event_ids), BATCH):
        part = event_ids[at : at + BATCH]
        chosen = among(connection, usage_queue.c.event_id, part)
        gone = connection.execute(delete(usage_queue).where(chosen)).rowcount
        if gone != len(part):
            raise Busy("another worker rated one of these uses")


def note_filtered(connection: Connection, filtered: Sequence[tuple[str, str]], at: datetime) -> None:
    """Keep (event, rule) of uses of the queue that a named rule keeps from being rated."""
    queue = usage_queue.c
    rules = dict(filtered)
    places = rows_by_key(connection, select(queue.event_id, queue.day, queue.shard), [queue.event_id], list(rules))
    rows = [
        {"event_id": r.event_id, "day": r.day, "shard": r.shard, "rule": rules[r.event_id], "at": at}
        for r in places
    ]
    insert_rows(connection, usage_filtered, rows)


def waiting_count(connection: Connection, now: datetime, *, real_time_only: bool = False) -> int:
    """How many uses are due to be rated."""
    queue = usage_queue.c
    statement = select(func.count()).where(queue.state == WAITING, queue.next_try_at <= now)
    if real_time_only:
        statement = statement.where(queue.real_time == True)  # noqa: E712 (IS takes no bound value)
    return connection.execute(statement).scalar_one()


def parked_due_count(connection: Connection, now: datetime) -> int:
    """How many parked uses have waited long enough to be tried again."""
    queue = usage_queue.c
    statement = select(func.count()).where(queue.state == PARKED, queue.next_try_at <= now)
    return connection.execute(statement).scalar_one()


@dataclass(frozen=True, slots=True)
class UseCounts:
    """Where every accepted use is, at every moment.

    accepted = rated + filtered + waiting + parked + held + withdrawn. A use that was withdrawn counts as that
    alone, wherever it was before.
    """

    accepted: int
    rated: int
    filtered: int
    waiting: int
    parked: int
    held: int
    withdrawn: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether no use is lost or counted twice."""
        there = self.rated + self.filtered + self.waiting + self.parked + self.held + self.withdrawn
        return self.accepted == there


def use_counts(connection: Connection) -> UseCounts:
    """Count them all (a full scan: for checks and reports, not for the way of a call)."""
    grouped = select(usage_queue.c.state, func.count()).group_by(usage_queue.c.state)
    states: dict[str, int] = {row[0]: row[1] for row in connection.execute(grouped)}
    rated = select(func.count(func.distinct(charge.c.cause_id))).where(charge.c.cause == "use")
    taken = select(usage_withdrawal.c.found, func.count()).group_by(usage_withdrawal.c.found)
    withdrawn: dict[str, int] = {row[0]: row[1] for row in connection.execute(taken)}
    return UseCounts(
        accepted=connection.execute(select(func.count()).select_from(usage_event)).scalar_one(),
        rated=connection.execute(rated).scalar_one() - withdrawn.get(RATED, 0),
        filtered=connection.execute(select(func.count()).select_from(usage_filtered)).scalar_one()
        - withdrawn.get(FILTERED, 0),
        waiting=states.get(WAITING, 0),
        parked=states.get(PARKED, 0),
        held=states.get(HELD, 0),
        withdrawn=sum(withdrawn.values()),
    )
