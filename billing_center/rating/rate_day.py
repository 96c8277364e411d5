"""Rating one day of one order: day and account plans, and the day's share of a month or a year.

The price meter belongs to the order and counts its active days (account-days in an account plan) over the
billing period; that of a year plan over the service year, so that a whole year costs exactly its price.
In advance it counts the days to come at once, on the scope's first active day, and gives back what is not
used: so both ways of charging come to the same for the same days. A free day gives a charge of nothing with a
note, and the price meter does not see it.
Where it stands in the walk: the daily rating of active orders. Design: billing rules, table of what is sold,
modes 2 to 5.
"""

from dataclasses import dataclass
from decimal import Decimal

from billing_center.errors import Broken, OutOfRange
from billing_center.ids import NONE
from billing_center.money import LARGEST
from billing_center.period import ONE_DAY, Period, service_year
from billing_center.rating.allowance import ALLOWANCE, is_free_day
from billing_center.rating.choose_price import choose_currency, choose_price
from billing_center.rating.facts import Cause, Charge, MeterKey, Meters, OrderDay, PlanKind, Terms
from billing_center.rating.growth import growth
from billing_center.rating.models import spread
from billing_center.rating.price_version import (
    Price,
    PriceFunction,
    PriceVersion,
    Product,
    Promotion,
    Proration,
)
from billing_center.rating.promotion import (
    PROMOTION,
    fitting,
    is_promotion_day,
    list_component,
    promoted,
    promoted_component,
)
from billing_center.rating.staged import StagedMeters

_ZERO, _ONE = Decimal(0), Decimal(1)


PAID = "paid-until"
"""The component of the meter that tells how many days of the scope, from its first one, are charged in advance."""


@dataclass(slots=True)
class _DayCase:
    """An order's day with everything that its rating needs, under one price."""

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


@dataclass(slots=True)
class _Advance:
    """What is charged in advance in the day's scope: how far, and every price that may have charged it."""

    scope: Period
    paid_key: MeterKey
    cases: list[_DayCase]


def meter_keys_of_day(
    order_day: OrderDay, version: PriceVersion, terms: Terms, product: Product, promotion: Promotion | None
) -> tuple[MeterKey, ...]:
    """The meters whose readings must be loaded before `rate_day` rates this day. Raises: as `rate_day`."""
    case = _case(order_day, product, version, terms, promotion)
    advance = _advance(order_day, product, terms, promotion)
    if advance is not None:
        keys = {key for one in (case, *advance.cases) for key in (one.key, one.list_key) if key is not None}
        return (advance.paid_key, *sorted(keys))
    own = () if case.free_by else (case.key,)
    return own if case.list_key is None or case.free_by == ALLOWANCE else (*own, case.list_key)


def rate_day(
    order_day: OrderDay,
    *,
    product: Product,
    version: PriceVersion,
    terms: Terms,
    promotion: Promotion | None,
    meters: Meters,
) -> list[Charge]:
    """The charge of an order's day, if any; its meters grow with it, or not at all when it raises.

    Amounts are rated (six decimals), in the payer's currency if the version prices it, else the product's.
    A month's or year's share may differ by 0.000001 from day to day; the period adds up to its price. In arrear
    every active day has one charge; in advance the first active day of a scope has one for all days to come,
    and a day has a negative one when it, or what would follow it, gives days back.
    Raises: NoPrice, CatalogInvalid (an ambiguous price, a tiered month or year), MissingField for a first
    opening that free days need, OutOfRange for what reaches 10^12, Broken when the version is of another plan.
    """
    case = _case(order_day, product, version, terms, promotion)
    staged = StagedMeters(meters)
    advance = _advance(order_day, product, terms, promotion)
    if advance is not None:
        charges = _rate_in_advance(case, product, advance, staged)
    else:
        charges = [_in_arrear(case, product, staged)] if order_day.active else []
    staged.keep()
    return charges


def _in_arrear(case: _DayCase, product: Product, staged: StagedMeters) -> Charge:
    """The active day itself: free, or the growth of its price meter."""
    if case.free_by == ALLOWANCE:
        return _charge(case, ALLOWANCE, note=f"free: first {product.allowance.days} days")
    if case.promotion is not None and case.free_by == PROMOTION:
        note = f"free by promotion: first {case.promotion.free_days} days"
        return _charge(case, PROMOTION, listed=_listed(case, staged), note=note)
    return _grown(case, staged)


def _rate_in_advance(case: _DayCase, product: Product, advance: _Advance, staged: StagedMeters) -> list[Charge]:
    """The day where its scope may be charged in advance: what is charged keeps its price to the scope's end."""
    fact = case.fact
    before = Decimal((fact.day - advance.scope.start).days)
    paid = staged.reading(advance.paid_key)
    if paid > before:
        kept = before + _ONE if fact.active else before
        unused = _ZERO if fact.active else _ONE
        back = paid - kept if fact.last else unused
        if fact.last:
            staged.advance(advance.paid_key, kept - paid)
        return [_given_back(advance, back, fact, staged)] if back else []
    if not fact.active:
        return []
    if not case.version.in_advance or case.free_by:
        return [_in_arrear(case, product, staged)]
    case.count = _ONE if fact.last else advance.scope.days - before
    staged.advance(advance.paid_key, before + case.count - paid)
    through = fact.day + (int(case.count) - 1) * ONE_DAY
    return [_grown(case, staged, note=f"in advance: {case.count} days through {through}")]


def _given_back(advance: _Advance, days: Decimal, fact: OrderDay, staged: StagedMeters) -> Charge:
    """Days that were charged in advance and not used: the meter that counted them shrinks."""
    case = next((one for one in advance.cases if staged.reading(one.key) > 0), None)
    if case is None:
        raise Broken("days are paid in advance and no meter has counted them", order_id=fact.order_id)
    case.count = -days
    why = "the order ended" if fact.last else "not active"
    return _grown(case, staged, note=f"given back: {days} days, {why}")


def _grown(case: _DayCase, staged: StagedMeters, note: str = "") -> Charge:
    before, after = grown = staged.advance(case.key, case.count)
    amount = listed = growth(case.function, before, after)
    if case.promotion is not None:
        amount = growth(promoted(case.function, case.promotion, case.currency), before, after)
        listed = listed if case.list_key is None else _listed(case, staged)
    return _charge(case, case.component, amount=amount, listed=listed, meter=case.key, grown=grown, note=note)


def _case(
    fact: OrderDay, product: Product, version: PriceVersion, terms: Terms, promotion: Promotion | None
) -> _DayCase:
    if version.plan is not fact.plan or version.plan is PlanKind.PER_USE:
        raise Broken("a day is rated by a version of its own plan", order_id=fact.order_id)
    if fact.accounts < 0:
        raise OutOfRange("a number of accounts must not be negative", field="accounts")
    currency = choose_currency(version, terms.currency, product.currency)
    case = _under(choose_price(version, currency, terms.features), fact, version, terms, promotion)
    if is_free_day(product.allowance, terms.first_opening, fact.day):
        case.free_by = ALLOWANCE
    elif promotion is not None and is_promotion_day(promotion, fact.order_start, fact.day):
        case.free_by = PROMOTION
    return case


def _advance(fact: OrderDay, product: Product, terms: Terms, promotion: Promotion | None) -> _Advance | None:
    """What may be charged in advance in the scope of the day; None where no version of it charges so."""
    if not any(version.in_advance and version.plan is fact.plan for version in product.versions):
        return None
    scope = _scope(fact, terms)
    cases = [
        _under(price, fact, version, terms, promotion)
        for version in product.versions
        if version.in_advance and version.plan is fact.plan and version.valid_from <= fact.day
        and (version.valid_to is None or version.valid_to > scope.start)
        for price in version.prices
    ]  # fmt: skip
    if not cases:
        return None
    key = MeterKey(fact.payer_id, fact.product_id, fact.order_id, scope.start.isoformat(), NONE, PAID)
    return _Advance(scope, key, cases)


def _under(
    price: Price, fact: OrderDay, version: PriceVersion, terms: Terms, promotion: Promotion | None
) -> _DayCase:
    """The day under one price of a version."""
    scope, function = _scope_and_function(fact, version, terms, price.function)

    def key(component: str) -> MeterKey:
        own = fitting(component)
        return MeterKey(fact.payer_id, fact.product_id, fact.order_id, scope, version.version_id, own)

    listed = list_component(price.component, promotion)
    return _DayCase(
        fact,
        version,
        promotion,
        price.currency,
        price.component,
        function,
        fact.accounts if version.plan is PlanKind.ACCOUNT_DAY else _ONE,
        key(promoted_component(price.component, promotion)),
        None if listed is None else key(listed),
        "",
    )


def _scope(fact: OrderDay, terms: Terms) -> Period:
    """The days that the order's meter counts over. Raises: Broken when the billing period's end is not told."""
    if fact.plan is PlanKind.YEAR:
        return service_year(fact.day, fact.order_start)
    if terms.period.end is None:
        raise Broken("a charge in advance needs the billing period's end", order_id=fact.order_id)
    return Period(terms.period.start, terms.period.end)


def _scope_and_function(
    fact: OrderDay, version: PriceVersion, terms: Terms, function: PriceFunction
) -> tuple[str, PriceFunction]:
    """The first day of what the meter counts over, and the price of its reading."""
    if version.plan is PlanKind.YEAR:
        year = service_year(fact.day, fact.order_start)
        return year.start.isoformat(), spread(function, year.days, by=_divisor(version, 360))
    if version.plan is PlanKind.MONTH:
        function = spread(function, terms.period.whole_days, by=_divisor(version, 30))
    return terms.period.start.isoformat(), function


def _divisor(version: PriceVersion, days: int) -> int | None:
    return days if version.proration is Proration.MONTHS_OF_30 else None


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
