"""What a meter reads of the uses it sees: their sum, their number, the largest, the latest, users, or time.

Each use lets the reading grow (of `latest` also shrink), and that growth goes the way that a quantity goes: what
is free takes its part, the remainder grows the price meter. So F is asked for the reading, and whatever order
uses come in, the same uses end in the same reading. `max`, `latest` and `unique` need to know what came before:
they keep it in meters beside the price meter, named after it.
Design: billing rules, "One principle"; docs/prices.md.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256

from billing_center.errors import MissingField, OutOfRange
from billing_center.money import RATED_SCALE
from billing_center.rating.facts import MeterKey, Use
from billing_center.rating.growth import EXACT
from billing_center.rating.price_version import Metered, PriceVersion
from billing_center.rating.promotion import fitting
from billing_center.rating.staged import StagedMeters, check_reading
from billing_center.rating.unit_conversion import Unit, to_base

BY_HISTORY = frozenset({Metered.MAX, Metered.LATEST, Metered.UNIQUE})
"""What a use adds to these depends on the uses before it."""

_ZERO, _ONE = Decimal(0), Decimal(1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HOUR = Decimal(3_600_000_000)


def contribution(use: Use, version: PriceVersion, unit: Unit) -> Decimal:
    """What a use brings by itself, in base units: its quantity, 1 plan unit, or quantity x hours.

    Raises: MissingField without a quantity where one is needed; OutOfRange for a negative one, or too large a
    product; Unknown (UNKNOWN_UNIT).
    """
    if use.quantity is not None and use.quantity < 0:
        raise OutOfRange("a quantity must not be negative", field="quantity")
    if version.metered in (Metered.COUNT, Metered.UNIQUE):
        return _ZERO if use.quantity == 0 else unit.size
    if use.quantity is None:
        raise MissingField("a use without an amount needs a quantity", field="quantity")
    base = to_base(use.quantity, use.unit, version.unit)
    if version.metered is Metered.TIME:
        lasted = Decimal((use.ended_at - use.started_at) // _MICROSECOND)
        weighted = EXACT.divide(EXACT.multiply(base, lasted), _HOUR)
        base = check_reading(weighted.quantize(RATED_SCALE, ROUND_HALF_UP, context=EXACT))
    return base


@dataclass(frozen=True, slots=True)
class History:
    """How far a use moves a reading that depends on those before it. `mark` is the latest instant, or a user."""

    metered: Metered
    key: MeterKey
    mark: MeterKey
    at: Decimal  # when the use began, seconds since 1970

    @classmethod
    def of(cls, use: Use, metered: Metered, price_key: MeterKey) -> "History":
        """The meters beside a price meter."""
        own = f"{price_key.component}:{metered.value}"
        mark = f"{own}:at"
        if metered is Metered.UNIQUE:
            mark = f"{own}:{sha256(use.user_id.encode()).hexdigest()[:20]}"
        at = EXACT.divide(Decimal((use.started_at - _EPOCH) // _MICROSECOND), Decimal(10**6))
        return cls(
            metered,
            replace(price_key, component=fitting(own)),
            replace(price_key, component=fitting(mark)),
            at,
        )

    def keys(self) -> tuple[MeterKey, ...]:
        """The meters that must be loaded."""
        return (self.key, self.mark)

    def grow(self, quantity: Decimal, staged: StagedMeters) -> Decimal:
        """Let the reading grow by a use of `quantity` base units; by how much it did."""
        reading, mark = staged.reading(self.key), staged.reading(self.mark)
        if self.metered is Metered.MAX:
            by = max(_ZERO, quantity - reading)
        elif self.metered is Metered.UNIQUE:
            by = quantity if mark == 0 else _ZERO
            if by:
                staged.advance(self.mark, _ONE)
        elif self.at > mark or (self.at == mark and quantity > reading):
            by = quantity - reading
            staged.advance(self.mark, self.at - mark)
        else:
            by = _ZERO
        if by:
            staged.advance(self.key, by)
        return by
