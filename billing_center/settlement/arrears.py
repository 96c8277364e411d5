"""Who is in arrears: computed from the invoices, in the transaction that decides by it, and stored nowhere.

Design: billing rules, "Invoice, deduction, service control"; contract, feedbackUser; field problem 19.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import BindParameter, ColumnElement, Connection, Date, and_, bindparam, or_, select

from billing_center.bulk import rows_by_key
from billing_center.center import UnitOfWork
from billing_center.invoice.state import UNSETTLED, InvoiceState
from schema.tables.invoices import invoice


def in_arrears(work: UnitOfWork, payer_id: str) -> bool:
    """Whether the payer has an invoice that FAILED, or that is not PAID and was due before today.

    A payer that is not known, or has no invoices, is not in arrears.
    """
    asked = {"payer": payer_id, "today": work.today}
    return work.connection.execute(_ONE_PAYER, asked).first() is not None


def payers_in_arrears(connection: Connection, payer_ids: Sequence[str], *, on: date) -> set[str]:
    """Those of the payers that are in arrears on the civil day `on`, by what their invoices are now."""
    statement = select(invoice.c.payer_id).distinct().where(is_arrears(on))
    return {row.payer_id for row in rows_by_key(connection, statement, [invoice.c.payer_id], payer_ids)}


def is_arrears(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """Whether an invoice is one of arrears on the day: FAILED, or not PAID by its due day.

    The due day itself is still in time. A negative invoice is a credit and never arrears.
    """
    overdue = and_(
        invoice.c.state.in_([state.value for state in UNSETTLED]),
        invoice.c.due_day < on,
        invoice.c.base_amount > Decimal(0),
    )
    return or_(invoice.c.state == InvoiceState.FAILED.value, overdue)


_ONE_PAYER = (
    select(invoice.c.invoice_id)
    .where(invoice.c.payer_id == bindparam("payer"), is_arrears(bindparam("today", type_=Date())))
    .limit(1)
)  # built once: a caller may ask before everything it lets a user do
