"""Units of use and their exact conversion.

A meter counts in the base unit of its plan's kind: the second for times, the KB for volumes, the piece for
counts. Every unit is a whole number of those, so a use of any unit enters its meter without losing a digit,
and ten uses of one minute on a plan per hour cost what one use of ten minutes costs. The price function is
asked for the reading divided by the unit's size (`PerUnit`), inside the one rounding of `growth`.
Converting to a larger unit for people's eyes (`convert`) rounds half up to six decimals.
1 MB = 1,024 KB, 1 day = 24 h, whatever summer time does. Design: billing rules, "One principle".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from billing_center.errors import OutOfRange, ResultCode, Unknown
from billing_center.money import LARGEST, RATED_SCALE
from billing_center.rating.growth import EXACT, closed
from billing_center.rating.price_version import PriceFunction

SECOND, KILOBYTE, PIECE = "second", "KB", "count"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of use: `size` base units (a whole number) of the kind that `base` names."""

    name: str
    base: str
    size: Decimal


_UNITS = (
    (Unit("second", SECOND, Decimal(1)), "s sec secs second seconds 秒 秒钟"),
    (Unit("minute", SECOND, Decimal(60)), "min mins minute minutes 分 分钟"),
    (Unit("hour", SECOND, Decimal(3600)), "h hr hrs hour hours 时 小时 钟头"),
    (Unit("day", SECOND, Decimal(86400)), "day days 天 日"),
    (Unit("KB", KILOBYTE, Decimal(1)), "k kb kbyte kilobyte kilobytes 千字节"),
    (Unit("MB", KILOBYTE, Decimal(1024)), "mb mbyte megabyte megabytes 兆 兆字节"),
    (Unit("GB", KILOBYTE, Decimal(1024**2)), "g gb gbyte gigabyte gigabytes 吉字节"),
    (Unit("TB", KILOBYTE, Decimal(1024**3)), "t tb tbyte terabyte terabytes 太字节"),
    (Unit("count", PIECE, Decimal(1)), "count counts piece pieces pcs times use uses 次 个 件 条"),
)

UNITS: Mapping[str, Unit] = MappingProxyType({word: unit for unit, words in _UNITS for word in words.split()})
"""Every known word for a unit, in lower case. A lone m is none of them: it may be minutes, megabytes or months."""


@lru_cache(maxsize=1024)
def unit_of(word: str) -> Unit:
    """The unit that a word means. Blank means pieces; an unknown word is a unit that converts to itself only."""
    folded = word.strip().casefold()
    return UNITS.get(folded or PIECE) or Unit(folded, folded, Decimal(1))


def to_base(quantity: Decimal, unit: str, plan_unit: str) -> Decimal:
    """The quantity in the base unit that a plan's meter counts in, exactly. A blank unit means the plan's own.

    Raises: Unknown (code UNKNOWN_UNIT) when the unit is of another kind than the plan's; OutOfRange from
    10^12 base units on.
    """
    target = unit_of(plan_unit)
    source = unit_of(unit) if unit.strip() else target
    if source.base != target.base:
        raise Unknown(
            f"unit {unit.strip()!r} does not convert to {plan_unit.strip()!r}",
            code=ResultCode.UNKNOWN_UNIT,
            field="unit",
        )
    if source.size == 1:
        return quantity
    base = EXACT.multiply(quantity, source.size)
    if abs(base) >= LARGEST:
        raise OutOfRange(f"the quantity must be below 1,000,000,000,000 {target.base}", field="quantity")
    return base


def convert(quantity: Decimal, unit: str, to: str) -> Decimal:
    """The quantity in another unit: exact to a smaller one, half up to six decimals to a larger one.

    For showing and checking; rating does not go through it, because rounded pieces would not add up.
    Raises: Unknown (code UNKNOWN_UNIT); OutOfRange from 10^12 base units on.
    """
    return in_unit(to_base(quantity, unit, to), unit_of(to))


def in_unit(base: Decimal, unit: Unit) -> Decimal:
    """Base units as units, for people: half up to six decimals. Rating never goes through it."""
    return base if unit.size == 1 else EXACT.quantize(EXACT.divide(base, unit.size), RATED_SCALE)


@dataclass(frozen=True, slots=True)
class PerUnit:
    """A price per unit, asked for a reading in base units: F(reading / size)."""

    function: PriceFunction
    size: Decimal

    def price(self, reading: Decimal) -> Decimal:
        """The price of `reading` base units."""
        return closed(self.function.price(reading / self.size))


def metered(function: PriceFunction, plan_unit: Unit) -> PriceFunction:
    """A plan's price function, for a meter that counts in the base unit of the plan's unit."""
    return function if plan_unit.size == 1 else PerUnit(function, plan_unit.size)
