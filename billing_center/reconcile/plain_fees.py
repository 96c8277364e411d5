"""What is asked of each single use, once more: increments, a fee for each, the least and the most that one costs.

Design: docs/prices.md; billing rules, "Shapes of F" (fixed fee and min/max per event).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing_center.reconcile.plain_price import RATED_DIGITS, NotKnown, half_up, plain_price
from billing_center.reconcile.plain_units import base_units, kind_and_size

EACH, BOUND = ":events", ":bounds"


@dataclass(frozen=True, slots=True)
class Fee:
    """One thing that is asked of a use: how far its meter grows, and what a reading of that costs."""

    component: str
    growth: Decimal
    each: Fraction  # the price of one on the meter
    free: Fraction  # so many on the meter cost nothing

    def price(self, reading: Decimal, percent_off: Fraction = Fraction(0)) -> Decimal:
        """The price of a whole reading, six decimals."""
        value = self.each * (Fraction(reading) - self.free if reading > self.free else 0)
        if not self.free:
            value = self.each * Fraction(reading)
        return half_up(value * (100 - percent_off) / 100, RATED_DIGITS)


def counted_as(params: Mapping[str, Any], base: Decimal, plan_unit: str) -> Decimal:
    """What a use is counted as: the first increment at least, then whole steps. Raises: NotKnown."""
    increments = params.get("increments")
    if not increments or base <= 0:
        return base
    first, step = (_measure(increments[name], plan_unit) for name in ("first", "then"))
    steps = 0
    if base > first:
        beyond = Fraction(base - first) / Fraction(step)
        steps = -(-beyond.numerator // beyond.denominator)
    return first + step * steps


def _measure(text: str, plan_unit: str) -> Decimal:
    number, _, unit = text.strip().partition(" ")
    base = base_units(Decimal(number), unit, plan_unit)
    if base is None:
        raise NotKnown(f"the increment {text!r} does not convert to {plan_unit!r}")
    return base


def fees_of(price: Any, base: Decimal, plan_unit: str) -> list[Fee]:
    """The fees of a use of so many base units, by the price that it begins under; none for a use of nothing."""
    params, found = price["params"], []
    if base == 0:
        return []
    fee = Fraction(params.get("event_fee") or 0)
    if fee:
        free = Fraction(params.get("free_events") or 0)
        found.append(Fee(price["component"] + EACH, Decimal(1), fee, free))
    least, most = params.get("event_min"), params.get("event_max")
    if least is not None or most is not None:
        own = fee + plain_price(params, Fraction(base) / kind_and_size(plan_unit)[1])
        kept = own if least is None else max(own, Fraction(least))
        kept = kept if most is None else min(kept, Fraction(most))
        found.append(Fee(price["component"] + BOUND, half_up(kept - own, RATED_DIGITS), Fraction(1), Fraction(0)))
    return found
