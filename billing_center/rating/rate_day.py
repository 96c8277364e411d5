"""Rating one day of one order: day and account plans, and the day's share of a month or a year.

The price meter belongs to the order and counts its active days (account-days in an account plan) over the
billing period; that of a year plan over the service year, so that a whole year costs exactly its price.
A free day gives a charge of nothing with a note, and the price meter does not see it.
Where it stands in the walk: the daily rating of active orders. Design: billing rules, table of what is sold,
modes 2 to 5.
"""

from dataclasses import dataclass
from decimal import Decimal

from billing_center.errors import Broken, OutOfRange
from billing_center.ids import NONE
from billing_center.money import LARGEST
from billing_center.period import service_year
from billing_center.rating.allowance import ALLOWANCE, is_free_day
from billing_center.rating.choose_price import choose_currency, choose_price
from billing_center.rating.facts import Cause, Charge, MeterKey, Meters, OrderDay, PlanKind, Terms
from billing_center.rating.growth import growth
from billing_center.rating.models import spread
from billing_center.rating.price_version import PriceFunction, PriceVersion, Product, Promotion
from billing_center.rating.promotion import (
    PROMOTION,
    is_promotion_day,
    list_component,
    promoted,
    promoted_component,
)
from billing_center.rating.staged import StagedMeters

_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(slots=True)
class _DayCase:
    """An order's day with everything that its rating needs."""

    fact: OrderDay
    version: PriceVersion
    promotion: Promotion | None
    currency: str
    component: str
    function: PriceFunction
    count: Decimal  # days, or account-days
    key: MeterKey
    list_key: MeterKey | None
    free_by: str  # the component that makes the day free, or ""


def meter_keys_of_day(
    order_day: OrderDay, version: PriceVersion, terms: Terms, product: Product, promotion: Promotion | None
) -> tuple[MeterKey, ...]:
    """The meters whose readings must be loaded before `rate_day` rates this day. Raises: as `rate_day`."""
    case = _case(order_day, product, version, terms, promotion)
    keys = () if case.free_by else (case.key,)
    return keys if case.list_key is None or case.free_by == ALLOWANCE else (*keys, case.list_key)


def rate_day(
    order_day: OrderDay,
    *,
    product: Product,
    version: PriceVersion,
    terms: Terms,
    promotion: Promotion | None,
    meters: Meters,
) -> list[Charge]:
    """The one charge of an order's day; its meters grow with it, or not at all when it raises.

    Amounts are rated (six decimals), in the payer's currency if the version prices it, else the product's.
    A month's or year's share may differ by 0.000001 from day to day; the period adds up to its price.
    Raises: NoPrice, CatalogInvalid (an ambiguous price, a tiered month or year), MissingField for a first
    opening that free days need, OutOfRange for what reaches 10^12, Broken when the version is of another plan.
    """
    case = _case(order_day, product, version, terms, promotion)
    staged = StagedMeters(meters)
    if case.free_by == ALLOWANCE:
        charge = _charge(case, ALLOWANCE, note=f"free: first {product.allowance.days} days")
    elif promotion is not None and case.free_by == PROMOTION:
        note = f"free by promotion: first {promotion.free_days} days"
        charge = _charge(case, PROMOTION, listed=_listed(case, staged), note=note)
    else:
        before, after = grown = staged.advance(case.key, case.count)
        amount = listed = growth(case.function, before, after)
        if promotion is not None:
            amount = growth(promoted(case.function, promotion, case.currency), before, after)
            listed = listed if case.list_key is None else _listed(case, staged)
        charge = _charge(case, case.component, amount=amount, listed=listed, meter=case.key, grown=grown)
    staged.keep()
    return [charge]


def _case(
    fact: OrderDay, product: Product, version: PriceVersion, terms: Terms, promotion: Promotion | None
) -> _DayCase:
    if version.plan is not fact.plan or version.plan is PlanKind.PER_USE:
        raise Broken("a day is rated by a version of its own plan", order_id=fact.order_id)
    currency = choose_currency(version, terms.currency, product.currency)
    price = choose_price(version, currency, terms.features)
    scope, function = _scope_and_function(fact, version, terms, price.function)
    count = fact.accounts if version.plan is PlanKind.ACCOUNT_DAY else _ONE
    if count < 0:
        raise OutOfRange("a number of accounts must not be negative", field="accounts")
    free_by = ""
    if is_free_day(product.allowance, terms.first_opening, fact.day):
        free_by = ALLOWANCE
    elif promotion is not None and is_promotion_day(promotion, fact.order_start, fact.day):
        free_by = PROMOTION

    def key(component: str) -> MeterKey:
        return MeterKey(fact.payer_id, fact.product_id, fact.order_id, scope, version.version_id, component)

    listed = list_component(price.component, promotion)
    return _DayCase(
        fact,
        version,
        promotion,
        currency,
        price.component,
        function,
        count,
        key(promoted_component(price.component, promotion)),
        None if listed is None else key(listed),
        free_by,
    )


def _scope_and_function(
    fact: OrderDay, version: PriceVersion, terms: Terms, function: PriceFunction
) -> tuple[str, PriceFunction]:
    """The first day of what the meter counts over, and the price of its reading."""
    if version.plan is PlanKind.YEAR:
        year = service_year(fact.day, fact.order_start)
        return year.start.isoformat(), spread(function, year.days)
    if version.plan is PlanKind.MONTH:
        function = spread(function, terms.period.whole_days)
    return terms.period.start.isoformat(), function


def _listed(case: _DayCase, staged: StagedMeters) -> Decimal:
    """What the day costs without the promotion: the growth of the meter that sees every day."""
    if case.list_key is None:
        return _ZERO
    return growth(case.function, *staged.advance(case.list_key, case.count))


def _charge(
    case: _DayCase,
    component: str,
    *,
    amount: Decimal = _ZERO,
    listed: Decimal = _ZERO,
    meter: MeterKey | None = None,
    grown: tuple[Decimal, Decimal] = (_ZERO, _ZERO),
    note: str = "",
) -> Charge:
    if abs(amount) >= LARGEST or abs(listed) >= LARGEST:
        raise OutOfRange("an amount must stay below 1,000,000,000,000", field="amount")
    fact, promotion = case.fact, case.promotion
    return Charge(
        day=fact.day,
        payer_id=fact.payer_id,
        cause=Cause.DAY,
        cause_id=fact.order_id,
        component=component,
        order_id=fact.order_id,
        product_id=fact.product_id,
        user_id=NONE,
        currency=case.currency,
        quantity=case.count,
        amount=amount,
        list_amount=listed,
        meter=meter,
        reading_before=grown[0],
        reading_after=grown[1],
        version_id=case.version.version_id,
        promotion_id=NONE if promotion is None else promotion.promotion_id,
        note=note,
    )
