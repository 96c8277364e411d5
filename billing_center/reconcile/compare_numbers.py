"""What belongs to no single payer: invoice numbers without a gap, and queues that lead to uses."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, func, select

from billing_center.history.whole import usage_event, usage_filtered
from billing_center.ids import NONE
from billing_center.reconcile.difference import NOTHING, Difference, Rule
from schema.tables.corrections import credit_note, usage_correction, usage_withdrawal
from schema.tables.invoices import invoice, number_series
from schema.tables.usage import usage_queue


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of documents, without a gap in a year: `2026-000000001`, `C2026-000000001`."""

    name: str
    letter: str
    document: str
    number: Column[str]


SERIES = (
    Series("invoice", "", "an invoice", invoice.c.invoice_no),
    Series("credit", "C", "a credit note", credit_note.c.credit_no),
)
AT_ONCE = 10_000
MOST = 100
"""Gaps named at most: one mistake may tear many."""


def compare_whole(connection: Connection) -> list[Difference]:
    """Number series, and rows that name a use or an invoice that is not there."""
    found: list[Difference] = []
    for series in SERIES:
        of_kind = select(number_series).where(number_series.c.series.startswith(f"{series.name}-"))
        for row in connection.execute(of_kind.order_by(number_series.c.series)):
            year = row.series.rpartition("-")[2]
            found += _compare_series(connection, series, f"{series.letter}{year}", row.last_number)
    for table, place in ((usage_queue, "waits"), (usage_filtered, "is filtered")):
        missing = ~select(usage_event.c.event_id).where(usage_event.c.event_id == table.c.event_id).exists()
        statement = select(table.c.event_id).where(missing).order_by(table.c.event_id).limit(MOST)
        for event_id in connection.execute(statement).scalars():
            subject = f"use {event_id}"
            found.append(Difference(NONE, Rule.USE, subject, NOTHING, f"{place}, and no such use was accepted"))
    return found + _compare_replaced(connection) + _compare_notes(connection)


def _compare_replaced(connection: Connection) -> list[Difference]:
    """A corrected use stands in the place of one that is withdrawn, and both were accepted."""
    table, gone = usage_correction.c, usage_withdrawal.c
    known = select(usage_event.c.event_id).where(usage_event.c.event_id == table.event_id).exists()
    withdrawn = select(gone.event_id).where(gone.event_id == table.corrects).exists()
    statement = select(table.event_id, table.corrects).where(~known | ~withdrawn).order_by(table.event_id)
    expected = "an accepted use, in the place of a withdrawn one"
    return [
        Difference(NONE, Rule.USE, f"use {row.event_id}", expected, f"in the place of {row.corrects}")
        for row in connection.execute(statement.limit(MOST))
    ]


def _compare_notes(connection: Connection) -> list[Difference]:
    """Credit notes whose invoice is not there: with their payers they would never be met."""
    missing = ~select(invoice.c.invoice_id).where(invoice.c.invoice_id == credit_note.c.invoice_id).exists()
    statement = select(credit_note).where(missing).order_by(credit_note.c.credit_no).limit(MOST)
    return [
        Difference(row.payer_id, Rule.CREDIT, f"credit note {row.credit_no}", f"invoice {row.invoice_id}", NOTHING)
        for row in connection.execute(statement)
    ]


def _compare_series(connection: Connection, series: Series, year: str, last_number: int) -> list[Difference]:
    """Count first; only numbers that do not add up are walked one by one."""
    of_year = series.number.between(f"{year}-", f"{year}-999999999")
    statement = select(func.count(), func.max(series.number)).where(of_year)
    count, largest = connection.execute(statement).one()
    if (count, largest or _number(year, 0)) == (last_number, _number(year, last_number)):
        return []
    found: list[Difference] = []
    expected = 1
    for number in _numbers(connection, series, year):
        while len(found) < MOST and _number(year, expected) < number:
            subject = f"number {_number(year, expected)}"
            found.append(Difference(NONE, Rule.NUMBER, subject, series.document, NOTHING))
            expected += 1
        if len(found) == MOST:
            return found
        expected += 1
    if expected - 1 != last_number:
        subject = f"last number of {year}"
        found.append(
            Difference(NONE, Rule.NUMBER, subject, _number(year, last_number), _number(year, expected - 1))
        )
    return found


def _numbers(connection: Connection, series: Series, year: str) -> Iterator[str]:
    """Every number of a year in order, in bounded portions."""
    after = f"{year}-"
    while True:
        statement = (
            select(series.number)
            .where(series.number > after, series.number <= f"{year}-999999999")
            .order_by(series.number)
            .limit(AT_ONCE)
        )
        numbers = list(connection.execute(statement).scalars())
        yield from numbers
        if len(numbers) < AT_ONCE:
            return
        after = numbers[-1]


def _number(year: str, number: int) -> str:
    return f"{year}-{number:09d}"
