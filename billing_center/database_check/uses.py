"""Every collected use is in exactly one place: queued, filtered, charged, or taken out of the queue for good."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, or_, select, union_all

from billing_center.database_check.check import Found, Scope, rows_of
from billing_center.history import whole
from billing_center.rating.facts import OF_USE, Cause
from billing_center.usage.store import FILTERED, RATED
from schema.tables.corrections import usage_withdrawal
from schema.tables.usage import usage_queue

_PLACES = {"queued": "in the queue", "filtered": "filtered", "charged": "charged", "withdrawn": "withdrawn"}


def find_uses(connection: Connection, scope: Scope, day: date) -> Iterator[Found]:
    """The uses of a day. One that was withdrawn when it was charged or filtered stays there."""
    rows = union_all(*_places(day)).subquery("rows_")
    places = {name: func.sum(rows.c[name]).label(name) for name in _PLACES}
    collected = func.sum(rows.c.collected).label("collected")
    statement = (
        select(rows.c.event_id, collected, *places.values())
        .group_by(rows.c.event_id)
        .having(or_(collected != 1, sum(places.values(), start=literal(0)) != 1))
        .order_by(rows.c.event_id)
    )
    for row in rows_of(connection, scope, statement):
        there = [word for name, word in _PLACES.items() for _ in range(int(getattr(row, name)))]
        where = " and ".join(there) or "nowhere: neither in the queue nor filtered nor charged"
        yield f"use {row.event_id} of {day}", where if row.collected else f"{where}, but it was never collected"


def _places(day: date) -> Iterator[Select[Any]]:
    """Who is where, one row each; charges that only correct a use are no place, but need the use."""
    event, filtered, made = whole.usage_event.c, whole.usage_filtered.c, whole.charge.c
    of_day = select(event.event_id).where(event.day == day)
    queue, gone = usage_queue.c, usage_withdrawal.c
    yield _place(event.event_id, "collected").where(event.day == day)
    yield _place(queue.event_id, "queued").where(queue.event_id.in_(of_day))
    yield _place(filtered.event_id, "filtered").where(filtered.day == day)
    charged = case((func.max(case((made.cause == Cause.USE.value, 1), else_=0)) == 1, 1), else_=0)
    causes = sorted(cause.value for cause in OF_USE)
    yield (
        _place(made.cause_id, "charged", charged)
        .where(made.day == day, made.cause.in_(causes))
        .group_by(made.cause_id)
    )
    left = gone.found.not_in([RATED, FILTERED])
    yield _place(gone.event_id, "withdrawn").where(left, gone.event_id.in_(of_day))


def _place(event_id: ColumnElement[Any], name: str, count: ColumnElement[Any] | None = None) -> Select[Any]:
    one = literal(1) if count is None else count
    counts = [(one if each == name else literal(0)).label(each) for each in ("collected", *_PLACES)]
    return select(event_id.label("event_id"), *counts)
