"""Issued invoices get their numbers, without gaps per year.

Where it stands in the walk: after `issue_invoices`, in small transactions of its own, so that the lock on the
number series is never held while invoices are made. Design: billing rules, "Invoice, deduction, service
control"; field problems 23 and 24.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial

import structlog

from billing_center.center import UnitOfWork
from billing_center.invoice.store import last_numbers, lock_series, set_numbers, unnumbered

log = structlog.get_logger()

Place = tuple[str, date]
"""A payer and the first day of a period."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """How many invoices a chunk numbered, and where the next one begins."""

    invoices: int
    last: Place | None


def number_invoices(work: UnitOfWork, *, run_id: str, limit: int) -> int:
    """Number up to `limit` invoices that have no number yet, of whatever run; returns how many, 0 when done."""
    return number_after(work, None, run_id=run_id, limit=limit).invoices


def number_after(work: UnitOfWork, after: Place | None, *, run_id: str, limit: int) -> Numbered:
    """The same for the next invoices after a place in the order of payers and periods.

    Numbers are `2026-000000123`: gapless per year of the billing day, in order of payer and period within a run.
    """
    before = last_numbers(work.connection)
    chosen = unnumbered(work.connection, limit=limit, after=after)
    if not chosen:
        return Numbered(0, None)
    years = {one.billed_on.year for one in chosen}
    last = lock_series(work.connection, sorted(_series(year) for year in years))
    if any(number != before.get(series, 0) for series, number in last.items()):  # another run was faster
        chosen = unnumbered(work.connection, limit=limit, after=after, years=years)
    numbers: dict[str, str] = {}
    for one in chosen:
        series = _series(one.billed_on.year)
        last[series] += 1
        numbers[one.invoice_id] = f"{one.billed_on.year}-{last[series]:09d}"
    set_numbers(work.connection, numbers, last)
    work.after_commit.append(partial(log.info, "invoices_numbered", invoices=len(chosen), run_id=run_id))
    return Numbered(len(chosen), (chosen[-1].payer_id, chosen[-1].period_start) if chosen else None)


def _series(year: int) -> str:
    return f"invoice-{year}"
