"""What something would cost before promotions and allowances: the same F that rates, asked for a total.

Where it stands in the walk: `getTotalPrice`. Design: billing rules, "One principle" (the same F answers).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from billing_center.errors import NoPrice, OutOfRange
from billing_center.period import regular_period, service_year
from billing_center.rating.choose_price import choose_price, version_in_force
from billing_center.rating.facts import PlanKind
from billing_center.rating.fees import AsOneUse
from billing_center.rating.growth import rated_price
from billing_center.rating.models import spread
from billing_center.rating.price_version import PriceFunction, PriceVersion, Product
from billing_center.rating.unit_conversion import to_base, unit_of


def quoted_version(product: Product, *, measure: PlanKind | None, day: date) -> PriceVersion:
    """The price version that a quote of this measure reads; also for the caller's choice of a currency.

    `measure` None means pieces: the plan per use. DAY means the day plan, or the account-day plan of a
    product that has only that. Raises: OutOfRange (field measureUnits) for pieces of a product that is not
    sold per use; NoPrice when the plan has no version in force on the day.
    """
    plans = {version.plan for version in product.versions}
    plan = PlanKind.PER_USE if measure is None else measure
    if measure is None and plan not in plans:
        raise OutOfRange(f"product {product.product_id} is not sold by the piece", field="measureUnits")
    if plan is PlanKind.DAY and plan not in plans and PlanKind.ACCOUNT_DAY in plans:
        plan = PlanKind.ACCOUNT_DAY
    return version_in_force(product, plan, day)


def quote(
    product: Product,
    *,
    measure: PlanKind | None,
    count: Decimal,
    currency: str,
    features: Mapping[str, str],
    day: date,
) -> Decimal:
    """The rated price (six decimals) of `count` pieces, days, account-days, whole months or years from `day`.

    Currency: exactly the one given (`choose_currency` over `quoted_version` finds it for a payer). Days and
    pieces are counted in one scope, in the plan's unit and outside bands; pieces are one single use.
    Raises: OutOfRange for a negative count, or pieces of a product not sold per use (field measureUnits);
    NoPrice; CatalogInvalid for an ambiguous price or a tiered month or year.
    """
    if count < 0:
        raise OutOfRange("a count must not be negative", field="count")
    version = quoted_version(product, measure=measure, day=day)
    if all(price.currency != currency for price in version.prices):
        raise NoPrice(f"product {product.product_id} has no price in {currency}", field="currency")
    function = choose_price(version, currency, features).function
    if version.plan is PlanKind.MONTH:
        days = regular_period(day, day.day).days
    elif version.plan is PlanKind.YEAR:
        days = service_year(day, day).days
    elif version.plan is PlanKind.PER_USE:
        asked = AsOneUse(function, version.unit, unit_of(version.unit))
        return rated_price(asked, to_base(count, "", version.unit))
    else:
        return rated_price(function, count)
    return rated_price(_Times(spread(function, days), Decimal(days)), count)


class _Times:
    """`count` whole periods, each at the price of all its days."""

    def __init__(self, period: PriceFunction, days: Decimal) -> None:
        self._period = period
        self._days = days

    def price(self, reading: Decimal) -> Decimal:
        return self._period.price(self._days) * reading
