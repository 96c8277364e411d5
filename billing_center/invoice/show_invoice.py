"""What an operator asks of invoices: one with everything that happened to it, and lists of them.

Design: billing rules, "What an invoice must be able to say".
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from billing_center.correction.credit_notes import CreditNote, notes_of
from billing_center.errors import ResultCode, Unknown
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.state import InvoiceState
from billing_center.invoice.store import find_invoice_id, headers, read_invoices
from billing_center.outbox.message import MessageKind
from billing_center.outbox.store import SentMessage, messages_of
from billing_center.settlement.store import Notice, notices_of
from schema.tables.invoices import invoice


@dataclass(frozen=True, slots=True)
class InvoiceShown:
    """An invoice with lines and totals, its deduction with every try, and what the account system said."""

    invoice: Invoice
    deduction: SentMessage | None  # None before it is numbered, and for invoices that are not sent
    notices: tuple[Notice, ...]
    credit_notes: tuple[CreditNote, ...] = ()


def show_invoice(connection: Connection, id_or_number: str) -> InvoiceShown:
    """The invoice with this id or number. Raises: Unknown (UNKNOWN_INVOICE)."""
    found = find_invoice(connection, id_or_number)
    deductions = messages_of(connection, found.invoice_id, MessageKind.DEDUCTION)
    notices = notices_of(connection, found.invoice_id)
    return InvoiceShown(
        found, deductions[0] if deductions else None, tuple(notices), notes_of(connection, found.invoice_id)
    )


def find_invoice(connection: Connection, id_or_number: str) -> Invoice:
    """The invoice with its totals and lines. Raises: Unknown (UNKNOWN_INVOICE)."""
    invoice_id = find_invoice_id(connection, id_or_number)
    if invoice_id is None:
        message = f"no invoice has the id or number {id_or_number!r}"
        raise Unknown(message, code=ResultCode.UNKNOWN_INVOICE, field="invoiceId", invoice_id=id_or_number)
    return read_invoices(connection, [invoice_id])[0]


def list_invoices(
    connection: Connection,
    *,
    payer_id: str | None = None,
    state: InvoiceState | None = None,
    flagged: bool | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Invoice]:
    """Invoices without totals and lines, in order of their ids (payer, then period), from the id `after` on."""
    statement = select(invoice).where(invoice.c.invoice_id > after)
    if payer_id is not None:
        statement = statement.where(invoice.c.payer_id == payer_id)
    if state is not None:
        statement = statement.where(invoice.c.state == state.value)
    if flagged is not None:
        statement = statement.where(invoice.c.flagged == flagged)
    return headers(statement.order_by(invoice.c.invoice_id).limit(limit), connection)
