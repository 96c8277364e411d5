"""A month of one table of facts on its way into history, back, or out; and what is known of it in the tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Table, func, select

from billing_center.bulk import put
from billing_center.center import UnitOfWork
from schema.partitions import last_day
from schema.tables.charges import running_sum
from schema.tables.history import MOVES, history_month
from schema.tables.usage import usage_queue


class MonthState(StrEnum):
    """Where a month of a table stands. One that has no row has never left its table."""

    ASKED = "ASKED"  # a person wants it in history, however young it is
    MOVING = "MOVING"  # on its way; the rest is still in its table
    MOVED = "MOVED"  # in history, counted and added up
    RESTORING = "RESTORING"  # on its way back
    HOT = "HOT"  # back in its table until a person moves it again
    DROPPING = "DROPPING"  # kept long enough: being deleted
    DROPPED = "DROPPED"  # deleted; count and sums say what there was


UNFINISHED = (MonthState.RESTORING, MonthState.MOVING, MonthState.DROPPING)


@dataclass(frozen=True, slots=True)
class Totals:
    """What rows come to: their number, and their sums (0 where the table has no such column)."""

    row_count: int = 0
    quantity: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(self.row_count + other.row_count, self.quantity + other.quantity, self.amount + other.amount)

    def __neg__(self) -> "Totals":
        return Totals(-self.row_count, -self.quantity, -self.amount)

    def __str__(self) -> str:
        return f"{self.row_count} rows, quantity {self.quantity:f}, amount {self.amount:f}"


@dataclass(frozen=True, slots=True)
class HistoryMonth:
    """A month of a table: its state, and what is in history of it (when dropped: what was)."""

    month: date
    table_name: str
    state: MonthState
    totals: Totals
    changed_at: datetime
    actor: str


def in_month(table: Table, month: date) -> ColumnElement[bool]:
    """The rows of the month."""
    return table.c.day.between(month, last_day(month))


def totals_of(connection: Connection, table: Table, *where: ColumnElement[bool]) -> Totals:
    """Count and sums of rows."""
    names = [name for name in ("quantity", "amount") if name in table.c]
    statement = select(func.count(), *(func.sum(table.c[name]) for name in names)).select_from(table)
    count, *sums = connection.execute(statement.where(*where)).one()
    return Totals(count, **{name: total or Decimal(0) for name, total in zip(names, sums, strict=True)})


def months_known(connection: Connection, *states: MonthState) -> list[HistoryMonth]:
    """The months that have left their tables at any time, oldest first; only those in the states, when named."""
    table = history_month.c
    statement = select(history_month).order_by(table.month, table.table_name)
    if states:
        statement = statement.where(table.state.in_([state.value for state in states]))
    return [
        HistoryMonth(
            row.month, row.table_name, MonthState(row.state), Totals(row.row_count, row.quantity, row.amount),
            row.changed_at, row.actor,
        )
        for row in connection.execute(statement)
    ]  # fmt: skip


def of_month(connection: Connection, month: date) -> dict[str, HistoryMonth]:
    """What is known of a month, by table."""
    return {one.table_name: one for one in months_known(connection) if one.month == month}


def note(work: UnitOfWork, month: date, states: Iterable[tuple[Table, MonthState, Totals]]) -> None:
    """Keep the new states of a month's tables."""
    rows = [
        {"month": month, "table_name": table.name, "state": state.value, "row_count": totals.row_count,
         "quantity": totals.quantity, "amount": totals.amount, "changed_at": work.at, "actor": work.actor[:64]}
        for table, state, totals in states
    ]  # fmt: skip
    kept = ["state", "row_count", "quantity", "amount", "changed_at", "actor"]
    put(work.connection, history_month, rows, replace=kept)


def note_all(work: UnitOfWork, month: date, state: MonthState) -> None:
    """The same state for every table of a month; what is known of them stays."""
    known = of_month(work.connection, month)
    note(work, month, [(t, state, known[t.name].totals if t.name in known else Totals()) for t in MOVES])


def why_open(connection: Connection, month: date) -> str:
    """Why the month is not closed: a use of it waits, or a period that it lies in is not invoiced; else ''."""
    waiting = select(usage_queue.c.event_id).where(in_month(usage_queue, month)).limit(1)
    if connection.execute(waiting).first() is not None:
        return f"uses of {month:%Y-%m} wait to be rated"
    table = running_sum.c
    unbilled = (
        select(table.payer_id)
        .where(table.invoice_id.is_(None), table.period_start <= last_day(month), table.period_end > month)
        .limit(1)
    )
    payer_id = connection.execute(unbilled).scalar_one_or_none()
    return "" if payer_id is None else f"payer {payer_id} is not invoiced yet for a period of {month:%Y-%m}"
