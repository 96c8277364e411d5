"""Invoices in the tables: what is due, what is kept, what is read back. A chunk costs a few statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select, update

from billing_center.bulk import (
    BATCH,
    after_key,
    among,
    change,
    insert_missing,
    insert_tuples,
    lock_rows,
    put,
    rows_by_key,
)
from billing_center.errors import BillingError, Broken
from billing_center.ids import NONE
from billing_center.invoice.bill_sums import HEADER, LINE, MILLIONTHS, TOTAL, Bill
from billing_center.invoice.invoice import Invoice, InvoiceLine, InvoiceTotal, RunningSum, invoice_id_of
from billing_center.invoice.state import InvoiceState
from billing_center.period import ONE_DAY
from billing_center.rating.quick import quick
from schema.tables.charges import running_sum
from schema.tables.invoices import invoice, invoice_line, invoice_total, number_series
from schema.tables.jobs import job_failure
from schema.tables.orders import payer, payer_billing_day, service_order

_SUM_COLUMNS = [running_sum.c[f.name] for f in fields(RunningSum)]
_HEADER_COLUMNS = [invoice.c[name] for name in HEADER]
_LINE_NAMES = [f.name for f in fields(InvoiceLine)]
_LINE_COLUMNS = [invoice_line.c[name] for name in _LINE_NAMES]
_TOTAL_NAMES = [f.name for f in fields(InvoiceTotal)]
_TOTAL_COLUMNS = [invoice_total.c[name] for name in _TOTAL_NAMES]
_running_sum = quick(RunningSum)
_PAYER_AND_START = itemgetter(0, 1)
_PAYER, _START = HEADER.index("payer_id"), HEADER.index("period_start")


def payers_due(
    connection: Connection, *, first_shard: int, last_shard: int, on: date, after_payer: str, limit: int
) -> list[str]:
    """Payers of the shards with running sums of periods that ended by `on` and are on no invoice.

    In the order of shard and id, from after a payer of the first shard on; '' from its beginning.
    """
    table = running_sum.c
    statement = (
        select(table.shard, table.payer_id)
        .distinct()
        .where(table.shard.between(first_shard, last_shard), table.invoice_id.is_(None), table.period_end <= on)
        .order_by(table.shard, table.payer_id)
        .limit(limit)
    )
    if after_payer:
        statement = statement.where(
            after_key(connection, (table.shard, table.payer_id), (first_shard, after_payer))
        )
    return [row[1] for row in connection.execute(statement).all()]


def open_sums(
    connection: Connection, payer_ids: Sequence[str], *, before: date | None = None
) -> dict[str, dict[date, list[RunningSum]]]:
    """Running sums on no invoice of periods that began before the day, by payer and period, oldest first."""
    statement = select(*_SUM_COLUMNS).where(running_sum.c.invoice_id.is_(None))
    if before is not None:
        statement = statement.where(running_sum.c.period_start < before)
    rows = rows_by_key(connection, statement, [running_sum.c.payer_id], payer_ids)
    found: dict[str, dict[date, list[RunningSum]]] = {}
    for row in sorted(rows, key=_PAYER_AND_START):
        found.setdefault(row[0], {}).setdefault(row[1], []).append(_running_sum(*row))
    return found


def known_invoices(connection: Connection, invoice_ids: Iterable[str]) -> set[str]:
    """Those of the ids that are invoices already."""
    rows = rows_by_key(connection, select(invoice.c.invoice_id), [invoice.c.invoice_id], list(invoice_ids))
    return {row.invoice_id for row in rows}


def named_orders(connection: Connection, order_ids: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The order code of each order that exists, and the promotions of those that have any."""
    statement = select(service_order.c.order_id, service_order.c.order_code, service_order.c.promotion_id)
    rows = rows_by_key(connection, statement, [service_order.c.order_id], list(order_ids))
    codes = {row.order_id: row.order_code for row in rows}
    return codes, {row.order_id: row.promotion_id for row in rows if row.promotion_id != NONE}


def keep_bills(connection: Connection, bills: Collection[Bill]) -> None:
    """Insert invoices with their totals and lines, and tie the running sums to them.

    Every unbilled running sum of the payers' periods is tied: the payers' rows must be locked.
    """
    headers = [bill.header for bill in bills]
    totals = [total for bill in bills for total in bill.totals]
    lines = [line for bill in bills for line in bill.lines]
    for table, names, rows in (
        (invoice, HEADER, headers), (invoice_total, TOTAL, totals), (invoice_line, LINE, lines)
    ):  # fmt: skip
        insert_tuples(connection, table, names, rows, millionths=MILLIONTHS.intersection(names))
    _tie_sums(connection, headers)


def _tie_sums(connection: Connection, headers: Iterable[tuple[Any, ...]]) -> None:
    """An invoice's id follows from payer and period, so that one statement ties the sums of many."""
    by_start: dict[date, list[str]] = {}
    for header in headers:
        by_start.setdefault(header[_START], []).append(header[_PAYER])
    for start, payer_ids in sorted(by_start.items()):
        invoice_id = running_sum.c.payer_id.concat(invoice_id_of("", start))
        for at in range(0, len(payer_ids), BATCH):
            statement = (
                update(running_sum)
                .where(
                    among(connection, running_sum.c.payer_id, payer_ids[at : at + BATCH]),
                    running_sum.c.period_start == start,
                    running_sum.c.invoice_id.is_(None),
                )
                .values(invoice_id=invoice_id)
            )
            connection.execute(statement)


def close_periods(connection: Connection, closed_until: Mapping[str, date]) -> None:
    """Close, for each payer, every period that ended by the day; a later closing stands.

    The payers' rows must be locked. One statement per day and 500 payers.
    """
    by_day: dict[date, list[str]] = {}
    for payer_id, day in closed_until.items():
        by_day.setdefault(day, []).append(payer_id)
    for day, ids in sorted(by_day.items()):
        for at in range(0, len(ids), BATCH):
            chosen = among(connection, payer.c.payer_id, ids[at : at + BATCH])
            connection.execute(update(payer).where(chosen, payer.c.closed_until < day).values(closed_until=day))


def close_silent_periods(connection: Connection, *, first_shard: int, last_shard: int, on: date) -> None:
    """Close the periods that ended by `on` of payers that had nothing to bill, so that a late fact of such a
    period lands on their next invoice and not on one of its own, off the billing day.

    Payers whose charges of an ended period are not billed (their invoice failed) are left alone. Only payers
    whose billing day it is are touched, and those whose billing day has ever moved.
    """
    is_last_day = (on + ONE_DAY).month != on.month
    billing_days = range(on.day, 32) if is_last_day else [on.day]
    moved = select(payer_billing_day.c.payer_id).where(payer_billing_day.c.payer_id == payer.c.payer_id)
    unbilled = select(running_sum.c.payer_id).where(
        running_sum.c.payer_id == payer.c.payer_id,
        running_sum.c.invoice_id.is_(None),
        running_sum.c.period_end <= on,
    )
    statement = (
        update(payer)
        .where(
            payer.c.shard.between(first_shard, last_shard),
            payer.c.closed_until < on,
            payer.c.billing_day.in_(list(billing_days)) | moved.exists(),
            ~unbilled.exists(),
        )
        .values(closed_until=on)
    )
    connection.execute(statement)


def keep_failures(
    connection: Connection, run_id: str, failures: Iterable[tuple[str, BillingError]], at: datetime
) -> None:
    """Note why the payers could not be billed in this run; a second try in the same run replaces the reason."""
    rows = [
        {"run_id": run_id, "subject": subject, "at": at, "code": error.code.value, "message": error.message[:400]}
        for subject, error in failures
    ]
    put(connection, job_failure, rows, replace=["at", "code", "message"])


def read_invoices(connection: Connection, invoice_ids: Sequence[str]) -> list[Invoice]:
    """The invoices with totals and lines, in the order of the ids given; unknown ids are left out."""
    rows = rows_by_key(connection, select(*_HEADER_COLUMNS), [invoice.c.invoice_id], invoice_ids)
    headers = {row.invoice_id: row for row in rows}
    totals = _children(connection, select(invoice_total.c.invoice_id, *_TOTAL_COLUMNS), list(headers))
    lines = _children(connection, select(invoice_line.c.invoice_id, *_LINE_COLUMNS), list(headers))
    return [
        replace(
            header(headers[one]),
            totals=tuple(sorted((InvoiceTotal(*r) for r in totals.get(one, ())), key=lambda t: t.currency)),
            lines=tuple(sorted((InvoiceLine(*r) for r in lines.get(one, ())), key=lambda line: line.line_no)),
        )
        for one in invoice_ids
        if one in headers
    ]


def header(row: Row[Any]) -> Invoice:
    """An invoice without its totals and lines."""
    values = {name: getattr(row, name) for name in HEADER}
    values["state"] = InvoiceState(values["state"])
    return Invoice(**values)


def headers(statement: Select[Any], connection: Connection) -> list[Invoice]:
    """The invoices, without totals and lines, that a statement over the invoice table selects."""
    return [header(row) for row in connection.execute(statement.with_only_columns(*_HEADER_COLUMNS))]


def _children(connection: Connection, statement: Select[Any], ids: Sequence[str]) -> dict[str, list[Any]]:
    """The rows of a child table by the invoice id, which is their first column."""
    found: dict[str, list[Any]] = {}
    for row in rows_by_key(connection, statement, [statement.selected_columns[0]], ids):
        found.setdefault(row[0], []).append(row[1:])
    return found


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """An invoice that waits for its number."""

    payer_id: str
    period_start: date
    invoice_id: str
    billed_on: date


_unnumbered = quick(Unnumbered)


def unnumbered(
    connection: Connection,
    *,
    limit: int,
    after: tuple[str, date] | None = None,
    years: Collection[int] | None = None,
) -> list[Unnumbered]:
    """Invoices without a number in order of payer and period, the next ones after a payer and period.

    With `years` only those billed in one of them.
    """
    place = (invoice.c.payer_id, invoice.c.period_start)
    statement = select(*place, invoice.c.invoice_id, invoice.c.billed_on).where(invoice.c.invoice_no.is_(None))
    if after is not None:
        statement = statement.where(after_key(connection, place, after))
    if years is not None:
        ranges = [invoice.c.billed_on.between(date(year, 1, 1), date(year, 12, 31)) for year in years]
        statement = statement.where(or_(*ranges))
    rows = connection.execute(statement.order_by(*place).limit(limit)).all()
    return [_unnumbered(*row) for row in rows]


def last_numbers(connection: Connection) -> dict[str, int]:
    """The last number of each series as it is committed now."""
    return {row.series: row.last_number for row in connection.execute(select(number_series)).all()}


def lock_series(connection: Connection, series: Sequence[str]) -> dict[str, int]:
    """The last number of each series, locked until the transaction ends; a new series begins at 0."""
    known = last_numbers(connection)
    insert_missing(connection, number_series, [{"series": s, "last_number": 0} for s in series if s not in known])
    return {row.series: row.last_number for row in lock_rows(connection, number_series, "series", series)}


def set_numbers(connection: Connection, numbers: Mapping[str, str], last: Mapping[str, int]) -> None:
    """Give invoices their numbers and note the last number of each (locked) series.

    The invoices were read without a number under the lock of their series. Raises: Broken when one is gone.
    """
    rows = [{"invoice_id": one, "invoice_no": number} for one, number in numbers.items()]
    if change(connection, invoice, rows, replace=["invoice_no"]) != len(rows):
        raise Broken("an invoice that was to be numbered is gone")
    for series, number in last.items():
        connection.execute(
            update(number_series).where(number_series.c.series == series).values(last_number=number)
        )


def find_invoice_id(connection: Connection, id_or_number: str) -> str | None:
    """The id of the invoice with this id or number."""
    for column in (invoice.c.invoice_id, invoice.c.invoice_no):
        found = connection.execute(select(invoice.c.invoice_id).where(column == id_or_number)).scalar_one_or_none()
        if found is not None:
            return str(found)
    return None
