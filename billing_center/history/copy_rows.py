"""Rows from one table to its twin, a bounded number in each transaction, none lost and none doubled.

Where the database cannot hand over whole months (SQLite, Oracle without its DBA), and for the few late facts of a
month that has moved. A chunk is the first rows of the month by day and key: copied, counted, added up on both
sides, and only then deleted. Whoever reads both tables sees each row exactly once at every moment.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, or_, select

from billing_center.errors import Broken, Busy
from billing_center.history.history_month import Totals, in_month, totals_of


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring rows of a table in the order of day and key, from the first to the last, both included."""

    first: tuple[Any, ...]
    last: tuple[Any, ...]

    def of(self, table: Table) -> ColumnElement[bool]:
        """The rows of this table, or of its twin, that lie in the span."""
        days = table.c.day.between(self.first[0], self.last[0])
        keys = _keys(table)
        return and_(days, _within(keys, self.first, after=True), _within(keys, self.last, after=False))


def _keys(table: Table) -> list[Any]:
    return [table.c.day, *(column for column in table.primary_key if column.name != "day")]


def _within(keys: list[Any], bound: tuple[Any, ...], *, after: bool) -> ColumnElement[bool]:
    """(k1, k2, ..) >= bound, or <= it, spelled out: Oracle compares no tuples."""
    *before, (column, value) = zip(keys, bound, strict=True)
    condition: ColumnElement[bool] = column >= value if after else column <= value
    for column, value in reversed(before):
        condition = or_(column > value if after else column < value, and_(column == value, condition))
    return condition


def first_span(connection: Connection, table: Table, month: date, limit: int) -> Span | None:
    """The first `limit` rows of the month, or as many as there are; None when there are none."""
    keys = _keys(table)
    rows = select(*keys).where(in_month(table, month))
    upward = rows.order_by(*keys).limit(1)
    first = connection.execute(upward).one_or_none()
    if first is None:
        return None
    last = connection.execute(upward.offset(limit - 1)).one_or_none()
    if last is None:
        last = connection.execute(rows.order_by(*(key.desc() for key in keys)).limit(1)).one()
    return Span(tuple(first), tuple(last))


def move_rows(connection: Connection, source: Table, target: Table, month: date, *, limit: int) -> Totals:
    """Move up to `limit` rows of the month to the twin; returns what they come to, which is 0 rows at the end.

    Raises: Busy when a row came into their midst meanwhile; Broken when the copies are not what was copied.
    """
    span = first_span(connection, source, month, limit)
    if span is None:
        return Totals()
    chosen, arriving = span.of(source), span.of(target)
    totals, before = totals_of(connection, source, chosen), totals_of(connection, target, arriving)
    names = [column.name for column in source.columns]
    connection.execute(insert(target).from_select(names, select(source).where(chosen)))
    copied = totals_of(connection, target, arriving) + -before
    if copied.row_count != totals.row_count:
        raise Busy(f"a row of {month:%Y-%m} came into {source.name} meanwhile")
    if copied != totals:
        raise Broken(f"{source.name} of {month:%Y-%m}: {totals} became {copied}")
    if connection.execute(delete(source).where(chosen)).rowcount != totals.row_count:
        raise Busy(f"a row of {month:%Y-%m} came into {source.name} meanwhile")
    return totals
