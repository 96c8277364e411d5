"""Every price shape once more, as plainly as it can be written: exact fractions, loops over tiers, no meters kept.

Written apart from `rating`, of which it shares nothing but the parameters that the catalog holds; so a mistake
would have to be made twice to stay unseen. Amounts are of the price's currency, readings in the plan's unit.
Design: billing rules, "Shapes of F"; docs/reconciliation.md.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

Params = Mapping[str, Any]
Shape = Callable[[Params, Fraction], Fraction]

ZERO = Fraction(0)
RATED_DIGITS = 6
MILLION = 10**RATED_DIGITS
_NOTHING = Decimal(0)
_WIDE = Context(prec=60)
"""Digits to spare for any amount; never changed."""


class NotKnown(Exception):
    """What a fact should have been charged cannot be said: something that it needs is not there."""


class LeftOut(NotKnown):
    """A fact is charged under terms that this second computation does not work out: it is left out by name."""


def half_up(value: Fraction, digits: int) -> Decimal:
    """The value at so many decimals; a half goes away from zero."""
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if value < 0 else whole).scaleb(-digits)


def rounded(amount: Decimal, digits: int) -> Decimal:
    """The same of a decimal: an amount as money, of which most are asked."""
    return amount.quantize(_unit(digits), ROUND_HALF_UP, _WIDE) or _NOTHING


@lru_cache
def _unit(digits: int) -> Decimal:
    return Decimal(1).scaleb(-digits)


def plain_price(
    params: Params, reading: Fraction, *, spread_over: int | None = None, in_parts_of: int | None = None
) -> Fraction:
    """The price of a whole reading, not rounded. `spread_over`: a month's or year's price over so many days.

    With `in_parts_of` (30, or 360) a day is such a part of the price, and all days are the whole of it.
    Raises: LeftOut for a shape or a parameter that is not written here.
    """
    if reading < 0:
        return -plain_price(params, -reading, spread_over=spread_over, in_parts_of=in_parts_of)
    if reading == 0:
        return ZERO
    name = params.get("model", "standard")
    if name not in SHAPES:
        raise LeftOut(f"price shape {name}")
    unknown = set(params) - KNOWN_PARAMETERS
    if unknown:
        raise LeftOut(f"price parameter {min(unknown)}")
    beyond = max(ZERO, reading - _number(params, "included"))
    if spread_over is not None and name not in ("standard", "prorated"):
        raise LeftOut(f"months and years by price shape {name}")
    if spread_over is not None and in_parts_of is not None:
        parts = Fraction(in_parts_of) if beyond >= spread_over else min(beyond, Fraction(in_parts_of))
        value = _number(params, "price") * parts / in_parts_of
    else:
        value = (SHAPES[name](params, beyond) if beyond else ZERO) / (spread_over or 1)
    value = max(_number(params, "minimum"), value)
    return min(_number(params, "cap"), value) if params.get("cap") is not None else value


def _number(given: Params, name: str) -> Fraction:
    return _fraction(str(given.get(name) or 0))


@lru_cache(maxsize=4096)
def _fraction(text: str) -> Fraction:
    return Fraction(text)


def _tier(params: Params, reading: Fraction) -> Params:
    """The tier that a reading falls in; an edge belongs to the tier below it."""
    for tier in params["tiers"]:
        if tier.get("up_to") is None or reading <= _number(tier, "up_to"):
            return dict(tier)
    raise NotKnown("no tier holds the reading")


def _standard(params: Params, reading: Fraction) -> Fraction:
    return _number(params, "price") * reading


def _graduated(params: Params, reading: Fraction) -> Fraction:
    return _walk_tiers(params, reading, "price", Fraction(1))


def _graduated_percentage(params: Params, reading: Fraction) -> Fraction:
    return _walk_tiers(params, reading, "percent", Fraction(1, 100))


def _walk_tiers(params: Params, reading: Fraction, named: str, share: Fraction) -> Fraction:
    total = below = ZERO
    for tier in params["tiers"]:
        if reading <= below:
            break
        edge = reading if tier.get("up_to") is None else min(reading, _number(tier, "up_to"))
        total += (edge - below) * _number(tier, named) * share + _number(tier, "flat")
        below = edge
    return total


def _volume(params: Params, reading: Fraction) -> Fraction:
    tier = _tier(params, reading)
    return reading * _number(tier, "price") + _number(tier, "flat")


def _stairstep(params: Params, reading: Fraction) -> Fraction:
    return _number(_tier(params, reading), "price")


def _package(params: Params, reading: Fraction) -> Fraction:
    beyond = max(ZERO, reading - _number(params, "free"))
    packs = -(-beyond // _number(params, "size"))
    return packs * _number(params, "price")


def _percentage(params: Params, reading: Fraction) -> Fraction:
    return max(ZERO, reading - _number(params, "free")) * _number(params, "percent") / 100


SHAPES: Mapping[str, Shape] = {
    "standard": _standard,
    "prorated": _standard,
    "graduated": _graduated,
    "graduated_percentage": _graduated_percentage,
    "volume": _volume,
    "stairstep": _stairstep,
    "package": _package,
    "percentage": _percentage,
}
"""By the name that stands in the catalog's documents."""

EACH_USE = frozenset({"event_fee", "free_events", "event_min", "event_max", "increments"})
"""What is asked of each use beside the price of the meter's reading: worked out in `plain_fees`."""

KNOWN_PARAMETERS = EACH_USE | frozenset(
    {"model", "price", "percent", "tiers", "size", "free", "included", "minimum", "cap"}
)
"""A parameter that is not among these may change the price in a way that is not written here."""
