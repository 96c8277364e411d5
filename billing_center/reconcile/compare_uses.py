"""Where every accepted use is: in exactly one of rated, filtered, waiting, parked, held. Field problem 5.

A walk over the days of uses, apart from that over payers, because a use that waits may have no payer yet. What
is not rated is left out of the recomputation by name, and counted here.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from billing_center.history.whole import charge, usage_event, usage_filtered
from billing_center.ids import NONE, SHARDS
from billing_center.reconcile.difference import NOTHING, Difference, Rule
from schema.tables.corrections import usage_withdrawal
from schema.tables.usage import usage_queue

USES_FOR_EACH = 10
"""Uses that are looked at for each subject of a chunk: a use costs little beside a payer."""


@dataclass(slots=True)
class UsesLookedAt:
    """What a portion of uses showed; `last` names the last one, '' when no more are left."""

    last: str
    differences: list[Difference] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def look_at_uses(
    connection: Connection, *, first_shard: int, last_shard: int, after: str, limit: int
) -> UsesLookedAt:
    """The next `limit` uses of the days that these shards answer for, after `day:event`.

    Days are dealt out to the shards by their number, so that each is looked at by one task.
    """
    day_text, _, after_event = after.partition(":")
    day = date.fromisoformat(day_text) if day_text else None
    looked = UsesLookedAt("")
    for found in _days_from(connection, day):
        if not first_shard <= found.toordinal() % SHARDS <= last_shard:
            continue
        left = limit - looked.counts["uses"]
        events = _events(connection, found, after_event if found == day else "", left)
        _count(found, events, looked)
        if len(events) == left:
            looked.last = f"{found.isoformat()}:{events[-1].event_id}"
            break
    return looked


def _days_from(connection: Connection, day: date | None) -> Iterator[date]:
    """The days that have uses from a day on, each found by the index."""
    if day is not None:
        yield day
    while True:
        statement = select(func.min(usage_event.c.day))
        day = connection.execute(
            statement if day is None else statement.where(usage_event.c.day > day)
        ).scalar_one()
        if day is None:
            return
        yield day


def _events(connection: Connection, day: date, after: str, limit: int) -> list[Any]:
    """The next uses of a day with every place that each of them is in: one statement sees one moment."""
    event, queue = usage_event.c, usage_queue.c
    rated = select(charge.c.cause_id).distinct().where(charge.c.day == day, charge.c.cause == "use").subquery()
    statement = (
        select(
            event.event_id, event.payer_id, event.user_id, event.product_id, queue.state, queue.reason,
            usage_filtered.c.rule, rated.c.cause_id, usage_withdrawal.c.correction_id,
        )
        .outerjoin(usage_queue, queue.event_id == event.event_id)
        .outerjoin(usage_filtered, usage_filtered.c.event_id == event.event_id)
        .outerjoin(usage_withdrawal, usage_withdrawal.c.event_id == event.event_id)
        .outerjoin(rated, rated.c.cause_id == event.event_id)
        .where(event.day == day, event.event_id > after)
        .order_by(event.event_id)
        .limit(limit)
    )  # fmt: skip
    return list(connection.execute(statement))


def _count(day: date, events: list[Any], looked: UsesLookedAt) -> None:
    for use in events:
        places = [] if use.correction_id is None else ["withdrawn"]
        if not places:  # what was rated or filtered before it was withdrawn counts as withdrawn alone
            places += [] if use.cause_id is None else ["rated"]
            places += [] if not use.rule else [f"filtered {use.rule}"]
        places += [] if use.state is None else [f"{use.state.lower()} {use.reason}".strip()]
        looked.counts["uses"] += 1
        if len(places) == 1:
            if places != ["rated"]:
                looked.counts[f"left out: {places[0]}"] += 1
            continue
        detail = f"by {use.user_id} on {day}, product {use.product_id}"
        text = " and ".join(places) or NOTHING
        looked.differences.append(
            Difference(
                use.payer_id or NONE, Rule.USE, f"use {use.event_id}",
                "one of rated, filtered, waiting, parked, held, withdrawn", text, detail,
            )
        )  # fmt: skip
