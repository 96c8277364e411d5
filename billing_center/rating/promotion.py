"""Promotions: another price function over a meter of its own, or free days and uses of one order.

An order with a promotion is metered apart from the payer's other orders (`promoted_component`): one meter
has one F, so neither order nor split of what arrives changes a total. `list_amount` is always the growth of
the undiscounted F. Where days or uses are free, the price meter does not see them, so the list amount has a
meter of its own that sees all (`list_component`).
A promotion with several benefits is a stack of several that one order named (`promotion_stack`): what is free goes
first, then the percentage, then the amount.
Design: billing rules, "Promotions".
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from billing_center.errors import MissingField
from billing_center.ids import NONE
from billing_center.rating.allowance import EVER, within_first_days
from billing_center.rating.facts import MeterKey
from billing_center.rating.growth import growth
from billing_center.rating.models import Standard
from billing_center.rating.price_version import PriceFunction, Promotion

PROMOTION = "promotion"
"""The component of the meter of free uses and of the charges of what a promotion made free."""

LONGEST_KEY = 100
"""Characters of a meter's component that the tables hold."""

_ZERO, _ONE, _HUNDRED = Decimal(0), Decimal(1), Decimal(100)


@dataclass(frozen=True, slots=True)
class PercentOff:
    """`percent` (0 to 100) off the whole price."""

    function: PriceFunction
    percent: Decimal

    def price(self, reading: Decimal) -> Decimal:
        """F x (100 - percent) / 100, unrounded."""
        return self.function.price(reading) * (_HUNDRED - self.percent) / _HUNDRED


@dataclass(frozen=True, slots=True)
class AmountOff:
    """`amount`, in the price's currency, off what a meter's whole scope costs: never below nothing."""

    function: PriceFunction
    amount: Decimal

    def price(self, reading: Decimal) -> Decimal:
        """max(0, F - amount), unrounded."""
        return max(_ZERO, self.function.price(reading) - self.amount)


def promoted(function: PriceFunction, promotion: Promotion, currency: str) -> PriceFunction:
    """The price function with the promotion's percentage and its amount in this currency taken off."""
    if promotion.percent_off:
        function = PercentOff(function, promotion.percent_off)
    off = promotion.amount_off.get(currency)
    return AmountOff(function, off) if off else function


def price_once(price: Decimal, promotion: Promotion | None, currency: str) -> Decimal:
    """What is sold once, as a package is, with the promotion's percentage and amount taken off; six decimals."""
    sold = Standard(price)
    return growth(promoted(sold, promotion, currency) if promotion else sold, _ZERO, _ONE)


def is_promotion_day(promotion: Promotion, order_start: date | None, day: date) -> bool:
    """Whether a day is one of the free days, which begin with the order's first day.

    Raises: MissingField when the promotion gives free days and the order's first day is not told.
    """
    if promotion.free_days <= 0:
        return False
    if order_start is None:
        raise MissingField("the order's first day is not told", field="order_start")
    return within_first_days(day, order_start, promotion.free_days)


def promotion_key(payer_id: str, product_id: str, order_id: str) -> MeterKey:
    """The meter of the free uses that an order has taken, ever; in base units."""
    return MeterKey(payer_id, product_id, order_id, EVER, NONE, PROMOTION)


def promoted_component(component: str, promotion: Promotion | None) -> str:
    """The price meter's component: the price's own, apart for each promotion."""
    return component if promotion is None else f"{component}+{promotion.promotion_id}"


def list_component(component: str, promotion: Promotion | None) -> str | None:
    """The component of the meter that the list amount grows on, None where the price meter sees everything."""
    if promotion is None or (promotion.free_days <= 0 and promotion.free_uses <= 0):
        return None
    return f"{promoted_component(component, promotion)}:list"


def fitting(component: str) -> str:
    """A meter's component within the length that the tables hold: a longer one ends in a digest of itself."""
    if len(component) <= LONGEST_KEY:
        return component
    return f"{component[: LONGEST_KEY - 17]}~{sha256(component.encode()).hexdigest()[:16]}"
