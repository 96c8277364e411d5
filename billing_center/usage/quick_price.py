"""Rating most uses in whole numbers: one plain price, nothing free any more, a meter that only sums.

What a `QuickPrice` says of a use is what `rate_use` says, proven by a property test; whatever is not plain (a unit
that does not convert, a reading below zero or too large, free uses that are left) it leaves to `rate_use`.
Where it stands in the walk: `rate_usage` gives each card one, and asks it first. Design: billing rules, "One
principle: rating is the growth of a meter".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing_center.charge.entries import Entries, Entry, SumGrowth
from billing_center.errors import BillingError
from billing_center.ids import NONE
from billing_center.rating.allowance import allowance_key, is_free_day
from billing_center.rating.choose_price import choose_price
from billing_center.rating.facts import Cause, MeterKey, Meters, Terms
from billing_center.rating.price_version import Metered, MeterPer, PriceVersion, Product, Promotion
from billing_center.rating.promotion import fitting
from billing_center.rating.quick import quick
from billing_center.rating.unit_conversion import unit_of
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
    unit: str  # of the price version
    size: int
    total: SumGrowth
    sizes: dict[str, int]
    pieces: tuple[Entry, Entry, Entry, Entry]  # what every entry has: before, between and behind what is its own
    free: tuple[MeterKey, Decimal] | None  # the meter of free uses, and how many there are

    def keys(self) -> tuple[MeterKey, ...]:
        """The meters that say what a use costs."""
        return (self.gauge.key,) if self.free is None else (self.gauge.key, self.free[0])

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
        head, order, meter, tail = self.pieces
        entries.rows.append((
            *head, use.event_id, *order, use.user_id, self.total.currency, counted, amount, amount,
            *meter, before, after, *tail,
        ))  # fmt: skip
        total = self.total
        total.quantity += counted
        total.amount += amount
        total.list_amount += amount
        total.charges += 1
        return True

    def _size_of(self, word: str) -> int:
        """Base units in a unit of use; 0 when it does not convert."""
        plan = unit_of(self.unit)
        unit = unit_of(word) if word.strip() else plan
        size = self.sizes[word] = int(unit.size) if unit.base == plan.base else 0
        return size


class QuickPrices:
    """The quick prices of a batch and their gauges, one for each meter."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._gauges: dict[MeterKey, Gauge] = {}
        self._prices: dict[tuple[str, str, tuple[tuple[str, str], ...]], tuple[str, WholePrice] | None] = {}
        self._sizes: dict[str, dict[str, int]] = {}

    def of(
        self,
        payer_id: str,
        order_id: str,
        day: date,
        product: Product,
        version: PriceVersion | None,
        terms: Terms,
        promotion: Promotion | None,
    ) -> QuickPrice | None:
        """The quick price of the uses of a day under an order; None where the price is not plain."""
        if version is None or promotion is not None or terms.grants or not _is_plain(version):
            return None
        if is_free_day(product.allowance, terms.first_opening, day):
            return None
        chosen = self._chosen(version, terms)
        if chosen is None:
            return None
        component, price_of = chosen
        of_order = order_id if version.meter_per is MeterPer.ORDER else NONE
        key = _new_key(
            payer_id, product.product_id, of_order, terms.period.start.isoformat(), version.version_id,
            fitting(component),
        )  # fmt: skip
        gauge = self._gauges.get(key)
        if gauge is None:
            gauge = self._gauges[key] = Gauge(key, price_of)
        entries, unit = self._entries, unit_of(version.unit)
        period = entries.billing_period(payer_id, day)
        total = entries.sum_of(payer_id, period, order_id, product.product_id, terms.currency)
        uses = product.allowance.uses
        free = (allowance_key(payer_id, product.product_id), uses * unit.size) if uses > 0 else None
        sizes = self._sizes.setdefault(version.unit, {})
        pieces = (
            (day, payer_id, _USE),
            (component, total.shard, order_id, product.product_id),
            (key.order_id, key.scope, key.component),
            (version.version_id, NONE, "", period.start, entries.run_id, entries.rated_at),
        )
        return QuickPrice(gauge, version.unit, int(unit.size), total, sizes, pieces, free)

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

    def _chosen(self, version: PriceVersion, terms: Terms) -> tuple[str, WholePrice] | None:
        """The component of the price under these features, and the price; None where it is not plain or none."""
        name = (version.version_id, terms.currency, tuple(terms.features.items()))
        if name not in self._prices:
            self._prices[name] = _plain_price(version, terms)
        return self._prices[name]


def _is_plain(version: PriceVersion) -> bool:
    """Whether a use of this version counts into one meter that only sums, whatever came before it."""
    counts = version.metered is Metered.SUM and version.included is None
    return counts and not version.bands and not version.factor


def _plain_price(version: PriceVersion, terms: Terms) -> tuple[str, WholePrice] | None:
    try:
        price = choose_price(version, terms.currency, terms.features)
    except BillingError:
        return None  # the full rules say why
    whole = whole_price(price.function, unit_of(version.unit))  # type: ignore[arg-type]  # models are hashable values
    return None if whole is None else (price.component, whole)


_new_key = quick(MeterKey)
_USE = Cause.USE.value
