"""A payer's charges beside what its raw facts should have been charged, fact by fact and meter by meter.

What comes out of it is also the base of everything above: the expected total of each running sum.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.difference import (
    NOTHING,
    Difference,
    Rule,
    compare_fields,
    told,
    told_fields,
)
from billing_center.reconcile.expected import ZERO, ExpectedCharge, PriceOf, meter_of
from billing_center.reconcile.expected_days import expected_days
from billing_center.reconcile.expected_uses import expected_of_use
from billing_center.reconcile.openings import opening_known, products_opened
from billing_center.reconcile.plain_price import LeftOut, NotKnown
from billing_center.reconcile.raw_facts import BALANCES, Facts, MeterName, PayerFacts

SumKey = tuple[date, str, str, str]
"""(first day of the billing period, order, product, currency) within a payer."""

ListKey = tuple[str, str, str]
"""(product, currency, promotion) of list amounts that can only be compared together."""

SUMMED = ("quantity", "amount", "list_amount", "charges")
RECOMPUTED = ("use", "day")
CORRECTIONS = ("withdrawal", "rerate_use", "rerate_day")


@dataclass(slots=True)
class Recomputed:
    """What a payer's facts come to: expected running sums, and what was found on the way."""

    sums: dict[SumKey, dict[str, Any]] = field(default_factory=dict)
    meters: dict[MeterName, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    differences: list[Difference] = field(default_factory=list)
    doubted: dict[SumKey, list[str]] = field(default_factory=lambda: defaultdict(list))
    doubted_meters: set[MeterName] = field(default_factory=set)
    believed: set[Any] = field(default_factory=set)  # keys of the charges of facts that are left out
    unlisted: set[tuple[str, str]] = field(default_factory=set)  # (product, promotion) of such
    left_out: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    list_prices: dict[MeterName, tuple[ListKey, PriceOf]] = field(default_factory=dict)
    listed: dict[ListKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, key: SumKey, values: Iterable[Any]) -> None:
        """Let a running sum grow by quantity, amount, list amount and number of charges."""
        total = self.sums.setdefault(key, dict.fromkeys(SUMMED, ZERO))
        for name, value in zip(SUMMED, values, strict=True):
            total[name] += value


def recompute(facts: Facts, one: PayerFacts) -> Recomputed:
    """Compare every charge of a payer with its fact; the expected sums come with it."""
    out = Recomputed()
    corrected = {(c.cause_id, c.day) for c in one.charges if c.cause in CORRECTIONS}
    rows = {}
    for row in one.charges:
        if row.cause not in (*RECOMPUTED, *CORRECTIONS):
            _take_as_it_stands(row, out)
            out.left_out[f"charges by {row.cause}"] += 1
        elif row.component.startswith(BALANCES):
            _take_as_it_stands(row, out)
            out.left_out["charges by what was granted or included"] += 1
        elif (row.cause_id, row.day) in corrected:
            _take_as_it_stands(row, out)
        else:
            rows[row.day, row.cause, row.cause_id, row.component] = row
    if corrected:
        out.left_out["facts that were corrected"] += len(corrected)
    met: set[Any] = set()
    balances = [row for row in one.charges if row.cause == "use" and row.component.startswith(BALANCES)]
    for expected in _everything_expected(facts, one, [*rows.values(), *balances], out):
        if (expected.cause_id, expected.day) in corrected:
            continue
        row = rows.get(expected.key)
        met.add(expected.key)
        _compare_one(facts, one, expected, row, out)
    for key, row in rows.items():
        if key not in met and key not in out.believed:
            _without_fact(facts, one, row, out)
    _compare_openings(facts, one, out)
    return out


def _everything_expected(
    facts: Facts, one: PayerFacts, rows: Sequence[Any], out: Recomputed
) -> Iterator[ExpectedCharge]:
    """The charges that the payer's decided order-days and rated uses should have."""
    uses: dict[str, dict[str, Any]] = defaultdict(dict)
    days = {}
    keys = {(row.day, row.cause, row.cause_id, row.component) for row in rows}
    for row in rows:
        if row.cause == "use":
            uses[row.cause_id][row.component] = row
        elif row.cause == "day":
            days[row.day, row.cause_id] = row
    for use_id, charged in uses.items():
        if use_id not in facts.uses:
            continue
        try:
            yield from expected_of_use(facts, one, facts.uses[use_id], charged)
        except LeftOut as left_out:
            _believe(f"uses by {left_out}", charged.values(), out)
        except NotKnown as unknown:
            text = f"charged: {', '.join(charged)}"
            out.differences.append(Difference(one.payer_id, Rule.CHARGE, f"use {use_id}", str(unknown), text))
            out.believed |= {(row.day, "use", use_id, component) for component, row in charged.items()}
    for order in one.orders:
        if order.plan == "per_use":
            continue
        for expected in expected_days(facts, one, order, days):
            if isinstance(expected, LeftOut):
                name, *day = expected.args  # of one day, or of the whole order
                of_order = [row for row in rows if (row.cause, row.cause_id) == ("day", order.order_id)]
                _believe(name, [row for row in of_order if not day or row.day == day[0]], out)
            elif isinstance(expected, NotKnown):
                why, day = expected.args
                subject = f"order {order.order_id} on {day}"
                out.differences.append(Difference(one.payer_id, Rule.CHARGE, subject, why, "charged or decided"))
                out.believed |= {key for key in keys if key[:3] == (day, "day", order.order_id)}
            else:
                yield expected


def _compare_one(facts: Facts, one: PayerFacts, expected: ExpectedCharge, row: Any, out: Recomputed) -> None:
    """One charge beside what it should be, and what it adds to its running sum."""
    start = row.period_start if row is not None else one.terms.billing_days.period(expected.day)[0]
    key = (start, expected.order_id, expected.product_id, expected.currency)
    listed = expected.list_amount
    if listed is None:
        listed = row.list_amount if row is not None else ZERO
    out.add(key, (expected.quantity, expected.amount, listed, 1))
    if expected.meter is not None:
        out.meters[expected.meter] += expected.growth
    together = (expected.product_id, expected.currency, expected.promotion_id)
    for name, growth, price in expected.listed_on:
        out.meters[name] += growth
        if expected.list_amount is None:
            out.list_prices[name] = (together, price)
    if expected.list_amount is None:
        out.listed[together] += listed
    subject = charge_name(expected)
    detail = fact_text(facts, expected.cause, expected.cause_id)
    if row is None:
        parts = {"amount": expected.amount, "quantity": expected.quantity}
        text = told_fields(parts, list(parts))
        out.differences.append(Difference(one.payer_id, Rule.CHARGE, subject, text, NOTHING, detail))
        if expected.meter is not None:
            out.doubted_meters.add(expected.meter)
        return
    wanted, stands = expected.fields(row)
    found = compare_fields(one.payer_id, Rule.CHARGE, subject, wanted, stands, detail)
    if found:
        out.doubted[key].append(subject)
        out.doubted_meters |= {name for name in (expected.meter, meter_of(row)) if name is not None}
    out.differences += found
    out.differences += _in_its_period(one, row, subject, detail)


def _in_its_period(one: PayerFacts, row: Any, subject: str, detail: str) -> list[Difference]:
    """A charge is invoiced with its own day's period, or with one that was open when that was closed."""
    own = one.terms.billing_days.period(row.day)[0]
    ends = {one.terms.billing_days.period(invoice.period_start)[1] for invoice in one.invoices}
    if row.period_start == own or (row.period_start > row.day and row.period_start in ends):
        return []
    expected, found = f"{own}, or later where that is closed", str(row.period_start)
    return [Difference(one.payer_id, Rule.PERIOD, subject, expected, found, detail)]


def _without_fact(facts: Facts, one: PayerFacts, row: Any, out: Recomputed) -> None:
    """A charge that no fact accounts for."""
    name = meter_of(row)
    if name is not None:
        out.doubted_meters.add(name)
    if row.cause == "use" and row.cause_id in facts.uses:
        why = "the use has no such charge"
    elif row.cause == "use":
        why = "there is no such use"
    else:
        why = "the order was not active on that day, or the day is not decided"
    found = {"amount": row.amount, "quantity": row.quantity}
    text = told_fields(found, list(found))
    detail = f"{why}; {fact_text(facts, row.cause, row.cause_id)}"
    out.differences.append(Difference(one.payer_id, Rule.CHARGE, charge_name(row), NOTHING, text, detail))


def _believe(name: str, rows: Iterable[Any], out: Recomputed) -> None:
    """Take the charges of a fact that is left out as they stand, and count it."""
    out.left_out[name] += 1
    for row in rows:
        if not row.component.startswith(BALANCES):
            _take_as_it_stands(row, out)
            out.believed.add((row.day, row.cause, row.cause_id, row.component))


def _take_as_it_stands(row: Any, out: Recomputed) -> None:
    """A charge that is not recomputed: it counts in sums and meters."""
    key = (row.period_start, row.order_id, row.product_id, row.currency)
    out.add(key, (row.quantity, row.amount, row.list_amount, 1))
    name = meter_of(row)
    if name is not None:
        out.meters[name] += row.reading_after - row.reading_before
    if row.promotion_id != NONE:
        out.unlisted.add((row.product_id, row.promotion_id))


def _compare_openings(facts: Facts, one: PayerFacts, out: Recomputed) -> None:
    """The openings that are kept, beside those that the facts tell."""
    now = datetime.max.replace(tzinfo=UTC)
    for product_id in sorted(products_opened(facts, one)):
        expected, found = opening_known(facts, one, product_id, now), one.openings.get(product_id)
        if expected != found:
            texts = [NOTHING if day is None else told(day) for day in (expected, found)]
            out.differences.append(
                Difference(one.payer_id, Rule.OPENING, f"product {product_id}", texts[0], texts[1])
            )


def charge_name(row: Any) -> str:
    """`use u1 on 2026-03-05: CNY` or `order o1 on 2026-03-05: CNY`."""
    kind = {"use": "use", "day": "order"}.get(row.cause, row.cause)
    return f"{kind} {row.cause_id} on {row.day}: {row.component}"


def fact_text(facts: Facts, cause: str, cause_id: str) -> str:
    """The raw facts behind a charge."""
    if cause == "use":
        use = facts.uses.get(cause_id)
        if use is None:
            return f"use {cause_id} is not there"
        told_amount = f"amount {told(use.amount)}" if use.amount is not None else ""
        quantity = f"{told(use.quantity)} {use.unit}".strip() if use.quantity is not None else ""
        payer = use.payer_id or NONE
        return (
            f"use {use.event_id} of {use.product_id} by {use.user_id}, payer {payer}, "
            f"{use.started_at:%Y-%m-%d %H:%M}Z: {quantity} {told_amount}".rstrip()
        )
    changes = facts.changes.get(cause_id, ())
    return "; ".join(f"{change.at:%Y-%m-%d %H:%M}Z {change.to_state}" for change in changes[-6:])
