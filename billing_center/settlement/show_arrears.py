"""Who is in arrears now, and with what: for operators. Decisions ask `arrears` about single payers.

Design: billing rules, "Invoice, deduction, service control".
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select

from billing_center.bounded_count import BoundedCount, count_rows
from billing_center.center import UnitOfWork
from billing_center.invoice.state import UNSETTLED, InvoiceState
from billing_center.settlement.arrears import is_arrears
from schema.tables.invoices import invoice

_OPEN = [state.value for state in (*UNSETTLED, InvoiceState.FAILED)]


@dataclass(frozen=True, slots=True)
class PayerInArrears:
    """A payer in arrears: how many invoices, what they come to in the base currency, since which due day."""

    payer_id: str
    invoices: int
    base_amount: Decimal
    since: date


def count_in_arrears(work: UnitOfWork) -> BoundedCount:
    """How many payers are in arrears today."""
    return count_rows(work.connection, _of_arrears(work, select(invoice.c.payer_id)).distinct())


def list_in_arrears(work: UnitOfWork, *, after: str = "", limit: int = 100) -> list[PayerInArrears]:
    """The payers in arrears today, in order of their ids from the id `after` on."""
    payer_id = invoice.c.payer_id
    summed = select(payer_id, func.count(), func.sum(invoice.c.base_amount), func.min(invoice.c.due_day)).where(
        payer_id > after
    )
    statement = _of_arrears(work, summed).group_by(payer_id).order_by(payer_id).limit(limit)
    return [PayerInArrears(*row) for row in work.connection.execute(statement)]


def _of_arrears(work: UnitOfWork, statement: Select[Any]) -> Select[Any]:
    """Of invoices that are open only, so that what was paid long ago costs nothing."""
    return statement.where(invoice.c.state.in_(_OPEN), is_arrears(work.today))
