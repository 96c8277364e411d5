"""A bill run that writes nothing: what would be issued on a day, and what differs from each payer's last invoice.

Where it stands in the walk: beside `issue_invoices`, whose `make_invoice` it calls over the same running sums.
It sees what is rated by now: how much waits is told, so that nobody takes an early look for the bill. What the
ended periods lack of their commitments is worked out as the bill run does before it closes them.
Design: billing rules, "Invoice, deduction, service control".
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billing_center.catalog.snapshot import CatalogSnapshot
from billing_center.center import Center, UnitOfWork
from billing_center.errors import BillingError
from billing_center.foresight.expected_sums import merged, sums_of
from billing_center.foresight.invoice_differences import Difference, Kind, differences
from billing_center.foresight.last_invoices import LastInvoice, last_invoices, payers_invoiced
from billing_center.foresight.rate_in_memory import read_payers
from billing_center.foresight.store import waiting_anywhere
from billing_center.ids import SHARDS
from billing_center.invoice.invoice import Invoice, RunningSum
from billing_center.invoice.issue_invoices import payers_to_bill
from billing_center.invoice.make_invoice import make_invoice
from billing_center.invoice.read_issuing import read_issuing
from billing_center.invoice.store import open_sums
from billing_center.order.true_up import lacking
from billing_center.payer.store import schedules

CHUNK = 500


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """What the drafts of one currency come to; money."""

    currency: str
    invoices: int
    amount: Decimal
    list_amount: Decimal
    base_amount: Decimal


@dataclass(slots=True)
class DryRun:
    """The report. `invoices` is filled only when asked for."""

    on: date
    payers: int = 0
    invoices_made: int = 0
    lines: int = 0
    zero: int = 0
    flagged: int = 0
    true_ups: int = 0  # commitments that were not reached
    base_currency: str = ""
    base_amount: Decimal = Decimal(0)
    totals: list[CurrencyTotal] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)  # payer, and why it cannot be billed
    waiting_uses: int = 0
    undecided_orders: int = 0
    invoices: list[Invoice] = field(default_factory=list)


Watch = Callable[[int], None]
"""Told after every chunk how many payers were looked at since the last time."""


def dry_run(
    center: Center, on: date, *, percent: Decimal = Decimal(20), keep_invoices: bool = False, watch: Watch
) -> DryRun:
    """What a bill run on the civil day `on` (past or to come) would issue of what is rated by now.

    Amounts that moved by more than `percent` are told. Every chunk of payers is a reading transaction of its
    own, so the run holds nothing up; each payer's figures are of one moment.
    """
    report = DryRun(on, base_currency=center.settings.base_currency)
    totals: dict[str, list[Decimal]] = {}
    committed: set[str] = set()
    after = ""
    while True:
        with center.reading() as work:
            due = payers_to_bill(work, first_shard=0, last_shard=SHARDS - 1, on=on, after_payer=after, limit=CHUNK)
            drafts = _drafts(work, due, report, committed)
        _add(report, totals, drafts, keep_invoices=keep_invoices)
        with center.reading() as work:
            _compare(work, drafts, percent, report)
        watch(len(due))
        if len(due) < CHUNK:
            break
        after = due[-1]
    _find_gone(center, report, committed)
    report.totals = [
        CurrencyTotal(currency, int(count), amount, listed, base)
        for currency, (count, amount, listed, base) in sorted(totals.items())
    ]
    with center.reading() as work:
        report.waiting_uses, report.undecided_orders = waiting_anywhere(work.connection, at=work.at, before=on)
    report.differences.sort(key=lambda d: (d.payer_id, d.product_id, d.currency))
    return report


def _drafts(work: UnitOfWork, due: Sequence[str], report: DryRun, committed: set[str]) -> dict[str, list[Invoice]]:
    """The drafts of every payer that can be billed; why the others cannot goes into the report.

    Payers with a true-up are added to `committed`.
    """
    facts = read_payers(work, due)
    true_ups, _ = lacking(work, facts.payers, on=report.on)
    report.true_ups += len(true_ups)
    committed |= {one.payer_id for one in true_ups}
    booked = open_sums(work.connection, due, before=report.on)
    rows = [row for of_payer in booked.values() for of in of_payer.values() for row in of]
    sums: dict[str, dict[date, list[RunningSum]]] = {}
    for row in merged([*rows, *sums_of(true_ups, facts)]) if true_ups else rows:
        sums.setdefault(row.payer_id, {}).setdefault(row.period_start, []).append(row)
    ended = {
        payer_id: found
        for payer_id, of in sorted(sums.items())
        if (found := [rows for _, rows in sorted(of.items()) if _ended(rows, report.on)])
    }
    billed = (row for of in ended.values() for rows in of for row in rows)
    issuing = read_issuing(work, billed, run_id="dry-run", today=max(work.today, report.on))
    drafts: dict[str, list[Invoice]] = {}
    for payer_id, periods in ended.items():
        try:
            drafts[payer_id] = [make_invoice(facts.payers[payer_id], rows, issuing) for rows in periods]
        except BillingError as error:
            report.failures.append((payer_id, error.message))
    return drafts


def _add(
    report: DryRun, totals: dict[str, list[Decimal]], drafts: Mapping[str, Sequence[Invoice]], *,
    keep_invoices: bool,
) -> None:  # fmt: skip
    for of_payer in drafts.values():
        report.payers += 1
        for one in of_payer:
            report.invoices_made += 1
            report.lines += len(one.lines)
            report.zero += all(total.amount == 0 for total in one.totals)
            report.flagged += one.flagged
            report.base_amount += one.base_amount
            for total in one.totals:
                added = totals.setdefault(total.currency, [Decimal(0)] * 4)
                growth = (Decimal(1), total.amount, total.list_amount, total.base_amount)
                totals[total.currency] = [old + new for old, new in zip(added, growth, strict=True)]
            if keep_invoices:
                report.invoices.append(one)


def _compare(work: UnitOfWork, drafts: Mapping[str, Sequence[Invoice]], percent: Decimal, report: DryRun) -> None:
    """Each payer's first draft with its last invoice; when catching up, each later draft with the one before."""
    last = last_invoices(work.connection, list(drafts))
    for payer_id, of_payer in drafts.items():
        before = last.get(payer_id)
        for one in of_payer:
            now = LastInvoice.of(one)
            report.differences += differences(before, now, percent)
            before = now


def _find_gone(center: Center, report: DryRun, committed: Collection[str]) -> None:
    """Payers whose period after their last invoice is the one that ended last by the day, with nothing in it.

    Who has been gone for longer was told by an earlier run.
    """
    after = ""
    while True:
        with center.reading() as work:
            ids = payers_invoiced(work.connection, after=after, limit=CHUNK)
            last = last_invoices(work.connection, ids)
            of = schedules(work.connection, ids)
            due = open_sums(work.connection, ids, before=report.on)
        for payer_id in ids:
            one, missed = last[payer_id], of[payer_id].period_of(last[payer_id].period_end)
            following = of[payer_id].period_of(missed.end)
            billed = payer_id in committed or any(
                _ended(rows, report.on) for rows in due.get(payer_id, {}).values()
            )
            if missed.end <= report.on < following.end and not billed:
                amounts = (one.base_amount, Decimal(0))
                report.differences.append(Difference(payer_id, "", Kind.GONE, one.base_currency, *amounts, None))
        if len(ids) < CHUNK:
            return
        after = ids[-1]


def _ended(rows: Sequence[RunningSum], on: date) -> bool:
    return min(row.period_end for row in rows) <= on


def product_names(catalog: CatalogSnapshot, report: DryRun) -> dict[str, str]:
    """The names of the products that the differences are about."""
    return {
        d.product_id: catalog.products[d.product_id].product.name
        for d in report.differences
        if d.product_id in catalog.products
    }
