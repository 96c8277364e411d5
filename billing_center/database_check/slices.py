"""How facts are cut so that no statement groups more than a bounded number of them: by day, by ranges of a key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select, true

from billing_center.database_check.check import Scope
from billing_center.history.history_month import MonthState, months_known
from schema.partitions import last_day, month_of
from schema.tables.charges import charge, usage_rollup
from schema.tables.history import charge_history, usage_event_history, usage_filtered_history
from schema.tables.invoices import invoice
from schema.tables.orders import payer
from schema.tables.usage import usage_event, usage_filtered

TOGETHER = 2000
"""Payers, or invoices, in one slice."""


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Keys from one (included) to another (not included); None is without an end."""

    first: str | None
    end: str | None

    def of(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """The rows whose column lies in the range."""
        bounds = [] if self.first is None else [column >= self.first]
        bounds += [] if self.end is None else [column < self.end]
        return and_(true(), *bounds)


def by_payer(connection: Connection, scope: Scope) -> Iterator[KeyRange]:
    """Ranges of payers. The first and the last are open, so that payers who do not exist are in one too."""
    return _ranges(connection, payer, "payer_id")


def by_invoice(connection: Connection, scope: Scope) -> Iterator[KeyRange]:
    """Ranges of invoices, open likewise."""
    return _ranges(connection, invoice, "invoice_id")


def _ranges(connection: Connection, table: Table, name: str) -> Iterator[KeyRange]:
    column, first = table.c[name], None
    while True:
        upward = select(column).order_by(column).offset(TOGETHER).limit(1)
        if first is not None:
            upward = upward.where(column >= first)
        end = connection.execute(upward).scalar_one_or_none()
        yield KeyRange(first, end)
        if end is None:
            return
        first = end


def by_day_of_use(connection: Connection, scope: Scope) -> Iterator[date]:
    """Days of uses, and of what was made of them."""
    tables = [usage_event, usage_event_history, usage_filtered, usage_filtered_history, charge, charge_history]
    return _days(connection, scope, tables)


def by_day_of_charge(connection: Connection, scope: Scope) -> Iterator[date]:
    """Days that were charged."""
    return _days(connection, scope, [charge, charge_history, usage_rollup])


def _days(connection: Connection, scope: Scope, tables: Sequence[Table]) -> Iterator[date]:
    """Each day that has rows, oldest first, but those of months whose facts were deleted by policy."""
    gone, last = months_gone(connection), None
    while True:
        days = [day for table in tables if (day := _next_day(connection, table, scope.since, last)) is not None]
        if not days:
            return
        last = min(days)
        if month_of(last) in gone:
            last = last_day(last)
        else:
            yield last


def _next_day(connection: Connection, table: Table, since: date | None, last: date | None) -> date | None:
    statement = select(func.min(table.c.day))
    if last is not None:
        statement = statement.where(table.c.day >= last + timedelta(days=1))
    elif since is not None:
        statement = statement.where(table.c.day >= since)
    found: date | None = connection.execute(statement).scalar_one()
    return found


def months_gone(connection: Connection) -> set[date]:
    """Months whose facts were deleted by policy, wholly or in part."""
    return {one.month for one in months_known(connection, MonthState.DROPPING, MonthState.DROPPED)}


def months_with_rows(connection: Connection, table: Table) -> Iterator[date]:
    """The months that the table holds any row of, oldest first."""
    last: date | None = None
    while (day := _next_day(connection, table, None, last)) is not None:
        yield month_of(day)
        last = last_day(day.replace(day=1))
