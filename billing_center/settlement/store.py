"""Settlement notices in the tables, and the invoice that a notice is about."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from billing_center.bulk import insert_rows, lock_rows
from billing_center.center import UnitOfWork
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.store import header
from schema.tables.invoices import invoice, settlement_notice


@dataclass(frozen=True, slots=True)
class Notice:
    """One word of the account system about an invoice, and what it did."""

    notice_id: str
    at: datetime
    actor: str
    word: str
    outcome: str
    effect: str


def find_payer(connection: Connection, invoice_id: str) -> str | None:
    """Whose invoice it is; None when there is no such invoice."""
    statement = select(invoice.c.payer_id).where(invoice.c.invoice_id == invoice_id)
    return connection.execute(statement).scalar_one_or_none()


def locked_invoice(connection: Connection, invoice_id: str) -> Invoice:
    """The invoice without totals and lines, its row locked until the transaction ends. It must exist."""
    return header(lock_rows(connection, invoice, "invoice_id", [invoice_id])[0])


def keep_notice(work: UnitOfWork, about: Invoice, *, word: str, outcome: str, effect: str) -> None:
    """Keep a notice for ever."""
    row = {
        "notice_id": work.new_id(), "invoice_id": about.invoice_id, "payer_id": about.payer_id,
        "shard": about.shard, "at": work.at, "actor": work.actor[:64], "word": word.strip()[:64],
        "outcome": outcome, "effect": effect,
    }  # fmt: skip
    insert_rows(work.connection, settlement_notice, [row])


def notices_of(connection: Connection, invoice_id: str) -> list[Notice]:
    """Every notice about an invoice, in the order they came."""
    table = settlement_notice.c
    statement = select(*(table[name] for name in Notice.__dataclass_fields__))
    statement = statement.where(table.invoice_id == invoice_id).order_by(table.at, table.notice_id)
    return [Notice(*row) for row in connection.execute(statement)]
