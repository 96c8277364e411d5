"""How many invoices stand in each state, and how many a person must look at.

Where it stands in the walk: beside it; the console shows it.
"""

from dataclasses import dataclass

from sqlalchemy import select

from billing_center.bounded_count import BoundedCount, count_rows
from billing_center.center import UnitOfWork
from billing_center.invoice.state import InvoiceState
from schema.tables.invoices import invoice


@dataclass(frozen=True, slots=True)
class InvoiceCounts:
    """Invoices by state; `flagged` are those that a person must look at, in whatever state."""

    by_state: dict[InvoiceState, BoundedCount]
    flagged: BoundedCount


def count_invoices(work: UnitOfWork) -> InvoiceCounts:
    """Count them, each state up to a bound: years of paid invoices cost no more than a month of them."""
    ids = select(invoice.c.invoice_id)
    by_state = {
        state: count_rows(work.connection, ids.where(invoice.c.state == state.value)) for state in InvoiceState
    }
    flagged = ids.where(invoice.c.flagged == True)  # noqa: E712 (a column)
    return InvoiceCounts(by_state, count_rows(work.connection, flagged))
