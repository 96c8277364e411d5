"""Minimum commitments: what a closed period of an order lacked of them, told by everything else that is in it.

The commitment of the version of the order's last active day counts, for fewer active days their share; what was
known when the period was closed. A period that is still open owes nothing yet; one that was trued up again owes
what was known then, each time.
Design: billing rules, "Shapes of F".
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.difference import NOTHING, Rule, compare_fields, told
from billing_center.reconcile.expected import ZERO, meter_of
from billing_center.reconcile.known_then import Version
from billing_center.reconcile.plain_days import DAY, active_days, active_spans, day_of
from billing_center.reconcile.plain_price import RATED_DIGITS, NotKnown, half_up
from billing_center.reconcile.raw_facts import CLOCKS_DIFFER, Facts, MeterName, PayerFacts
from billing_center.reconcile.recomputed import Recomputed, sum_key
from billing_center.reconcile.standing import NEVER

AFTER = ("true_up", "promotion")
"""Causes of charges that are worked out from a period's other charges."""

Place = tuple[str, date]
"""(order, first day of the period)."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What an order's period had committed its payer to, at least."""

    order: Any
    start: date
    version: Version
    currency: str
    amount: Decimal

    @property
    def meter(self) -> MeterName:
        """The meter of the money that was lacking."""
        order, component = self.order, f"commitment {self.currency}"
        return order.product_id, order.order_id, self.start.isoformat(), self.version.version_id, component


def compare_true_ups(facts: Facts, one: PayerFacts, out: Recomputed) -> None:
    """Every closed period of orders with a commitment, and every charge of a true-up."""
    rows: dict[Place, list[Any]] = defaultdict(list)
    for row in one.rest:
        if row.cause == "true_up":
            rows[row.order_id, one.terms.billing_days.period(row.day)[0]].append(row)
    for commitment in _commitments(facts, one, rows):
        of_place = rows.pop((commitment.order.order_id, commitment.start), [])
        if all(row.period_start == commitment.start for row in of_place):
            _compare(one, commitment, of_place, out)
        else:
            for row in of_place:
                _compare_again(facts, one, commitment, row, out)
    for (order_id, start), loose in sorted(rows.items()):
        if one.terms.billing_days.period(start)[1] > one.row.closed_until:
            out.believe("true-ups of periods that are not closed", loose)
            continue
        for row in loose:
            subject = f"commitment of order {order_id}, period from {start}"
            out.differ(one.payer_id, Rule.CHARGE, subject, NOTHING, f"amount {told(row.amount)}")


def _commitments(facts: Facts, one: PayerFacts, rows: dict[Place, list[Any]]) -> Iterator[Commitment]:
    """What was committed to in each closed period, as far as it was known when the period was closed."""
    committed = facts.catalog.committed
    if not committed:
        return
    closed_at = {row.period_start: row.issued_at for row in one.invoices}
    for order in one.orders:
        if (order.product_id, order.plan) not in committed:
            continue
        day = order.start_day
        last = min(one.row.closed_until, (order.ended_day or date.max - DAY) + DAY)
        while day < last:
            start, end, whole_days = one.terms.billing_days.period(day)
            day = end
            if end > one.row.closed_until:
                break
            at = closed_at.get(start)
            # An order that came when its first periods were closed is trued up from the open one on.
            came_late = order.installed_at > at if at else day_of(order.installed_at, facts.zone) >= end
            if not came_late:
                yield from _of_period(facts, one, order, (start, end, whole_days), at)


def _of_period(
    facts: Facts, one: PayerFacts, order: Any, period: tuple[date, date, int], closed_at: datetime | None
) -> Iterator[Commitment]:
    start, end, whole_days = period
    changes = facts.changes.get(order.order_id, ())
    known = [change for change in changes if closed_at is None or facts.known_since(change) <= closed_at]
    active = active_days(active_spans(known), max(start, order.start_day), end - DAY, facts.zone)
    if not active:
        return
    at = closed_at or NEVER
    try:
        version = facts.catalog.version(order.product_id, order.plan, active[-1], at)
    except NotKnown:
        return
    priced = {price["currency"] for price in version.document["prices"]}
    currency = one.terms.currency(at)
    if currency not in priced:
        currency = facts.catalog.product(order.product_id, at)["currency"]
    whole = version.document.get("commitment", {}).get(currency)
    if whole:
        share = half_up(Fraction(whole) * len(active) / whole_days, RATED_DIGITS)
        yield Commitment(order, start, version, currency, share)


def _of_earlier_days(one: PayerFacts, commitment: Commitment) -> Decimal:
    """What the line holds of days before its period: what came late, and counts for the period of its day."""
    order = commitment.order
    return sum(
        (
            c.amount for c in one.rest
            if c.period_start == commitment.start and c.day < commitment.start and c.order_id == order.order_id
            and c.product_id == order.product_id and c.currency == commitment.currency
            and c.cause != "true_up" and not c.meter_component.startswith("grant:")
        ),
        ZERO,
    )  # fmt: skip


def _compare(one: PayerFacts, commitment: Commitment, rows: list[Any], out: Recomputed) -> None:
    """The period's true-ups come to what it lacked; each is the growth of their meter."""
    order = commitment.order
    key = (commitment.start, order.order_id, order.product_id, commitment.currency)
    charged = out.sums[key].amount if key in out.sums else ZERO
    charged -= _of_earlier_days(one, commitment) + out.trued_up_again[key]
    charged -= out.credited.get(key, ZERO)  # a credit pays, it takes nothing off
    lacking = max(ZERO, commitment.amount - charged)
    subject = f"commitment of order {order.order_id}, period from {commitment.start}"
    found = ZERO
    for row in rows:
        growth = row.reading_after - row.reading_before
        found += growth
        wanted: dict[str, Any] = {
            "order_id": order.order_id, "product_id": order.product_id, "user_id": NONE,
            "currency": commitment.currency, "period_start": commitment.start, "promotion_id": NONE,
            "quantity": ZERO, "amount": growth, "list_amount": growth,
        }  # fmt: skip
        stands = {name: getattr(row, name) for name in wanted}
        wanted["meter"], stands["meter"] = commitment.meter, meter_of(row)
        if wanted != stands:
            out.doubt(sum_key(row), subject)
            out.differences += compare_fields(one.payer_id, Rule.CHARGE, subject, wanted, stands)
    if lacking or rows:
        out.meters[commitment.meter] += lacking
        out.add(key, ZERO, lacking, lacking, len(rows) or 1)
    if found != lacking:
        detail = f"committed {told(commitment.amount)}, charged {told(charged)}"
        out.doubted_meters.add(commitment.meter)
        out.differ(one.payer_id, Rule.CHARGE, subject, f"amount {told(lacking)}", f"amount {told(found)}", detail)


def _compare_again(facts: Facts, one: PayerFacts, commitment: Commitment, row: Any, out: Recomputed) -> None:
    """A true-up of a period that was trued up again: it brings its meter to what was lacking by then."""
    order, start = commitment.order, commitment.start
    possible = _lacking_about(facts, one, commitment, row)
    after = row.reading_after if row.reading_after in possible else possible[-1]
    growth = after - row.reading_before
    may_be = row.period_start == start or (row.period_start > row.day and row.period_start in one.closed_ends())
    name = (order.product_id, order.order_id, start.isoformat(), row.version_id, f"commitment {row.currency}")
    wanted: dict[str, Any] = {
        "order_id": order.order_id, "product_id": order.product_id, "user_id": NONE, "promotion_id": NONE,
        "period_start": row.period_start if may_be else start, "quantity": ZERO, "amount": growth,
        "list_amount": growth,
    }  # fmt: skip
    stands = {name: getattr(row, name) for name in wanted}
    wanted["reading"], stands["reading"] = after, row.reading_after
    wanted["meter"], stands["meter"] = name, meter_of(row)
    out.add(sum_key(row), ZERO, growth, growth, 1)
    out.trued_up_again[sum_key(row)] += growth if row.period_start != start else ZERO
    out.meters[name] += growth
    if wanted != stands:
        subject = f"commitment of order {order.order_id}, period from {start}, trued up again: {row.component}"
        out.doubt(sum_key(row), subject, name, meter_of(row))
        out.differences += compare_fields(one.payer_id, Rule.CHARGE, subject, wanted, stands)


def _lacking_about(facts: Facts, one: PayerFacts, commitment: Commitment, row: Any) -> list[Decimal]:
    """What the period may have lacked at about the instant of a true-up, by what was charged for its days by then.

    Clocks of nodes differ: of the charges around the instant any first ones may have been there. The last that is
    returned is told by the instants as they stand.
    """
    order, start = commitment.order, commitment.start
    period, at = one.terms.billing_days.period(start), row.rated_at
    then = next(_of_period(facts, one, order, period, at), None)
    if then is None or then.meter != meter_of(row):
        return [ZERO]
    charged = sorted(
        (c.rated_at, c.amount)
        for c in one.charges
        if c.order_id == order.order_id and c.product_id == order.product_id and c.currency == then.currency
        and start <= c.day < period[1] and c.cause not in AFTER and not c.meter_component.startswith("grant:")
    )  # fmt: skip
    total, possible = ZERO, []
    surely, by_then = at - CLOCKS_DIFFER, ZERO
    for n, (booked_at, amount) in enumerate(charged):
        if booked_at > at + CLOCKS_DIFFER:
            break
        if booked_at >= surely and (n == 0 or charged[n - 1][0] != booked_at):
            possible.append(total)
        total += amount
        by_then = total if booked_at <= at else by_then
    return [max(ZERO, then.amount - sum_) for sum_ in (*possible, total, by_then)]
