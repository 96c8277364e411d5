"""The charges of a line and the uses that they came from, read back from the tables."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, func, select

from billing_center.history.whole import charge
from billing_center.invoice.invoice import Invoice, InvoiceLine


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge as the table holds it: the growth of a meter, with all that explains it."""

    day: date
    payer_id: str
    cause: str
    cause_id: str
    component: str
    order_id: str
    product_id: str
    user_id: str
    currency: str
    quantity: Decimal
    amount: Decimal
    list_amount: Decimal
    meter_order_id: str
    meter_scope: str
    meter_component: str
    reading_before: Decimal
    reading_after: Decimal
    version_id: str
    promotion_id: str
    note: str
    period_start: date
    run_id: str
    rated_at: datetime


def charges_of(
    connection: Connection, invoice: Invoice, line: InvoiceLine, *, limit: int, skip: int
) -> list[ChargeRow]:
    """The charges that a line adds up, oldest first."""
    table = charge.c
    statement = (
        select(*(table[f.name] for f in fields(ChargeRow)))
        .where(*of_line(invoice, line))
        .order_by(table.day, table.cause, table.cause_id, table.component)
        .limit(limit)
        .offset(skip)
    )
    return [ChargeRow(*row) for row in connection.execute(statement)]


@dataclass(frozen=True, slots=True)
class ChargeGroup:
    """The charges of a line that share version, promotion, meter and note, added up."""

    version_id: str
    promotion_id: str
    component: str
    meter_order_id: str
    meter_scope: str
    meter_component: str
    note: str
    charges: int
    quantity: Decimal
    amount: Decimal
    list_amount: Decimal
    growth: Decimal  # of the meter, in base units
    lowest: Decimal  # reading before, in base units
    first_day: date
    last_day: date


def groups_of(connection: Connection, invoice: Invoice, line: InvoiceLine) -> list[ChargeGroup]:
    """All charges of a line by what they share, oldest first: one statement, however many there are."""
    table = charge.c
    keys = [
        table.version_id, table.promotion_id, table.component, table.meter_order_id, table.meter_scope,
        table.meter_component, table.note,
    ]  # fmt: skip
    statement = (
        select(
            *keys, func.count(), func.sum(table.quantity), func.sum(table.amount), func.sum(table.list_amount),
            func.sum(table.reading_after), func.sum(table.reading_before), func.min(table.reading_before),
            func.min(table.day), func.max(table.day),
        )
        .where(*of_line(invoice, line))
        .group_by(*keys)
        .order_by(func.min(table.day), table.meter_component, table.note, table.version_id)
    )  # fmt: skip
    rows = connection.execute(statement)
    return [ChargeGroup(*[*row[:11], row[11] - row[12], *row[13:]]) for row in rows]


def of_line(invoice: Invoice, line: InvoiceLine) -> tuple[ColumnElement[bool], ...]:
    """What chooses the charges of a line."""
    table = charge.c
    return (
        table.payer_id == invoice.payer_id,
        table.day < invoice.period_end,  # and late facts may lie as far back as they like
        table.period_start == invoice.period_start,
        table.order_id == line.order_id,
        table.product_id == line.product_id,
        table.currency == line.currency,
    )
