"""What belongs to no single payer: invoice numbers without a gap, and queues that lead to uses."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from billing_center.ids import NONE
from billing_center.reconcile.difference import NOTHING, Difference, Rule
from schema.tables.invoices import invoice, number_series
from schema.tables.usage import usage_event, usage_filtered, usage_queue

AT_ONCE = 10_000
MOST = 100
"""Gaps named at most: one mistake may tear many."""


def compare_whole(connection: Connection) -> list[Difference]:
    """Number series, and rows of the queue and the filter that name no use."""
    found: list[Difference] = []
    of_invoices = select(number_series).where(number_series.c.series.startswith("invoice-"))
    for row in connection.execute(of_invoices.order_by(number_series.c.series)):
        year = row.series.rpartition("-")[2]
        found += _compare_series(connection, year, row.last_number)
    for table, place in ((usage_queue, "waits"), (usage_filtered, "is filtered")):
        missing = ~select(usage_event.c.event_id).where(usage_event.c.event_id == table.c.event_id).exists()
        statement = select(table.c.event_id).where(missing).order_by(table.c.event_id).limit(MOST)
        for event_id in connection.execute(statement).scalars():
            subject = f"use {event_id}"
            found.append(Difference(NONE, Rule.USE, subject, NOTHING, f"{place}, and no such use was accepted"))
    return found


def _compare_series(connection: Connection, year: str, last_number: int) -> list[Difference]:
    """Count first; only numbers that do not add up are walked one by one."""
    of_year = invoice.c.invoice_no.between(f"{year}-", f"{year}-999999999")
    statement = select(func.count(), func.max(invoice.c.invoice_no)).where(of_year)
    count, largest = connection.execute(statement).one()
    if (count, largest or _number(year, 0)) == (last_number, _number(year, last_number)):
        return []
    found: list[Difference] = []
    expected = 1
    for number in _numbers(connection, year):
        while len(found) < MOST and _number(year, expected) < number:
            subject = f"number {_number(year, expected)}"
            found.append(Difference(NONE, Rule.NUMBER, subject, "an invoice", NOTHING))
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


def _numbers(connection: Connection, year: str) -> Iterator[str]:
    """Every number of a year in order, in bounded portions."""
    after = f"{year}-"
    while True:
        statement = (
            select(invoice.c.invoice_no)
            .where(invoice.c.invoice_no > after, invoice.c.invoice_no <= f"{year}-999999999")
            .order_by(invoice.c.invoice_no)
            .limit(AT_ONCE)
        )
        numbers = list(connection.execute(statement).scalars())
        yield from numbers
        if len(numbers) < AT_ONCE:
            return
        after = numbers[-1]


def _number(year: str, number: int) -> str:
    return f"{year}-{number:09d}"
