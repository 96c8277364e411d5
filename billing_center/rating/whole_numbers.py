"""Price functions in whole numbers: F of a reading in millionths, in millionths, exactly what `growth` rounds.

Most prices are lines, steps and packs. Their F is a fraction with a fixed denominator, so whole numbers give it
exactly, rounded half up once, at a tenth of the price of decimals. What is not of these shapes, and readings below
zero, go the long way; a function is compared with the long way at its edges before it is used.
Where it stands in the walk: `usage/quick_rating` rates most uses with it. Design: billing rules, "One principle".
"""

from bisect import bisect_left
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, pairwise

from billing_center.rating.growth import EXACT, rated_price
from billing_center.rating.models.graduated import Graduated
from billing_center.rating.models.limited import Limited
from billing_center.rating.models.package import Package
from billing_center.rating.models.parameters import PRICE_DECIMALS
from billing_center.rating.models.stairstep import Stairstep
from billing_center.rating.models.standard import Standard
from billing_center.rating.models.tiers import Tier
from billing_center.rating.models.volume import Volume
from billing_center.rating.price_version import PriceFunction
from billing_center.rating.unit_conversion import Unit, metered

MILLION = 10**6
LARGEST_READING = 10**18
"""Readings, in millionths, stay below it (`staged.check_reading`)."""

WholePrice = Callable[[int], int]
"""F: a reading of 0 or more, in millionths of the base unit, to a rated price in millionths."""

_PRICE = 10**PRICE_DECIMALS


def millionths(value: Decimal) -> int:
    """A number as a whole number of millionths. Raises: ValueError when it has more than six decimals."""
    scaled = value.scaleb(6, EXACT)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError("an amount keeps six decimals")
    return whole


def from_millionths(value: int) -> Decimal:
    """The decimal with six decimals."""
    return Decimal(value).scaleb(-6, EXACT)


def in_units(reading: int, size: int) -> int:
    """Base units as plan units, in millionths, half up; as `in_unit` says it. For a reading of 0 or more."""
    return reading if size == 1 else (2 * reading + size) // (2 * size)


@lru_cache(4096)
def whole_price(function: PriceFunction, unit: Unit) -> WholePrice | None:
    """The function over a meter that counts in the base unit of `unit`; None where it must go the long way."""
    size = int(unit.size)
    if size != unit.size:
        return None
    numerator = _numerator(function, size)
    if numerator is None:
        return None
    denominator = size * _PRICE
    twice = 2 * denominator

    def price(reading: int) -> int:
        return (2 * numerator(reading) + denominator) // twice if reading > 0 else 0

    return price if _agrees(price, function, unit) else None


def _numerator(function: PriceFunction, size: int) -> WholePrice | None:
    """F x size x 10^12 of readings above zero. Prices have twelve decimals, edges six."""
    match function:
        case Standard(unit_price):
            slope = _price(unit_price)
            return lambda reading: slope * reading
        case Graduated(tiers):
            lows = [0, *_edges(tiers, size)]
            steps = [_price(t.flat) * size * MILLION for t in tiers]
            whole = [
                step + _price_of(t) * (high - low)
                for t, step, (low, high) in zip(tiers, steps, pairwise(lows), strict=False)
            ]
            slopes = list(map(_price_of, tiers))
            below = accumulate(whole, initial=0)
            at_zero = [b + s - p * low for b, s, p, low in zip(below, steps, slopes, lows, strict=True)]
            return _pieces(lows[1:], list(zip(at_zero, slopes, strict=True)))
        case Volume(tiers):
            flats = [_price(t.flat) * size * MILLION for t in tiers]
            return _pieces(_edges(tiers, size), list(zip(flats, map(_price_of, tiers), strict=True)))
        case Stairstep(tiers):
            return _pieces(_edges(tiers, size), [(_price_of(t) * size * MILLION, 0) for t in tiers])
        case Package(pack_price, pack, free):
            return _packs(_price(pack_price) * size * MILLION, millionths(pack) * size, millionths(free) * size)
        case Limited(inner, included, minimum, cap):
            within = _numerator(inner, size)
            most = None if cap is None else _price(cap) * size * MILLION
            bounds = (millionths(included) * size, _price(minimum) * size * MILLION, most)
            return None if within is None else _limited(within, *bounds)
    return None


def _pieces(edges: list[int], pieces: list[tuple[int, int]]) -> WholePrice:
    """A line for each tier: (what it is at zero, what a unit adds). An edge belongs to the tier below it."""

    def numerator(reading: int) -> int:
        at_zero, slope = pieces[bisect_left(edges, reading)]
        return at_zero + slope * reading

    return numerator


def _packs(price: int, pack: int, free: int) -> WholePrice:
    return lambda reading: price * -((free - reading) // pack) if reading > free else 0


def _limited(within: WholePrice, free: int, least: int, most: int | None) -> WholePrice:

    def numerator(reading: int) -> int:
        value = max(least, within(reading - free)) if reading > free else least
        return value if most is None else min(most, value)

    return numerator


def _price(value: Decimal) -> int:
    return int(value.scaleb(PRICE_DECIMALS, EXACT))


def _price_of(tier: Tier) -> int:
    return _price(tier.price)


def _edges(tiers: tuple[Tier, ...], size: int) -> list[int]:
    return [millionths(tier.up_to) * size for tier in tiers if tier.up_to is not None]


def _agrees(price: WholePrice, function: PriceFunction, unit: Unit) -> bool:
    """Whether both ways say the same at and around every edge, and at some readings between and beyond."""
    size = int(unit.size)
    edges = {0, MILLION, 12_345_678_901, LARGEST_READING // 1000}
    inner = function
    if isinstance(inner, Limited):
        edges.add(millionths(inner.included) * size)
        inner = inner.inner
    if isinstance(inner, Graduated | Volume | Stairstep):
        edges.update(_edges(inner.tiers, size))
    if isinstance(inner, Package):
        edges.add((millionths(inner.free) + millionths(inner.size)) * size)
    asked = {r for edge in edges for r in (edge - 1, edge, edge + 1, edge + edge // 3) if 0 <= r < LARGEST_READING}
    long = metered(function, unit)
    return all(price(reading) == millionths(rated_price(long, from_millionths(reading))) for reading in asked)
