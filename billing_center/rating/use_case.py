"""One use with everything that its rating needs, worked out once for both doors of `rate_use`.

The quantity is brought to the base unit of the plan's unit, and split where the use crosses the edges of
bands; each part names its price and the meter that it will grow.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from billing_center.clock import civil_day
from billing_center.errors import NoPrice, OutOfRange
from billing_center.ids import NONE
from billing_center.money import RATED_SCALE, plain
from billing_center.rating.allowance import allowance_key, is_free_day
from billing_center.rating.bands import split_quantity, time_in_bands
from billing_center.rating.choose_price import choose_currency, choose_price
from billing_center.rating.facts import MeterKey, Terms, Use
from billing_center.rating.fees import Fee, billed, fee_growths
from billing_center.rating.grants import Balance, balances_of
from billing_center.rating.growth import EXACT
from billing_center.rating.metered import BY_HISTORY, History, contribution
from billing_center.rating.models import PerEvent
from billing_center.rating.price_version import Metered, MeterPer, Price, PriceVersion, Product, Promotion
from billing_center.rating.promotion import fitting, list_component, promoted_component, promotion_key
from billing_center.rating.quick import quick
from billing_center.rating.staged import check_reading
from billing_center.rating.unit_conversion import Unit, unit_of

_new_key = quick(MeterKey)


@dataclass(slots=True)
class Part:
    """The part of a use that falls under one price, in base units; what is free is taken out of `quantity`."""

    price: Price
    quantity: Decimal
    key: MeterKey
    list_key: MeterKey | None

    def take(self, most: Decimal) -> Decimal:
        """Take up to `most` units out; how many were taken."""
        taken = min(most, self.quantity)
        self.quantity -= taken
        return taken


@dataclass(slots=True)
class UseCase:
    """A use whose amount is to be worked out. `parts` come in the order of time, none on a wholly free day."""

    use: Use
    product: Product
    version: PriceVersion
    terms: Terms
    promotion: Promotion | None
    day: date
    currency: str
    unit: Unit
    base: Decimal  # the whole quantity as it is billed, in base units
    parts: list[Part]
    fees: list[Fee] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    history: History | None = None

    @classmethod
    def of(
        cls,
        use: Use,
        product: Product,
        version: PriceVersion | None,
        terms: Terms,
        promotion: Promotion | None,
        zone: ZoneInfo,
    ) -> "UseCase":
        """Work out day, currency, base quantity and parts. Raises: as `rate_use` says."""
        if version is None:
            raise NoPrice("a use without an amount needs a price version", field="product_id")
        if use.ended_at < use.started_at:
            raise OutOfRange("a use must not end before it starts", field="ended_at")
        day = civil_day(use.started_at, zone)
        currency = choose_currency(version, terms.currency, product.currency)
        unit = unit_of(version.unit)
        base = contribution(use, version, unit)
        case = cls(use, product, version, terms, promotion, day, currency, unit, base, [])
        if not is_free_day(product.allowance, terms.first_opening, day):
            case.parts = case._parts(zone)
            if version.metered in BY_HISTORY:
                case.history = History.of(use, version.metered, case.parts[0].key)
            if version.metered is not Metered.LATEST and (terms.grants or version.included is not None):
                case.balances = balances_of(use, version, terms, case.unit, day)
        return case

    def keys(self) -> tuple[MeterKey, ...]:
        """Every meter that this use reads or grows."""
        if not self.parts:
            return ()
        keys = [part.key for part in self.parts]
        keys += [part.list_key for part in self.parts if part.list_key is not None]
        keys += [balance.key for balance in self.balances]
        keys += self.history.keys() if self.history is not None else ()
        for fee in self.fees:
            keys += [fee.key] if fee.list_key is None else [fee.key, fee.list_key]
        if self.product.allowance.uses > 0:
            keys.append(self.allowance_key)
        if self.promotion is not None and self.promotion.free_uses > 0:
            keys.append(self.promotion_key)
        return tuple(keys)

    @property
    def factor_note(self) -> str:
        """What multiplied the quantity: `demand x 1.5`; "" without a factor."""
        factor = self.terms.factor
        return f"{self.version.factor} x {plain(factor)}" if self.version.factor and factor is not None else ""

    @property
    def has_more(self) -> bool:
        """Whether more than one price meter has a say: fees of the use, balances, or the uses before it."""
        return bool(self.fees or self.balances or self.history)

    @property
    def allowance_key(self) -> MeterKey:
        """The payer's meter of free units of this product, ever."""
        return allowance_key(self.use.payer_id, self.use.product_id)

    @property
    def promotion_key(self) -> MeterKey:
        """The order's meter of uses that its promotion gave free, ever."""
        return promotion_key(self.use.payer_id, self.use.product_id, self.use.order_id)

    def _parts(self, zone: ZoneInfo) -> list[Part]:
        """The use by price; two bands under one price are one part."""
        version, features = self.version, self.terms.features
        if not version.bands:
            price = choose_price(version, self.currency, features)
            self._bill(price)
            return [self._part(price, self.base)]
        in_bands = time_in_bands(self.use.started_at, self.use.ended_at, version.bands, zone)
        prices = [choose_price(version, self.currency, features, band) for band in in_bands]
        self._bill(prices[0])
        shares = split_quantity(self.base, list(in_bands.values()))
        parts: dict[str, Part] = {}
        for price, share in zip(prices, shares, strict=True):
            if price.component in parts:
                parts[price.component].quantity += share
            else:
                parts[price.component] = self._part(price, share)
        return list(parts.values())

    def _bill(self, price: Price) -> None:
        """Round the quantity to the increments of the price that the use begins under, and note its fees.

        The version's factor multiplies what is left to count, six decimals, half up; fees are not multiplied.
        """
        if isinstance(price.function, PerEvent):
            self._ask_fees(price)
        if self.version.factor:
            if self.terms.factor is None:
                raise NoPrice(f"the value of factor {self.version.factor} is not told", field="factor")
            self.base = EXACT.multiply(self.base, self.terms.factor).quantize(RATED_SCALE, ROUND_HALF_UP)
            check_reading(self.base)

    def _ask_fees(self, price: Price) -> None:
        self.base = billed(price.function, self.base, self.version.unit)
        for suffix, function, by in fee_growths(price.function, self.base, self.unit):
            component = price.component + suffix
            listed = list_component(component, self.promotion)
            key = self._key(promoted_component(component, self.promotion))
            self.fees.append(Fee(component, function, by, key, None if listed is None else self._key(listed)))

    def _part(self, price: Price, quantity: Decimal) -> Part:
        listed = list_component(price.component, self.promotion)
        return Part(
            price,
            quantity,
            self._key(promoted_component(price.component, self.promotion)),
            None if listed is None else self._key(listed),
        )

    def _key(self, component: str) -> MeterKey:
        use, version = self.use, self.version
        order_id = use.order_id if version.meter_per is MeterPer.ORDER else NONE
        scope = self.terms.period.start.isoformat()
        return _new_key(use.payer_id, use.product_id, order_id, scope, version.version_id, fitting(component))
