"""The bill run's chunk: periods that have ended are closed, and their running sums become invoices.

Where it stands in the walk: charges are born in an open period and added to its running sums; here the sums
move onto invoice lines and the period is closed, under the payer's lock, so that no charge can be born in it
while or after it is billed. What is due is put into the outbox in the same transaction. `number_invoices` comes
next. Design: billing rules, "Days, periods, late facts".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import structlog

from billing_center.center import UnitOfWork
from billing_center.errors import BillingError, Broken, OutOfRange, ResultCode, Unknown
from billing_center.ids import shard_of
from billing_center.invoice.book_discounts import book_discounts
from billing_center.invoice.deduction import deduction_of, is_deducted
from billing_center.invoice.invoice import Invoice, RunningSum, invoice_id_of
from billing_center.invoice.make_invoice import Issuing, make_invoice
from billing_center.invoice.read_issuing import read_issuing
from billing_center.invoice.store import (
    close_periods,
    close_silent_periods,
    keep_failures,
    keep_invoices,
    known_invoices,
    open_sums,
    payers_due,
)
from billing_center.order.true_up import payers_to_true_up, true_up
from billing_center.outbox.put import put_messages
from billing_center.payer.store import PayerRow, locked_payers

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class InvoicesIssued:
    """What a chunk did. `last_payer_id` is where the next chunk begins, "" when the shards are done."""

    invoices: int
    lines: int
    last_payer_id: str
    failures: int = 0  # payers that could not be billed; the reasons are kept with the run


def issue_invoices(
    work: UnitOfWork, *, first_shard: int, last_shard: int, on: date, after_payer: str, limit: int, run_id: str
) -> InvoicesIssued:
    """Close every period that ended by the civil day `on`, of up to `limit` payers, and invoice it.

    One invoice per payer and period, several when catching up; running it again finds nothing to do. A payer
    that cannot be billed (no exchange rate) keeps its periods open, is noted as a failure of the run, and
    stops nobody else. A positive invoice's deduction is put into the outbox with it; a zero invoice is not sent,
    and a negative one waits for a person, since the account system only deducts.

    Raises: OutOfRange for a day that has not come: an unfinished period could still be cut short by a change
    of the billing day.
    """
    if on > work.today:
        raise OutOfRange(f"{on} has not come yet: only periods that have ended are invoiced", field="on")
    due = payers_to_bill(
        work, first_shard=first_shard, last_shard=last_shard, on=on, after_payer=after_payer, limit=limit
    )
    payers = locked_payers(work.connection, due)
    true_up(work, payers, on=on, run_id=run_id)
    periods = _ended(open_sums(work.connection, due, before=on), on)
    made, failures = _make(work, payers, periods, run_id)
    keep_invoices(work.connection, made)
    put_messages(work, [deduction_of(one) for one in made if is_deducted(one)])
    close_periods(work.connection, _closed_until(made, periods))
    if len(due) < limit:
        close_silent_periods(work.connection, first_shard=first_shard, last_shard=last_shard, on=on)
    keep_failures(work.connection, run_id, failures.items(), work.at)
    lines = sum(len(one.lines) for one in made)
    for payer_id, error in failures.items():
        note = partial(log.warning, "invoice_failed", payer_id=payer_id, code=error.code.value, run_id=run_id)
        work.after_commit.append(note)
    if made:
        note = partial(log.info, "invoices_issued", invoices=len(made), lines=lines, on=str(on), run_id=run_id)
        work.after_commit.append(note)
    return InvoicesIssued(len(made), lines, due[-1] if len(due) == limit else "", len(failures))


def payers_to_bill(
    work: UnitOfWork, *, first_shard: int, last_shard: int, on: date, after_payer: str, limit: int
) -> list[str]:
    """Up to `limit` payers with charges or commitments of periods that ended by `on`, still open.

    The walk goes shard by shard, in each in order of the ids, and goes on after the payer that it stopped at.
    """
    found: list[str] = []
    shard = max(first_shard, shard_of(after_payer)) if after_payer else first_shard
    width = 1  # of a crowd of payers one shard is enough, of few the next look takes twice as many
    while len(found) < limit and shard <= last_shard:
        last = min(shard + width - 1, last_shard)
        due = _of_shards(work, shard, last, on=on, after_payer=after_payer, limit=limit - len(found))
        if due is None:
            width = 1
            continue
        found += due
        shard, width, after_payer = last + 1, width * 2, ""
    return found


def _of_shards(
    work: UnitOfWork, first: int, last: int, *, on: date, after_payer: str, limit: int
) -> list[str] | None:
    """The same of some shards; None when they hold too many to be told in this order."""
    charged = payers_due(
        work.connection, first_shard=first, last_shard=last, on=on, after_payer=after_payer, limit=limit
    )
    committed = payers_to_true_up(
        work, first_shard=first, last_shard=last, on=on, after_payer=after_payer, limit=limit
    )
    if first < last and len(committed) == limit:
        return None  # they come in order of their ids alone
    return sorted({*charged, *committed}, key=lambda payer_id: (shard_of(payer_id), payer_id))[:limit]


Periods = Mapping[str, Mapping[date, Sequence[RunningSum]]]


def _ended(sums: Periods, on: date) -> Periods:
    """The periods to close: those of which some running sum ended by `on`, with all their sums."""
    return {
        payer_id: {start: rows for start, rows in periods.items() if min(r.period_end for r in rows) <= on}
        for payer_id, periods in sums.items()
    }


def _make(
    work: UnitOfWork, payers: Mapping[str, PayerRow], periods: Periods, run_id: str
) -> tuple[list[Invoice], dict[str, BillingError]]:
    """The invoices of every payer that can be billed, their discounts booked, and why the others cannot."""
    rows = (row for of_payer in periods.values() for rows in of_payer.values() for row in rows)
    issuing = read_issuing(work, rows, run_id=run_id)
    ids = [invoice_id_of(payer_id, start) for payer_id, of_payer in periods.items() for start in of_payer]
    known = known_invoices(work.connection, ids)
    made: list[Invoice] = []
    failures: dict[str, BillingError] = {}
    for payer_id, of_payer in periods.items():
        try:
            made += _of_payer(payers.get(payer_id), of_payer, issuing, known)
        except BillingError as error:
            failures[payer_id] = error
    billed = (sums for one, of in periods.items() if one not in failures for sums in of.values())
    book_discounts(work, payers, billed, issuing)
    return made, failures


def _of_payer(
    payer: PayerRow | None, periods: Mapping[date, Sequence[RunningSum]], issuing: Issuing, known: set[str]
) -> list[Invoice]:
    """All of one payer's invoices, or none of them."""
    if payer is None:
        raise Unknown("the payer of these charges is not known", code=ResultCode.UNKNOWN_PAYER)
    made = [make_invoice(payer, rows, issuing) for rows in periods.values()]
    for one in made:
        if one.invoice_id in known:
            raise Broken(f"charges were born in the closed period of invoice {one.invoice_id}")
    return made


def _closed_until(made: Sequence[Invoice], periods: Periods) -> dict[str, date]:
    """The day until which each billed payer's periods are closed now."""
    return {
        payer_id: max(row.period_end for rows in periods[payer_id].values() for row in rows)
        for payer_id in {one.payer_id for one in made}
    }
