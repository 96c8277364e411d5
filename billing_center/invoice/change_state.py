"""Every change of an invoice's state: one conditional statement each, naming the states that it expects.

A stale message therefore never turns a state back: PAID is final, and accepting a deduction never undoes an
outcome. Design: billing rules, "Invoice, deduction, service control"; field problems 3, 4 and 20.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from billing_center.bulk import BATCH, among
from billing_center.invoice.state import DEDUCTIBLE, UNSETTLED, InvoiceState
from schema.tables.invoices import invoice


def start_sending(connection: Connection, invoice_ids: Sequence[str]) -> set[str]:
    """ISSUED | SENDING -> SENDING; returns the invoices whose deduction may be sent now."""
    return _move_all(connection, invoice_ids, DEDUCTIBLE, InvoiceState.SENDING)


def mark_sent(connection: Connection, invoice_ids: Sequence[str]) -> set[str]:
    """ISSUED | SENDING -> SENT: the account system accepted the deduction. An outcome that is known stands."""
    return _move_all(connection, invoice_ids, DEDUCTIBLE, InvoiceState.SENT)


def mark_paid(connection: Connection, invoice_id: str, at: datetime) -> bool:
    """ISSUED | SENDING | SENT | FAILED -> PAID at the instant; False when it was in none of these."""
    return _settle(connection, invoice_id, (*UNSETTLED, InvoiceState.FAILED), InvoiceState.PAID, at)


def mark_failed(connection: Connection, invoice_id: str, at: datetime) -> bool:
    """ISSUED | SENDING | SENT -> FAILED at the instant; False when it was in none of these."""
    return _settle(connection, invoice_id, UNSETTLED, InvoiceState.FAILED, at)


def flag(connection: Connection, invoice_id: str) -> None:
    """A person must look at the invoice; its state stays."""
    connection.execute(update(invoice).where(invoice.c.invoice_id == invoice_id).values(flagged=True))


def clear_flag_of(connection: Connection, invoice_id: str) -> bool:
    """A person has looked at it; False when it was not flagged."""
    flagged = (invoice.c.invoice_id == invoice_id) & (invoice.c.flagged == True)  # noqa: E712 (a column)
    return connection.execute(update(invoice).where(flagged).values(flagged=False)).rowcount == 1


def _settle(
    connection: Connection, invoice_id: str, before: Sequence[InvoiceState], after: InvoiceState, at: datetime
) -> bool:
    statement = (
        update(invoice)
        .where(invoice.c.invoice_id == invoice_id, invoice.c.state.in_([s.value for s in before]))
        .values(state=after.value, settled_at=at)
    )
    return connection.execute(statement).rowcount == 1


def _move_all(
    connection: Connection, invoice_ids: Sequence[str], before: Sequence[InvoiceState], after: InvoiceState
) -> set[str]:
    moved: set[str] = set()
    ordered = sorted(invoice_ids)
    for start in range(0, len(ordered), BATCH):
        statement = (
            update(invoice)
            .where(
                among(connection, invoice.c.invoice_id, ordered[start : start + BATCH]),
                invoice.c.state.in_([s.value for s in before]),
            )
            .values(state=after.value)
            .returning(invoice.c.invoice_id)
        )
        moved.update(connection.execute(statement).scalars().all())
    return moved
