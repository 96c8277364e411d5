"""What one use is asked for beside its quantity: a fee, and what bounds add or take, each on its own meter.

Where it stands in the walk: `use_case` works the fees out, `rate_use` lets their meters grow. The price that
holds when the use begins decides. Design: billing rules, "Shapes of F" (fixed fee and min/max per event).
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from billing_center.money import RATED_SCALE
from billing_center.rating.facts import MeterKey
from billing_center.rating.growth import EXACT
from billing_center.rating.models.per_event import EventFee, PerEvent, Sum, stepped
from billing_center.rating.price_version import PriceFunction
from billing_center.rating.unit_conversion import Unit, metered, to_base

EVENTS = ":events"
"""Added to a price's component: the meter that counts uses, and the charges of the fee for each."""

BOUNDS = ":bounds"
"""Added to a price's component: the meter that sums what a least and a most price per use add and take."""

_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(slots=True)
class Fee:
    """One fee meter of a use: the price of its reading, and how far the use lets it grow."""

    component: str
    function: PriceFunction
    by: Decimal
    key: MeterKey
    list_key: MeterKey | None


def billed(function: PriceFunction, base: Decimal, plan_unit: str) -> Decimal:
    """The quantity, in base units, that a use of `base` is counted as: rounded up to the price's increments.

    Raises: Unknown (UNKNOWN_UNIT) when the increments are of another kind than the plan's unit.
    """
    if not isinstance(function, PerEvent) or function.increments is None:
        return base
    first, then = function.increments.first, function.increments.then
    return stepped(
        base, to_base(first.quantity, first.unit, plan_unit), to_base(then.quantity, then.unit, plan_unit)
    )


def fee_growths(function: PriceFunction, base: Decimal, unit: Unit) -> list[tuple[str, PriceFunction, Decimal]]:
    """(suffix, F, growth) of each fee meter that a use of `base` units moves; none for a use of nothing."""
    if not isinstance(function, PerEvent) or base == _ZERO:
        return []
    found: list[tuple[str, PriceFunction, Decimal]] = []
    if function.fee:
        found.append((EVENTS, EventFee(function.fee, function.free_events), _ONE))
    if function.bounded:
        found.append((BOUNDS, Sum(), bound_of(function, base, unit)))
    return found


def bound_of(function: PerEvent, base: Decimal, unit: Unit) -> Decimal:
    """What the bounds add to one use, six decimals, half up."""
    quantity = base if unit.size == 1 else EXACT.divide(base, unit.size)
    return function.bound(quantity).quantize(RATED_SCALE, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class AsOneUse:
    """The price of a reading that one single use makes, its fee and bounds included: what a quotation says."""

    function: PriceFunction
    plan_unit: str
    unit: Unit

    def price(self, reading: Decimal) -> Decimal:
        """The price of one use of `reading` base units."""
        base = billed(self.function, reading, self.plan_unit)
        fees = [fee.price(by) for _, fee, by in fee_growths(self.function, base, self.unit)]
        return metered(self.function, self.unit).price(base) + sum(fees, _ZERO)
