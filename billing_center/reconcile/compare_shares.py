"""What promotions over an invoice take off its lines, worked out once more: share by share.

A promotion holds in the periods of the orders that named it. Percentages work before amounts, then by id, each
over what the ones before it left; a discount is shared down to the minor unit, and the units left over go one each
to the largest remainders. Design: billing rules, "Promotions"; docs/prices.md, "Promotions over an invoice".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing_center.ids import NONE
from billing_center.money import MINOR_DIGITS
from billing_center.reconcile.difference import NOTHING, Rule, compare_fields, told
from billing_center.reconcile.expected import ZERO, fitted, meter_of, meter_text
from billing_center.reconcile.plain_days import DAY
from billing_center.reconcile.plain_price import half_up
from billing_center.reconcile.raw_facts import Facts, PayerFacts
from billing_center.reconcile.recomputed import Recomputed, sum_key

Line = tuple[str, str, str]
"""(order, product, currency) of a line."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a promotion should take off a line; rated."""

    promotion_id: str
    line: Line
    amount: Decimal


def compare_shares(facts: Facts, one: PayerFacts, out: Recomputed) -> None:
    """Every share of every invoice; what is taken off without one. The sums must hold everything else."""
    rows = {(row.period_start, row.cause_id, row.component): row for row in one.rest if row.cause == "promotion"}
    if not rows and not facts.redeemed.get(one.payer_id):
        return
    for invoice in one.invoices:
        start, end, _ = one.terms.billing_days.period(invoice.period_start)
        rated = {key[1:]: total.amount for key, total in out.sums.items() if key[0] == start}
        for share in _shares(facts, one, invoice, (start, end), rated):
            order_id, product_id, currency = share.line
            component = fitted(f"discount {currency} {order_id} {product_id}")
            row = rows.pop((start, share.promotion_id, component), None)
            _compare(one, share, (start, end - DAY, component), row, out)
    for row in rows.values():
        out.doubt(sum_key(row), _subject(row.period_start, row.cause_id, row.component))
        subject = _subject(row.period_start, row.cause_id, row.component)
        out.differ(one.payer_id, Rule.CHARGE, subject, NOTHING, f"amount {told(row.amount)}")


def _compare(one: PayerFacts, share: Share, place: tuple[date, date, str], row: Any, out: Recomputed) -> None:
    """One share beside the charge that books it."""
    start, day, component = place
    order_id, product_id, currency = share.line
    wanted: dict[str, Any] = {
        "day": day, "order_id": order_id, "product_id": product_id, "user_id": NONE, "currency": currency,
        "quantity": ZERO, "amount": -share.amount, "list_amount": ZERO, "promotion_id": share.promotion_id,
        "meter": meter_text(None),
    }  # fmt: skip
    key, subject = (start, order_id, product_id, currency), _subject(start, share.promotion_id, component)
    out.add(key, ZERO, -share.amount, ZERO, 1)
    if row is None:
        out.doubt(key, subject)
        out.differ(one.payer_id, Rule.CHARGE, subject, f"amount {told(-share.amount)}", NOTHING)
        return
    stands = {name: getattr(row, name) for name in wanted if name != "meter"}
    stands["meter"] = meter_text(meter_of(row))
    if wanted != stands:
        out.doubt(key, subject)
        out.differences += compare_fields(one.payer_id, Rule.CHARGE, subject, wanted, stands)


def _subject(start: date, promotion_id: str, component: str) -> str:
    return f"promotion {promotion_id} over the invoice of the period from {start}: {component}"


def _shares(
    facts: Facts, one: PayerFacts, invoice: Any, period: tuple[date, date], rated: dict[Line, Decimal]
) -> Iterator[Share]:
    """The shares of an invoice in the order in which they work; `rated` loses them on the way."""
    holding = _holding(facts, one, invoice.issued_at, period)
    for promotion_id, promotion in sorted(
        holding.items(), key=lambda p: (not Fraction(p[1]["percent_off"]), p[0])
    ):
        for currency in sorted({line[2] for line in rated}):
            for line, share in _of_currency(promotion, currency, rated).items():
                rated[line] -= share
                yield Share(promotion_id, line, share)


def _holding(facts: Facts, one: PayerFacts, at: Any, period: tuple[date, date]) -> dict[str, Any]:
    """The promotions over the invoice that an order of the payer had promised, as it was known at the instant."""
    found = {}
    orders = {order.order_id: order for order in one.orders}
    for row in facts.redeemed.get(one.payer_id, ()):
        order, promotion = orders.get(row.order_id), facts.catalog.promotion(row.promotion_id, at)
        if order is None or promotion is None or not promotion.get("over_invoice") or row.at > at:
            continue
        changes = facts.changes.get(order.order_id, ())
        ended = order.ended_day is not None and any(
            change.to_state == "TERMINATED" and facts.known_since(change) <= at for change in changes
        )
        if order.start_day >= period[1] or (ended and order.ended_day < period[0]):
            continue
        if _among_the_first(one, promotion.get("periods"), order.start_day, period[0]):
            found[row.promotion_id] = promotion
    return found


def _among_the_first(one: PayerFacts, periods: int | None, day: date, start: date) -> bool:
    """Whether the period that begins on `start` is one of the first ones, the one of `day` being the first."""
    if periods is None:
        return True
    held = []
    for _ in range(periods):
        first, day, _ = one.terms.billing_days.period(day)
        held.append(first)
    return start <= held[-1]


def _of_currency(promotion: Any, currency: str, rated: dict[Line, Decimal]) -> dict[Line, Decimal]:
    """What the promotion takes off each of its lines in one currency, rated."""
    digits = MINOR_DIGITS.get(currency, 2)
    money = {line: half_up(Fraction(amount), digits) for line, amount in rated.items() if line[2] == currency}
    money = {line: m for line, m in money.items() if m > 0 and line[1] in (promotion["products"] or (line[1],))}
    if promotion.get("together") and set(promotion["products"]) - {line[1] for line in money}:
        return {}
    whole = sum(map(Fraction, money.values()), Fraction(0))
    percent = Fraction(promotion["percent_off"])
    off = whole * percent / 100 if percent else Fraction(promotion["amount_off"].get(currency, "0"))
    units = min(Fraction(half_up(off, digits)), whole) * 10**digits
    exact = {line: units * Fraction(money[line]) / whole for line in sorted(money)}
    shares = {line: share.numerator // share.denominator for line, share in exact.items()}
    left = int(units) - sum(shares.values())
    for line in sorted(exact, key=lambda line: (shares[line] - exact[line], line))[:left]:
        shares[line] += 1
    taken = {line: Decimal(share).scaleb(-digits) for line, share in shares.items() if share}
    return {line: rated[line] if share == money[line] else share for line, share in taken.items()}
