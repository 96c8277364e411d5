"""Each payer's last invoice, as what the next one is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, func, select

from billing_center.bulk import rows_by_key
from billing_center.invoice.invoice import Invoice, invoice_id_of
from billing_center.invoice.store import read_invoices
from schema.tables.invoices import invoice


@dataclass(frozen=True, slots=True)
class LastInvoice:
    """What an invoice came to: in the base currency, and for each product and currency. Money."""

    payer_id: str
    period_end: date
    base_currency: str
    base_amount: Decimal
    products: Mapping[tuple[str, str], Decimal]

    @classmethod
    def of(cls, one: Invoice) -> "LastInvoice":
        """An invoice, or a draft."""
        products: dict[tuple[str, str], Decimal] = {}
        for line in one.lines:
            key = (line.product_id, line.currency)
            products[key] = products.get(key, Decimal(0)) + line.amount
        return cls(one.payer_id, one.period_end, one.base_currency, one.base_amount, products)


def last_invoices(connection: Connection, payer_ids: Sequence[str]) -> dict[str, LastInvoice]:
    """The invoice of the latest period of each payer that has one."""
    newest = select(invoice.c.payer_id, func.max(invoice.c.period_start)).group_by(invoice.c.payer_id)
    rows = rows_by_key(connection, newest, [invoice.c.payer_id], payer_ids)
    ids = [invoice_id_of(payer_id, period_start) for payer_id, period_start in rows]
    return {one.payer_id: LastInvoice.of(one) for one in read_invoices(connection, ids)}


def payers_invoiced(connection: Connection, *, after: str, limit: int) -> list[str]:
    """Payers with an invoice, in id order."""
    statement = select(invoice.c.payer_id).distinct().where(invoice.c.payer_id > after)
    return list(connection.execute(statement.order_by(invoice.c.payer_id).limit(limit)).scalars())
