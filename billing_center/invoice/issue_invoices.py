"""The bill run's chunk: periods that have ended are closed, and their running sums become invoices.

Where it stands in the walk: charges are born in an open period and added to its running sums; here the sums
move onto invoice lines and the period is closed, under the payer's lock, so that no charge can be born in it
while or after it is billed. What is due is put into the outbox in the same transaction. `number_invoices` comes
next. Design: billing rules, "Days, periods, late facts".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import structlog

from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange
from billing_center.ids import shard_of
from billing_center.invoice.bill_sums import Bills, bill_sums
from billing_center.invoice.book_discounts import book_discounts
from billing_center.invoice.deduction import deduction_id
from billing_center.invoice.ended_sums import EndedSums, read_ended_sums
from billing_center.invoice.invoice import invoice_id_of
from billing_center.invoice.make_invoice import Issuing
from billing_center.invoice.read_issuing import over_invoices
from billing_center.invoice.store import (
    close_periods,
    close_silent_periods,
    keep_bills,
    keep_failures,
    known_invoices,
    payers_due,
)
from billing_center.order.true_up import payers_to_true_up, true_up
from billing_center.outbox.message import MessageKind, ReadyMessage
from billing_center.outbox.put import put_new_messages
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
    bills = _bill(work, payers, read_ended_sums(work.connection, due, on=on), run_id)
    made = list(bills)
    keep_bills(work.connection, made)
    deductions = [
        ReadyMessage(
            deduction_id(one.invoice_id), one.invoice_id, 1, one.payer.payer_id, one.payer.shard, one.deduction
        )
        for one in made
        if one.deduction
    ]
    put_new_messages(work, MessageKind.DEDUCTION, deductions)
    close_periods(work.connection, {one: max(b.period_end for b in of) for one, of in bills.of_payers.items()})
    if len(due) < limit:
        close_silent_periods(work.connection, first_shard=first_shard, last_shard=last_shard, on=on)
    keep_failures(work.connection, run_id, bills.failures.items(), work.at)
    lines = sum(len(one.lines) for one in made)
    for payer_id, error in bills.failures.items():
        note = partial(log.warning, "invoice_failed", payer_id=payer_id, code=error.code.value, run_id=run_id)
        work.after_commit.append(note)
    if made:
        note = partial(log.info, "invoices_issued", invoices=len(made), lines=lines, on=str(on), run_id=run_id)
        work.after_commit.append(note)
    return InvoicesIssued(len(made), lines, due[-1] if len(due) == limit else "", len(bills.failures))


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


def _bill(work: UnitOfWork, payers: Mapping[str, PayerRow], sums: EndedSums, run_id: str) -> Bills:
    """The invoices of every payer that can be billed, their discounts booked, and why the others cannot."""
    ends = {
        (sums.payer_ids[first], sums.starts[first]): min(sums.ends[first:last]) for first, last in sums.periods()
    }
    over = over_invoices(work, ends)
    issuing = Issuing(work.catalog, work.settings, {}, work.at, work.today, run_id, over_invoices=over)
    known = known_invoices(work.connection, [invoice_id_of(payer_id, start) for payer_id, start in ends])
    bills = bill_sums(sums, payers, issuing, known=known)
    book_discounts(work, payers, bills.of_payers, run_id=run_id)
    return bills
