"""Rating most uses in whole numbers: one plain price, nothing free any more, a meter that only sums.

What a `QuickPrice` says of a use is what `rate_use` says, proven by a property test; whatever is not plain (a unit
that does not convert, a reading below zero or too large, free uses that are left) it leaves to `rate_use`.
Where it stands in the walk: `rate_usage` gives each card one, and asks it first. Design: billing rules, "One
principle: rating is the growth of a meter".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from billing_center.charge.entries import Entries, Entry, SumGrowth
from billing_center.ids import NONE
from billing_center.rating.facts import Cause, MeterKey, Meters
from billing_center.rating.price_version import Metered, PriceVersion
from billing_center.rating.unit_conversion import unit_of
from billing_center.rating.use_case import UseCase
from billing_center.rating.whole_numbers import (
    LARGEST_READING,
    WholePrice,
    from_millionths,
    in_units,
    millionths,
    whole_price,
)
from billing_center.usage.store import QueuedUse


@dataclass(slots=True)
class Gauge:
    """A price meter in millionths: its reading, and the price of it. Shared by all cards that grow it."""

    key: MeterKey
    price_of: WholePrice
    reading: int = -1  # not read yet
    price: int = 0
    grown: bool = False

    def read(self, reading: Decimal) -> None:
        """Set it to what the meter reads."""
        self.reading = millionths(reading)
        self.price = self.price_of(self.reading) if self.reading >= 0 else 0


@dataclass(slots=True)
class QuickPrice:
    """The plain price of a card's uses."""

    gauge: Gauge
    case: UseCase  # of the first use; what it says of day, price and unit holds for all
    version: PriceVersion
    size: int
    total: SumGrowth
    shard: int
    sizes: dict[str, int]
    free: tuple[MeterKey, Decimal] | None = field(default=None)  # the meter of free uses, and how many there are

    def rate(self, use: QueuedUse, entries: Entries, meters: Meters) -> bool:
        """Enter the charge of the use and let the gauge grow; False when the full rules must rate it."""
        if self.free is not None:
            if meters.readings[self.free[0]] < self.free[1]:
                return False
            self.free = None  # what was used up stays so while the batch holds the payer's lock
        size = self.sizes.get(use.unit) or self._size_of(use.unit)
        gauge, quantity = self.gauge, use.quantity
        before = gauge.reading
        if not size or before < 0 or quantity is None:
            return False
        by = int(quantity.scaleb(6)) * size
        after = before + by
        if by <= 0 or after >= LARGEST_READING:
            return False
        price = gauge.price_of(after)
        amount = price - gauge.price
        if price >= LARGEST_READING:
            return False
        gauge.reading, gauge.price, gauge.grown = after, price, True
        counted = by if self.size == 1 else in_units(after, self.size) - in_units(before, self.size)
        entries.rows.append(self._entry(use, entries, counted, amount, before, after))
        total = self.total
        total.quantity += counted
        total.amount += amount
        total.list_amount += amount
        total.charges += 1
        return True

    def _entry(
        self, use: QueuedUse, entries: Entries, counted: int, amount: int, before: int, after: int
    ) -> Entry:
        total, key, case = self.total, self.gauge.key, self.case
        return (
            case.day, total.payer_id, _USE, use.event_id, case.parts[0].price.component, self.shard,
            total.order_id, total.product_id, use.user_id, total.currency, counted, amount, amount, key.order_id,
            key.scope, key.component, before, after, self.version.version_id, NONE, "", total.period.start,
            entries.run_id, entries.rated_at,
        )  # fmt: skip

    def _size_of(self, word: str) -> int:
        """Base units in a unit of use; 0 when it does not convert."""
        plan = unit_of(self.version.unit)
        unit = unit_of(word) if word.strip() else plan
        size = self.sizes[word] = int(unit.size) if unit.base == plan.base else 0
        return size


class QuickPrices:
    """The quick prices of a batch and their gauges, one for each meter."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._gauges: dict[MeterKey, Gauge] = {}
        self._prices: dict[tuple[str, str], WholePrice | None] = {}
        self._sizes: dict[str, dict[str, int]] = {}

    def of(self, case: UseCase) -> QuickPrice | None:
        """The quick price of the uses of a card, by the case of one of them; None where the price is not plain."""
        version, product = case.version, case.product
        plain = case.promotion is None and len(case.parts) == 1 and not case.has_more and not case.terms.grants
        if not plain or version.metered is not Metered.SUM or version.bands or version.factor:
            return None
        part, use = case.parts[0], case.use
        price_of = self._whole_price(version, part.price.component, case)
        if price_of is None:
            return None
        gauge = self._gauges.setdefault(part.key, Gauge(part.key, price_of))
        entries, size = self._entries, int(case.unit.size)
        period = entries.billing_period(use.payer_id, case.day)
        total = entries.sum_of(use.payer_id, period, use.order_id, use.product_id, case.currency)
        uses = product.allowance.uses
        free = (case.allowance_key, uses * case.unit.size) if uses > 0 else None
        sizes = self._sizes.setdefault(version.unit, {})
        return QuickPrice(gauge, case, version, size, total, total.shard, sizes, free)

    def read(self, meters: Meters) -> None:
        """Set every gauge to what its meter reads."""
        for key, gauge in self._gauges.items():
            gauge.read(meters.readings[key])

    def to_meters(self, keys: tuple[MeterKey, ...], meters: Meters) -> None:
        """Before the full rules look at these meters: what the gauges have counted."""
        for key in keys:
            gauge = self._gauges.get(key)
            if gauge is not None and gauge.grown:
                meters.readings[key] = from_millionths(gauge.reading)

    def from_meters(self, keys: tuple[MeterKey, ...], meters: Meters) -> None:
        """After the full rules: what the meters have counted."""
        for key in keys:
            gauge = self._gauges.get(key)
            if gauge is not None:
                gauge.read(meters.readings[key])

    def readings(self, meters: Meters) -> Mapping[MeterKey, Decimal]:
        """The readings of all meters that have grown, whichever way."""
        grown = {key: meters.readings[key] for key in meters.touched}
        return grown | {g.key: from_millionths(g.reading) for g in self._gauges.values() if g.grown}

    def _whole_price(self, version: PriceVersion, component: str, case: UseCase) -> WholePrice | None:
        name = (version.version_id, component)
        if name not in self._prices:
            self._prices[name] = whole_price(case.parts[0].price.function, case.unit)  # type: ignore[arg-type]  # models are hashable values
        return self._prices[name]


_USE = Cause.USE.value
