"""Numbers of invoices and credit notes: each year from 1 to what the series says, without gaps."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Integer, cast, func, select

from billing_center.database_check.check import Found, Scope, rows_of
from schema.tables.corrections import credit_note
from schema.tables.invoices import invoice, number_series

SERIES: dict[str, tuple[Column[Any], str]] = {
    "invoice": (invoice.c.invoice_no, ""),
    "credit": (credit_note.c.credit_no, "C"),
}
"""What is numbered `2026-000000123`, and what stands before the year."""


def find_numbers(connection: Connection, scope: Scope, kind: str) -> Iterator[Found]:
    """Gaps of one kind of document, and series that say something else than the numbers."""
    column, mark = SERIES[kind]
    year = func.substr(column, 1 + len(mark), 4)
    number = cast(func.substr(column, 6 + len(mark)), Integer)
    numbered = select(year.label("year"), func.max(number).label("last")).where(column.is_not(None)).group_by(year)
    last = {row.year: row.last for row in connection.execute(numbered)}
    table = number_series.c
    said = select(table.series, table.last_number).where(table.series.like(f"{kind}-%"))
    series = {row.series.removeprefix(f"{kind}-"): row.last_number for row in connection.execute(said)}
    for each in sorted({*last, *series}):
        if scope.since is not None and int(each) < scope.since.year:
            continue
        if last.get(each, 0) != series.get(each, 0):
            what = f"the series says {series.get(each, 0)}, the last number is {last.get(each, 0)}"
            yield f"{kind} numbers of {each}", what
        before = func.lag(number, 1, 0).over(order_by=number).label("before")
        of_year = select(number.label("number"), before).where(column.like(f"{mark}{each}-%")).subquery()
        gaps = select(of_year).where(of_year.c.number - of_year.c.before > 1).order_by(of_year.c.number)
        for row in rows_of(connection, scope, gaps):
            yield f"{kind} numbers of {each}", f"{row.before + 1} to {row.number - 1} are missing"
