"""Usage events in the tables: claiming a batch of the queue, and what becomes of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, func, literal_column, select, true

from billing_center.bulk import claimed, delete_rows, insert_rows, rows_by_key
from billing_center.errors import Busy
from billing_center.history import whole
from billing_center.rating.quick import quick
from billing_center.usage.park import HELD, PARKED, WAITING, in_state
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


_queued = quick(QueuedUse)
_Place = tuple[int, datetime, str]
"""Shard, instant and event id: where a use stands in the queue."""
_REAL_TIME = usage_queue.c.real_time == literal_column("1")
"""Without a bound value: only so is the index known to hold them all, that holds nothing else."""
_FACTS = tuple(usage_event.c[field.name] for field in fields(QueuedUse) if field.name != "tries")


def claim_batch(
    connection: Connection,
    *,
    first_shard: int,
    last_shard: int,
    now: datetime,
    limit: int,
    real_time_only: bool = False,
    of_shard: int = 0,
) -> list[QueuedUse]:
    """Due uses, shard after shard, those first that have been due longest; returned in the order of their ids.

    So uses of one payer come together. With `of_shard` above `limit` a full batch goes on to the end of the shard
    that it came to, but takes no more than `of_shard` in all: whoever has uses there comes in one batch and not in
    four. On PostgreSQL uses that another worker holds are passed over.
    """
    queue = usage_queue.c
    due = select(queue.event_id, queue.day, queue.shard, queue.tries, queue.next_try_at).where(
        queue.shard.between(first_shard, last_shard), in_state(WAITING), queue.next_try_at <= now
    )
    if real_time_only:  # in the order of the index that holds them alone
        return _claim(connection, due.where(_REAL_TIME).order_by(queue.shard, queue.event_id).limit(limit))[0]
    due = due.order_by(queue.shard, queue.next_try_at, queue.event_id)
    uses, last = _claim(connection, due.limit(limit))
    if last is None or not len(uses) == limit < of_shard:
        return uses
    shard, at, event_id = last
    further = (queue.next_try_at > at) | (queue.event_id > event_id)
    of_this = due.where(queue.shard == shard, queue.next_try_at >= at, further)
    rest, _ = _claim(connection, of_this.limit(of_shard - limit))
    return sorted(uses + rest, key=attrgetter("event_id"))


def _claim(connection: Connection, places: Select[Any]) -> tuple[list[QueuedUse], _Place | None]:
    """The uses of these places of the queue, locked, in the order of their ids; and the last place."""
    if connection.dialect.name == "postgresql":
        return _with_facts(connection, claimed(places, connection))
    rows = connection.execute(claimed(places, connection)).all()
    if not rows:
        return [], None
    event = usage_event.c
    tries = {r.event_id: r.tries for r in rows}
    keys = [(r.event_id, r.day, r.shard) for r in rows]
    of_months = event.day.between(min(r.day for r in rows), max(r.day for r in rows))  # no others are looked into
    facts = select(*_FACTS, event.shard).where(of_months)
    found = rows_by_key(connection, facts, [event.event_id, event.day, event.shard], keys)
    return _in_order(found, tries), (rows[-1].shard, rows[-1].next_try_at, rows[-1].event_id)


def _with_facts(connection: Connection, places: Select[Any]) -> tuple[list[QueuedUse], _Place | None]:
    """The same in one statement; each use is found by its key, as `rows_by_key` does it.

    The driver's rows are taken as they are: what SQLAlchemy does with each value costs more than reading it.
    """
    event, place = usage_event.c, places.subquery("place")
    of_place = (event.event_id == place.c.event_id, event.day == place.c.day, event.shard == place.c.shard)
    found = select(*_FACTS).where(*of_place).correlate(place).offset(0).lateral("found")
    statement = select(*found.c, place.c.tries, place.c.shard, place.c.next_try_at)
    statement = statement.select_from(place.join(found, true()))
    cursor: Any = connection.execute(statement).cursor
    rows = sorted(cursor.fetchall(), key=itemgetter(0))
    uses = [
        _queued(
            event_id, day, caller, user_id, payer_id or "", product_id, started, ended,
            amount, quantity, unit or "", tries,
        )
        for event_id, day, caller, user_id, payer_id, product_id, started, ended, amount, quantity, unit, tries,
        _, _ in rows
    ]  # fmt: skip
    return uses, max(((*row[-2:], row[0]) for row in rows), default=None)


def queued_uses(
    connection: Connection, tries: Mapping[str, int], *, days: Collection[date] = ()
) -> list[QueuedUse]:
    """Uses of the queue with their facts, in the order of their ids; `tries` as the queue holds them, by id.

    With the days of the uses only their months are looked into.
    """
    event = usage_event.c
    events = select(*_FACTS)
    if days:
        events = events.where(event.day.between(min(days), max(days)))
    return _in_order(rows_by_key(connection, events, [event.event_id], tries), tries)


def _in_order(rows: Sequence[Row[Any]], tries: Mapping[str, int]) -> list[QueuedUse]:
    """The uses in the order of their ids, which is that of their arrival."""
    width = len(_FACTS)
    return [_queued(*(*row[:width], tries[row[0]])) for row in sorted(rows, key=itemgetter(0))]


def leave_queue(connection: Connection, event_ids: Sequence[str]) -> None:
    """Take rated and filtered uses out. Raises: Busy when another worker took one of them first."""
    if delete_rows(connection, usage_queue, event_ids) != len(event_ids):
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
    statement = select(func.count()).where(in_state(WAITING), queue.next_try_at <= now)
    if real_time_only:
        statement = statement.where(_REAL_TIME)
    return connection.execute(statement).scalar_one()


def parked_due_count(connection: Connection, now: datetime) -> int:
    """How many parked uses have waited long enough to be tried again."""
    queue = usage_queue.c
    statement = select(func.count()).where(in_state(PARKED), queue.next_try_at <= now)
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
    charge = whole.charge.c
    rated = select(func.count(func.distinct(charge.cause_id))).where(charge.cause == "use")
    taken = select(usage_withdrawal.c.found, func.count()).group_by(usage_withdrawal.c.found)
    withdrawn: dict[str, int] = {row[0]: row[1] for row in connection.execute(taken)}
    return UseCounts(
        accepted=connection.execute(select(func.count()).select_from(whole.usage_event)).scalar_one(),
        rated=connection.execute(rated).scalar_one() - withdrawn.get(RATED, 0),
        filtered=connection.execute(select(func.count()).select_from(whole.usage_filtered)).scalar_one()
        - withdrawn.get(FILTERED, 0),
        waiting=states.get(WAITING, 0),
        parked=states.get(PARKED, 0),
        held=states.get(HELD, 0),
        withdrawn=sum(withdrawn.values()),
    )
