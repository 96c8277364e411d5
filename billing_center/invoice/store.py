"""Invoices in the tables: what is due, what is kept, what is read back. A chunk costs a few statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, or_, select, update

from billing_center.bulk import BATCH, insert_missing, insert_rows, lock_rows, put, rows_by_key
from billing_center.errors import BillingError, Broken
from billing_center.ids import NONE
from billing_center.invoice.invoice import Invoice, InvoiceLine, InvoiceTotal, RunningSum
from billing_center.invoice.state import InvoiceState
from billing_center.period import ONE_DAY
from schema.tables.charges import running_sum
from schema.tables.invoices import invoice, invoice_line, invoice_total, number_series
from schema.tables.jobs import job_failure
from schema.tables.orders import payer, payer_billing_day, service_order

_SUM_COLUMNS = [running_sum.c[f.name] for f in fields(RunningSum)]
_HEADER_NAMES = [f.name for f in fields(Invoice) if f.name not in ("totals", "lines")]
_HEADER_COLUMNS = [invoice.c[name] for name in _HEADER_NAMES]
_LINE_COLUMNS = [invoice_line.c[f.name] for f in fields(InvoiceLine)]
_TOTAL_COLUMNS = [invoice_total.c[f.name] for f in fields(InvoiceTotal)]


def payers_due(
    connection: Connection, *, first_shard: int, last_shard: int, on: date, after_payer: str, limit: int
) -> list[str]:
    """Payers of the shards with running sums of periods that ended by `on` and are on no invoice, in id order."""
    table = running_sum.c
    statement = (
        select(table.payer_id)
        .distinct()
        .where(
            table.shard.between(first_shard, last_shard),
            table.invoice_id.is_(None),
            table.period_end <= on,
            table.payer_id > after_payer,
        )
        .order_by(table.payer_id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def open_sums(
    connection: Connection, payer_ids: Sequence[str], *, before: date | None = None
) -> dict[str, dict[date, list[RunningSum]]]:
    """Running sums on no invoice of periods that began before the day, by payer and period, oldest first."""
    statement = select(*_SUM_COLUMNS).where(running_sum.c.invoice_id.is_(None))
    if before is not None:
        statement = statement.where(running_sum.c.period_start < before)
    rows = rows_by_key(connection, statement, [running_sum.c.payer_id], payer_ids)
    found: dict[str, dict[date, list[RunningSum]]] = {}
    for row in sorted((RunningSum(*row) for row in rows), key=lambda row: (row.payer_id, row.period_start)):
        found.setdefault(row.payer_id, {}).setdefault(row.period_start, []).append(row)
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


def keep_invoices(connection: Connection, made: Sequence[Invoice]) -> None:
    """Insert invoices with their totals and lines, and tie the running sums to them.

    Every unbilled running sum of the payers' periods is tied: the payers' rows must be locked.
    """
    headers, totals, lines = [], [], []
    for one in made:
        headers.append({name: getattr(one, name) for name in _HEADER_NAMES})
        key = {"invoice_id": one.invoice_id}
        totals += [key | asdict(total) for total in one.totals]
        owner = key | {"payer_id": one.payer_id, "shard": one.shard}
        lines += [owner | asdict(line) for line in one.lines]
    insert_rows(connection, invoice, headers)
    insert_rows(connection, invoice_total, totals)
    insert_rows(connection, invoice_line, lines)
    _tie_sums(connection, sorted({one.payer_id for one in made}))


def _tie_sums(connection: Connection, payer_ids: Sequence[str]) -> None:
    of_sum = (
        select(invoice.c.invoice_id)
        .where(invoice.c.payer_id == running_sum.c.payer_id, invoice.c.period_start == running_sum.c.period_start)
        .correlate(running_sum)
    )
    for at in range(0, len(payer_ids), BATCH):
        statement = (
            update(running_sum)
            .where(
                running_sum.c.payer_id.in_(payer_ids[at : at + BATCH]),
                running_sum.c.invoice_id.is_(None),
                exists(of_sum),
            )
            .values(invoice_id=of_sum.scalar_subquery())
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
            chosen = payer.c.payer_id.in_(ids[at : at + BATCH])
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
    values = {name: getattr(row, name) for name in _HEADER_NAMES}
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


def unnumbered(connection: Connection, *, limit: int, years: Collection[int] | None = None) -> list[Invoice]:
    """Invoices without a number in order of payer and period, without totals and lines.

    With `years` only those billed in one of them.
    """
    statement = select(invoice).where(invoice.c.invoice_no.is_(None))
    if years is not None:
        ranges = [invoice.c.billed_on.between(date(year, 1, 1), date(year, 12, 31)) for year in years]
        statement = statement.where(or_(*ranges))
    statement = statement.order_by(invoice.c.payer_id, invoice.c.period_start).limit(limit)
    return headers(statement, connection)


def lock_series(connection: Connection, series: Sequence[str]) -> dict[str, int]:
    """The last number of each series, locked until the transaction ends; a new series begins at 0."""
    known = set(connection.execute(select(number_series.c.series)).scalars())
    insert_missing(connection, number_series, [{"series": s, "last_number": 0} for s in series if s not in known])
    return {row.series: row.last_number for row in lock_rows(connection, number_series, "series", series)}


def set_numbers(connection: Connection, numbers: Mapping[str, str], last: Mapping[str, int]) -> None:
    """Give invoices their numbers and note the last number of each (locked) series.

    Raises: Broken when an invoice has a number already: two runs numbered at once in spite of the lock.
    """
    statement = (
        update(invoice)
        .where(invoice.c.invoice_id == bindparam("one"), invoice.c.invoice_no.is_(None))
        .values(invoice_no=bindparam("number"))
    )
    rows = [{"one": one, "number": number} for one, number in numbers.items()]
    if rows and connection.execute(statement, rows).rowcount != len(rows):
        raise Broken("an invoice was numbered twice")
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
