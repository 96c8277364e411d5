"""Uses that cannot be rated now: parked with a reason, tried again with growing waits, then held for a person.

A parked use is never lost and never blocks another. Design: billing rules, "A use, from collection to charge".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, case, literal_column, select, update

from billing_center.audit.write_entry import write_entry
from billing_center.bulk import BATCH, among, change
from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange
from schema.tables.usage import usage_event, usage_queue

log = structlog.get_logger()

WAITING, PARKED, HELD = "WAITING", "PARKED", "HELD"


def in_state(state: str) -> ColumnElement[bool]:
    """The use of the queue is in this state. Without a bound value: only so is an index known to hold them all,
    that holds no others."""
    return usage_queue.c.state == literal_column(f"'{state}'")


@dataclass(frozen=True, slots=True)
class Parking:
    """Why one event waits: a result code and one sentence."""

    event_id: str
    tries: int  # before this one
    reason: str
    detail: str


def park(work: UnitOfWork, parkings: Sequence[Parking]) -> None:
    """Let the events wait: the wait doubles with each try, and after the last one a person must look."""
    settings, rows = work.settings, []
    for parking in parkings:
        wait = min(settings.park_first_wait_s << min(parking.tries, 30), settings.park_longest_wait_s)
        held = parking.tries + 1 >= settings.park_tries
        rows.append({
            "event_id": parking.event_id, "state": HELD if held else PARKED, "tries": parking.tries + 1,
            "next_try_at": work.at + timedelta(seconds=wait), "reason": parking.reason,
            "detail": parking.detail[:400],
        })  # fmt: skip
        log.warning(
            "usage_parked", event_id=parking.event_id, reason=parking.reason, tries=parking.tries + 1, held=held
        )
    change(work.connection, usage_queue, rows, replace=["state", "tries", "next_try_at", "reason", "detail"])


def release_due(work: UnitOfWork, *, first_shard: int, last_shard: int, limit: int) -> int:
    """Put parked uses whose wait is over back into the queue; returns how many."""
    queue = usage_queue.c
    due = (
        select(queue.event_id)
        .where(queue.shard.between(first_shard, last_shard), in_state(PARKED), queue.next_try_at <= work.at)
        .order_by(queue.event_id)
        .limit(limit)
    )
    ids = list(work.connection.execute(due).scalars())
    return _to_waiting(work, ids)


def wake_parked(work: UnitOfWork, *, product_id: str, reason: str) -> None:
    """What these uses waited for has come, also those held for a person: put them back into the queue now."""
    queue = usage_queue.c
    of_product = select(usage_event.c.event_id).where(
        usage_event.c.event_id == queue.event_id,
        usage_event.c.day == queue.day,
        usage_event.c.product_id == product_id,
    )
    statement = (
        update(usage_queue)
        .where(queue.state.in_([PARKED, HELD]), queue.reason == reason, of_product.exists())
        .values(state=WAITING, next_try_at=work.at, tries=0)
    )
    work.connection.execute(statement)


def release(work: UnitOfWork, event_ids: Sequence[str]) -> int:
    """A person has mended the cause: try these uses again from the first wait on. Returns how many waited.

    Raises: OutOfRange when one of them waits for nothing.
    """
    queue = usage_queue.c
    found = select(queue.event_id).where(queue.event_id.in_(list(event_ids)), queue.state.in_([PARKED, HELD]))
    known = list(work.connection.execute(found).scalars())
    missing = sorted(set(event_ids) - set(known))
    if missing:
        raise OutOfRange(f"no parked use has the id {missing[0]}", field="event_id")
    for event_id in known:
        write_entry(work, "usage_released", event_id, {})
    return _to_waiting(work, known)


def _to_waiting(work: UnitOfWork, event_ids: Sequence[str]) -> int:
    for at in range(0, len(event_ids), BATCH):
        statement = (
            update(usage_queue)
            .where(among(work.connection, usage_queue.c.event_id, event_ids[at : at + BATCH]))
            .values(
                state=WAITING,
                next_try_at=work.at,
                tries=case((usage_queue.c.state == HELD, 0), else_=usage_queue.c.tries),
            )
        )
        work.connection.execute(statement)
    return len(event_ids)


@dataclass(frozen=True, slots=True)
class ParkedUse:
    """A use that waits, as an operator sees it."""

    event_id: str
    state: str
    reason: str
    detail: str
    tries: int
    next_try_at: datetime
    product_id: str
    user_id: str
    payer_id: str
    started_at: datetime


def parked_uses(work: UnitOfWork, *, limit: int = 100, after: str = "") -> list[ParkedUse]:
    """The uses that wait, oldest first, from the id `after` on."""
    queue, event = usage_queue.c, usage_event.c
    statement = (
        select(
            queue.event_id, queue.state, queue.reason, queue.detail, queue.tries, queue.next_try_at,
            event.product_id, event.user_id, event.payer_id, event.started_at,
        )
        .join(usage_event, (event.event_id == queue.event_id) & (event.day == queue.day))
        .where(queue.state.in_([PARKED, HELD]), queue.event_id > after)
        .order_by(queue.event_id)
        .limit(limit)
    )  # fmt: skip
    return [ParkedUse(**row) for row in work.connection.execute(statement).mappings()]
