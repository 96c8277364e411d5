"""Issued invoices get their numbers, without gaps per year, and their deductions are put into the outbox.

Where it stands in the walk: after `issue_invoices`, in small transactions of its own, so that the lock on the
number series is never held while invoices are made. Design: billing rules, "Invoice, deduction, service
control"; field problems 23 and 24.
"""

from functools import partial

import structlog

from billing_center.center import UnitOfWork
from billing_center.invoice.deduction import deduction_of
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.state import InvoiceState
from billing_center.invoice.store import lock_series, read_invoices, set_numbers, unnumbered
from billing_center.outbox.put import put_messages

log = structlog.get_logger()


def number_invoices(work: UnitOfWork, *, run_id: str, limit: int) -> int:
    """Number up to `limit` invoices that have no number yet, of whatever run; returns how many, 0 when done.

    Numbers are `2026-000000123`: gapless per year of the billing day, in order of payer and period within a
    run. The deductions of positive invoices are put into the outbox in the same transaction. A zero invoice
    is numbered and not sent; a negative one is numbered, stays ISSUED and flagged, and waits for a person,
    since the account system only deducts.
    """
    years = {one.billed_on.year for one in unnumbered(work.connection, limit=limit)}
    if not years:
        return 0
    last = lock_series(work.connection, sorted(_series(year) for year in years))
    chosen = unnumbered(work.connection, limit=limit, years=years)  # anew: another run may have been faster
    numbers: dict[str, str] = {}
    for one in chosen:
        series = _series(one.billed_on.year)
        last[series] += 1
        numbers[one.invoice_id] = f"{one.billed_on.year}-{last[series]:09d}"
    set_numbers(work.connection, numbers, last)
    to_send = [one.invoice_id for one in chosen if _is_sent(one)]
    put_messages(work, [deduction_of(one) for one in read_invoices(work.connection, to_send)])
    note = partial(log.info, "invoices_numbered", invoices=len(chosen), deductions=len(to_send), run_id=run_id)
    work.after_commit.append(note)
    return len(chosen)


def _series(year: int) -> str:
    return f"invoice-{year}"


def _is_sent(invoice: Invoice) -> bool:
    """Whether its deduction is to be sent: something is due and no outcome is known yet."""
    return invoice.state is InvoiceState.ISSUED and invoice.base_amount > 0
