"""The charges of a line and the uses that they came from, read back from the tables."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from billing_center.bulk import rows_by_key
from billing_center.invoice.invoice import Invoice, InvoiceLine
from schema.tables.charges import charge
from schema.tables.usage import usage_event


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


@dataclass(frozen=True, slots=True)
class UseRow:
    """A usage event as it was collected."""

    event_id: str
    day: date
    caller: str
    guid: str
    user_id: str
    user_name: str
    payer_id: str
    product_id: str
    product_name: str
    started_at: datetime
    ended_at: datetime
    amount: Decimal | None
    quantity: Decimal | None
    unit: str
    received_at: datetime


def charges_of(
    connection: Connection, invoice: Invoice, line: InvoiceLine, *, limit: int, skip: int
) -> list[ChargeRow]:
    """The charges that a line adds up, oldest first."""
    table = charge.c
    statement = (
        select(*(table[f.name] for f in fields(ChargeRow)))
        .where(
            table.payer_id == invoice.payer_id,
            table.period_start == invoice.period_start,
            table.order_id == line.order_id,
            table.product_id == line.product_id,
            table.currency == line.currency,
        )
        .order_by(table.day, table.cause, table.cause_id, table.component)
        .limit(limit)
        .offset(skip)
    )
    return [ChargeRow(*row) for row in connection.execute(statement)]


def uses_of(connection: Connection, event_ids: Sequence[str]) -> dict[str, UseRow]:
    """The usage events by id."""
    statement = select(*(usage_event.c[f.name] for f in fields(UseRow)))
    rows = rows_by_key(connection, statement, [usage_event.c.event_id], event_ids)
    return {row.event_id: UseRow(*row) for row in rows}
