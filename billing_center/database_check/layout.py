"""The layout of the database: as declared, every month with its partition, history as it was counted."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, and_, exists, func, select

from billing_center.database_check.check import Found, Scope, rows_of
from billing_center.database_check.slices import months_with_rows
from billing_center.history.history_month import (
    HistoryMonth,
    MonthState,
    Totals,
    in_month,
    months_known,
    totals_of,
)
from schema.drift import drift
from schema.partitions import last_day, missing_partitions
from schema.tables.history import MOVES

_NOTHING_THERE = (MonthState.ASKED, MonthState.HOT, MonthState.DROPPED)
_UNDER_WAY = (MonthState.DROPPING,)
"""What history holds of such a month is not what its row says until the work is done."""


def find_drift(connection: Connection, scope: Scope, slice_: None) -> Iterator[Found]:
    """Tables, columns, types, indexes and keys against those that the program declares."""
    yield from drift(connection)


def find_missing_partitions(connection: Connection, scope: Scope, slice_: None) -> Iterator[Found]:
    """Months without a partition of their own; only PostgreSQL can miss one."""
    for one in missing_partitions(connection, today=scope.today, months_ahead=scope.months_ahead):
        yield f"{one.table} {one.month:%Y-%m}", f"{one}: run `billing-center job run make_partitions`"


def moved_tables(connection: Connection, scope: Scope) -> Iterator[Table]:
    """The tables whose months move."""
    yield from MOVES


def find_history(connection: Connection, scope: Scope, table: Table) -> Iterator[Found]:
    """What history holds of each month is what was counted, and no fact lies in both places."""
    history = MOVES[table]
    known = {one.month: one for one in months_known(connection) if one.table_name == table.name}
    for month, one in known.items():
        if one.state in _UNDER_WAY or (scope.since is not None and last_day(month) < scope.since):
            continue
        expected = Totals() if one.state in _NOTHING_THERE else one.totals
        found = totals_of(connection, history, in_month(history, month))
        if found != expected:
            what = f"{history.name} holds {found}; counted were {expected} ({one.state.value})"
            yield f"{table.name} {month:%Y-%m}", what
        yield from _in_both(connection, scope, table, one)
    for month in months_with_rows(connection, history):
        if month not in known:
            held = select(func.count()).select_from(history).where(in_month(history, month))
            rows = connection.execute(held).scalar_one()
            yield f"{table.name} {month:%Y-%m}", f"{history.name} holds {rows} rows of a month that never moved"


def _in_both(connection: Connection, scope: Scope, table: Table, one: HistoryMonth) -> Iterator[Found]:
    history, keys = MOVES[table], [column.name for column in table.primary_key]
    twin: Any = exists().where(and_(*(history.c[name] == table.c[name] for name in keys)))
    statement = select(*(table.c[name] for name in keys)).where(in_month(table, one.month), twin)
    for row in rows_of(connection, scope, statement.order_by(*(table.c[name] for name in keys))):
        told = ", ".join(f"{name} {value}" for name, value in zip(keys, row, strict=True))
        yield f"{table.name} ({told})", f"it lies in {table.name} and in {history.name}"
