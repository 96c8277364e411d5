"""What a payer would be invoiced now; apart from it, what facts that are not rated yet and commitments would add.

Where it stands in the walk: beside it. The first part reads running sums, so it costs the same behind ten facts
or ten million; the second rates the few facts that wait, in memory; the third is what the open periods would
lack of their commitments if nothing more came. Design: billing rules, "Aggregation".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from billing_center.center import UnitOfWork
from billing_center.errors import NoPrice, ResultCode, Unknown
from billing_center.foresight.commitments import TrueUp, true_ups
from billing_center.foresight.expected_sums import before_credits, billing_periods, merged, sums_of
from billing_center.foresight.rate_in_memory import (
    CarriedMeters,
    Load,
    PayerFacts,
    RatedInMemory,
    Unrated,
    UseToRate,
    new_payer,
    rate_order_days,
    rate_uses,
    read_days,
    read_payers,
)
from billing_center.foresight.store import QueuedFact, waiting_facts
from billing_center.invoice.invoice import Invoice, RunningSum
from billing_center.invoice.make_invoice import Issuing, make_invoice
from billing_center.invoice.read_issuing import read_issuing
from billing_center.invoice.store import open_sums
from billing_center.order.store import OrderRow, orders_of_payers
from billing_center.payer.store import PayerRow
from billing_center.period import ONE_DAY, BillingSchedule, days_of
from billing_center.rating.facts import OF_USE, Charge, PlanKind
from billing_center.usage.find_payer import Payee, find_payers
from billing_center.usage.park import WAITING

MOST_USES = 2000
MOST_DAYS = 5000
"""So much that waits is rated for a preview at most; it says so when there is more."""


@dataclass(frozen=True, slots=True)
class PendingLine:
    """What not-yet-rated facts would add to one line, rated (six decimals)."""

    period_start: date
    order_id: str
    product_id: str
    currency: str
    uses: int
    days: int
    quantity: Decimal
    amount: Decimal
    list_amount: Decimal


@dataclass(frozen=True, slots=True)
class Pending:
    """The facts of a payer that are not rated yet. Today counts as a day with what it is by now."""

    lines: tuple[PendingLine, ...]
    uses: int
    days: int
    filtered: int
    cannot: tuple[Unrated, ...]  # facts that have no price as things stand
    parked: int  # uses that wait for a person or another try; they are in no amount
    more: bool  # more facts wait than a preview rates


@dataclass(frozen=True, slots=True)
class PayerPreview:
    """Drafts from running sums; what waits; what commitments lack; and the drafts with both.

    A missing exchange rate leaves a list of drafts empty and stands in `unavailable`.
    """

    payer_id: str
    at: datetime
    invoices: tuple[Invoice, ...]
    pending: Pending
    true_ups: tuple[TrueUp, ...]
    with_pending: tuple[Invoice, ...]
    unavailable: str = ""


def preview_payer(work: UnitOfWork, payer_id: str) -> PayerPreview:
    """Preview one payer, also one whose first use still waits; nothing is written.

    Raises: Unknown (UNKNOWN_PAYER).
    """
    facts = facts_of_payer(work, payer_id)
    payer = facts.payers[payer_id]
    sums = [row for rows in open_sums(work.connection, [payer_id]).get(payer_id, {}).values() for row in rows]
    orders = orders_of_payers(work.connection, [payer_id])
    rated, parked, more = rate_pending(work, facts, payer_id, orders)
    pending_sums = sums_of(rated.charges, facts)
    lacked = true_ups(work, facts, orders, more=before_credits(rated.charges, facts))
    pending = Pending(
        tuple(_lines(rated.charges, pending_sums, facts)), rated.uses, rated.days, rated.filtered,
        tuple(rated.unrated), parked, more,
    )  # fmt: skip
    unavailable = ""
    invoices: tuple[Invoice, ...] = ()
    together: tuple[Invoice, ...] = ()
    added = [*pending_sums, *sums_of(lacked, facts)]
    try:
        all_sums = merged([*sums, *added])
        issuing = read_issuing(work, all_sums, run_id="preview")
        invoices = tuple(_drafts(payer, sums, issuing))
        together = tuple(_drafts(payer, all_sums, issuing)) if added else invoices
    except NoPrice as error:
        unavailable = error.message
    told = tuple(TrueUp.of(one, facts) for one in lacked)
    return PayerPreview(payer_id, work.at, invoices, pending, told, together, unavailable)


def facts_of_payer(work: UnitOfWork, payer_id: str) -> PayerFacts:
    """The payer and its schedule. Raises: Unknown (UNKNOWN_PAYER) when nothing ever named it as the payer."""
    facts = read_payers(work, [payer_id])
    if payer_id in facts.payers:
        return facts
    if not waiting_facts(work.connection, payer_id, (), limit=1):
        message = f"payerMemId {payer_id!r} is no payer that is known"
        raise Unknown(message, code=ResultCode.UNKNOWN_PAYER, field="payerMemId", payer_id=payer_id)
    new = new_payer(work, payer_id)
    return PayerFacts({payer_id: new}, {payer_id: BillingSchedule(new.billing_day)})


def rate_pending(
    work: UnitOfWork, facts: PayerFacts, payer_id: str, orders: Sequence[OrderRow], load: Load | None = None
) -> tuple[RatedInMemory, int, bool]:
    """The payer's waiting uses and undecided days through today, rated in memory; how many are parked; more."""
    if load is None:
        load = CarriedMeters(work.connection).load
    rated = RatedInMemory()
    people = {payer_id} | {order.cust_id for order in orders}
    queued = waiting_facts(work.connection, payer_id, people, limit=MOST_USES + 1)
    waiting = [one for one in queued if one.state == WAITING][:MOST_USES]
    uses = _of_payer(work, payer_id, waiting)
    chosen = [order for order in orders if order.plan is not PlanKind.PER_USE]
    day_facts = read_days(work, facts, chosen)
    rate_uses(work, facts, uses, load, rated, day_facts.grants)
    days = [
        (order, day)
        for order in orders
        if order.plan is not PlanKind.PER_USE
        for day in days_of(*undecided(order, work.today))
    ]
    rate_order_days(work, days[:MOST_DAYS], day_facts, load, rated)
    parked = sum(one.state != WAITING for one in queued)
    return rated, parked, len(queued) > MOST_USES or len(days) > MOST_DAYS


def undecided(order: OrderRow, through: date) -> tuple[date, date]:
    """The order's days that are not decided, [from, to), through a day; an empty range when there are none."""
    begin = max(order.rated_through + ONE_DAY, order.start_day)
    end = (min(through, order.ended_day) if order.ended_day else through) + ONE_DAY
    return begin, max(begin, end)


def _of_payer(work: UnitOfWork, payer_id: str, queued: Sequence[QueuedFact]) -> list[UseToRate]:
    """Those of the uses that this payer pays for."""
    asked = [
        Payee(q.use.event_id, q.use.user_id, q.use.payer_id, q.use.product_id, q.use.started_at) for q in queued
    ]
    found = find_payers(work.connection, asked)
    return [
        UseToRate(one.use, who)
        for one in queued
        if (who := found.get(one.use.event_id)) is not None and who.payer_id == payer_id
    ]


def _drafts(payer: PayerRow, sums: Sequence[RunningSum], issuing: Issuing) -> list[Invoice]:
    periods: dict[date, list[RunningSum]] = {}
    for row in sums:
        periods.setdefault(row.period_start, []).append(row)
    return [make_invoice(payer, rows, issuing) for _, rows in sorted(periods.items())]


def _lines(charges: Sequence[Charge], sums: Sequence[RunningSum], facts: PayerFacts) -> Iterable[PendingLine]:
    uses: dict[tuple[date, str, str, str], set[str]] = {}
    days: dict[tuple[date, str, str, str], set[date]] = {}
    period_of = billing_periods(facts)
    for c in charges:
        key = (period_of(c.payer_id, c.day).start, c.order_id, c.product_id, c.currency)
        if c.cause in OF_USE:
            uses.setdefault(key, set()).add(c.cause_id)
        else:
            days.setdefault(key, set()).add(c.day)
    for row in sorted(sums, key=lambda r: (r.period_start, r.order_id, r.product_id, r.currency)):
        key = (row.period_start, row.order_id, row.product_id, row.currency)
        counted = (len(uses.get(key, ())), len(days.get(key, ())))
        yield PendingLine(*key, *counted, row.quantity, row.amount, row.list_amount)
