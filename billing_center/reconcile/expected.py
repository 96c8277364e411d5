"""What one raw fact should have been charged: a charge as it should stand, and how a price becomes its amount."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.plain_lines import lines_of
from billing_center.reconcile.plain_price import RATED_DIGITS, half_up, plain_price
from billing_center.reconcile.plain_steps import steps_of
from billing_center.reconcile.raw_facts import MeterName, meter_name

ZERO = Decimal(0)
MOST_PRICES = 1000
_PRICES: dict[Any, tuple[Any, Any, Any]] = {}

PriceOf = Callable[[Decimal], Decimal]
"""The price of a meter's reading (base units), at six decimals."""

WholePrices = Callable[[Sequence[int]], list[int]]
"""The same in millionths, of readings that are nothing or more."""


@dataclass(slots=True)
class ExpectedCharge:
    """A charge as it should stand. `quantity` is in the plan's unit, `growth` in the meter's base units."""

    day: date
    cause: str
    cause_id: str
    component: str
    order_id: str
    product_id: str
    user_id: str
    currency: str
    version_id: str
    promotion_id: str
    quantity: Decimal = ZERO
    amount: Decimal = ZERO
    list_amount: Decimal | None = ZERO  # None: only the total of its list meter can be told
    meter: MeterName | None = None
    growth: Decimal = ZERO
    listed_on: list[tuple[MeterName, Decimal, PriceOf]] = field(default_factory=list)
    """What it lets the meters of the list amount grow by, where a promotion gives something for nothing."""

    @property
    def key(self) -> tuple[date, str, str, str]:
        """Its key within a payer."""
        return self.day, self.cause, self.cause_id, self.component

    def _agrees(self, row: Any) -> bool:
        """Whether the charge stands as it should: most do."""
        return (
            self.amount == row.amount
            and self.list_amount in (None, row.list_amount)
            and self.quantity == row.quantity
            and self.growth == row.reading_after - row.reading_before
            and self.meter == meter_of(row)
            and (self.order_id, self.product_id, self.user_id, self.currency, self.version_id, self.promotion_id)
            == (row.order_id, row.product_id, row.user_id, row.currency, row.version_id, row.promotion_id)
        )

    def fields(self, found: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """(what should stand, what stands) in the columns that are compared."""
        if self._agrees(found):
            return {}, {}
        names = [
            "order_id", "product_id", "user_id", "currency", "version_id", "promotion_id", "quantity", "amount",
        ]  # fmt: skip
        names += ["list_amount"] if self.list_amount is not None else []
        expected = {name: getattr(self, name) for name in names}
        stands = {name: getattr(found, name) for name in names}
        expected |= {"meter": meter_text(self.meter), "meter growth": self.growth}
        stands |= {
            "meter": meter_text(meter_of(found)),
            "meter growth": found.reading_after - found.reading_before,
        }
        return expected, stands


def fitted(component: str) -> str:
    """A meter's component within the 100 characters of the tables: a longer one ends in a digest of itself."""
    if len(component) <= 100:
        return component
    return f"{component[:83]}~{sha256(component.encode()).hexdigest()[:16]}"


def meter_of(row: Any) -> MeterName | None:
    """The meter that a charge's row says it is the growth of."""
    if row.meter_component == NONE:
        return None
    return meter_name(row.product_id, row.meter_order_id, row.meter_scope, row.version_id, row.meter_component)


def meter_text(name: MeterName | None) -> str:
    """A meter in a difference."""
    return NONE if name is None else " / ".join(name)


def price_of(
    params: Mapping[str, Any],
    *,
    size: int = 1,
    days: tuple[int | None, int | None] = (None, None),
    promotion: Any = None,
    currency: str,
) -> PriceOf:
    """The price function of a price's parameters, with a promotion's percentage and amount taken off.

    `days`: over how many a month's or year's price is spread, and in parts of how many. The same price of the
    same reading is worked out once.
    """
    key = (id(params), size, days, id(promotion), currency)
    found = _PRICES.get(key)
    if found is None:
        if len(_PRICES) >= MOST_PRICES:
            _PRICES.clear()
        # What is known by its identity is kept alive with it.
        found = _PRICES[key] = (params, promotion, _price_of(params, size, days, promotion, currency))
    price: PriceOf = found[2]
    return price


def whole_prices_of(params: Mapping[str, Any], *, size: int, currency: str) -> WholePrices:
    """The price function of a price's parameters in whole millionths: always the same one for the same price."""
    key = ("whole", id(params), size, currency)
    if key not in _PRICES:
        prices = _whole_prices_of(params, size, currency)
        if len(_PRICES) >= MOST_PRICES:
            _PRICES.clear()
        _PRICES[key] = (params, None, prices)
    found: WholePrices = _PRICES[key][2]
    return found


def _whole_prices_of(params: Mapping[str, Any], size: int, currency: str) -> WholePrices:
    worked_out = lines_of(params, size) or steps_of(params, size)
    if worked_out is not None:
        return worked_out.whole_prices
    price = price_of(params, size=size, currency=currency)
    return lambda readings: [
        int(price(Decimal(whole).scaleb(-RATED_DIGITS)).scaleb(RATED_DIGITS)) for whole in readings
    ]


def _price_of(
    params: Mapping[str, Any], size: int, days: tuple[int | None, int | None], promotion: Any, currency: str
) -> PriceOf:
    lines = lines_of(params, size) if promotion is None and days[0] is None else None

    @lru_cache(maxsize=MOST_PRICES)
    def price(reading: Decimal) -> Decimal:
        straight = lines.price(reading) if lines is not None else None
        if straight is not None:
            return straight
        value = plain_price(params, Fraction(reading) / size, spread_over=days[0], in_parts_of=days[1])
        if promotion is not None:
            value = value * (100 - Fraction(promotion["percent_off"])) / 100
            off = Fraction(promotion["amount_off"].get(currency, "0"))
            value = max(Fraction(0), value - off) if off else value
        return half_up(value, RATED_DIGITS)

    return price


def has_free(promotion: Any) -> bool:
    """Whether a promotion gives days or uses for nothing, so that the list amount has a meter of its own."""
    return promotion is not None and (promotion["free_days"] > 0 or Decimal(promotion["free_uses"]) > 0)
