"""The price function behind a charge, asked again at both ends of its meter's growth.

Nothing is believed: what F gives at the two readings must come to the amount that was booked, or no equation is
shown at all. Readings are in base units (seconds, KB, pieces); `before` and `after` are also told in the plan's
unit. Where it stands in the walk: `explain_invoice` asks it for lines and charges, `explain_words` tells it.
Design: billing rules, "One principle" and "What an invoice must be able to say".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing_center.catalog.snapshot import CatalogSnapshot
from billing_center.errors import BillingError
from billing_center.ids import NONE
from billing_center.period import BillingSchedule, service_year
from billing_center.rating.allowance import EVER
from billing_center.rating.facts import PlanKind
from billing_center.rating.fees import BOUNDS, EVENTS
from billing_center.rating.growth import rated_price
from billing_center.rating.models import BadParameter, PerEvent, spread
from billing_center.rating.models.per_event import EventFee, Sum
from billing_center.rating.price_version import Price, PriceFunction, PriceVersion, Promotion, Proration
from billing_center.rating.promotion import PercentOff, fitting, promoted
from billing_center.rating.unit_conversion import Unit, in_unit, metered, unit_of

DAYS = Unit("day", "day", Decimal(1))
ACCOUNT_DAYS = Unit("account_day", "account_day", Decimal(1))
EVENT = Unit("count", "count", Decimal(1))


@dataclass(frozen=True, slots=True)
class Grown:
    """A meter's growth, of one charge or of many that follow each other, and what was booked for it."""

    product_id: str
    order_id: str
    version_id: str
    promotion_id: str
    meter_scope: str
    meter_component: str
    currency: str
    before: Decimal
    after: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Reckoning:
    """F(after) - F(before), worked out again; equal to the booked amount. Prices are rated amounts.

    `unit` is the plan's unit and `base_unit` what the meter counts in; `fee` names a meter that counts uses
    (`events`) or money that bounds add (`bounds`), '' for the price meter itself.
    """

    version_id: str
    unit: str
    base_unit: str
    base_before: Decimal
    base_after: Decimal
    before: Decimal
    after: Decimal
    price_before: Decimal
    price_after: Decimal
    fee: str
    whole_days: int  # of the month or year that a price is spread over, else 0

    @property
    def amount(self) -> Decimal:
        """What the growth costs."""
        return self.price_after - self.price_before


@dataclass(frozen=True, slots=True)
class Terms:
    """What F depends on beside the catalog: the payer's periods, and the first day of each order."""

    catalog: CatalogSnapshot
    schedule: BillingSchedule
    order_starts: Mapping[str, date]


def version_named(catalog: CatalogSnapshot, product_id: str, version_id: str) -> PriceVersion | None:
    """The price version, None when the catalog does not hold it."""
    product = catalog.products.get(product_id)
    versions = product.product.versions if product else ()
    return next((version for version in versions if version.version_id == version_id), None)


def price_behind(version: PriceVersion, meter_component: str, promotion_id: str) -> tuple[Price, str] | None:
    """The price whose meter this is, and the suffix of a fee's meter ('' for its own)."""
    apart = "" if promotion_id == NONE else f"+{promotion_id}"
    for price in version.prices:
        for suffix in ("", EVENTS, BOUNDS):
            if meter_component == fitting(f"{price.component}{suffix}{apart}"):
                return price, suffix
    return None


def reckon(grown: Grown, terms: Terms) -> Reckoning | None:
    """The growth priced again; None where there is no price meter or F does not come to what was booked."""
    version = version_named(terms.catalog, grown.product_id, grown.version_id)
    found = None if version is None else price_behind(version, grown.meter_component, grown.promotion_id)
    if version is None or found is None or grown.meter_scope in (NONE, EVER):
        return None
    price, suffix = found
    promotion = terms.catalog.promotions.get(grown.promotion_id)
    if promotion is None and grown.promotion_id != NONE:
        return None
    try:
        whole_days = _whole_days(version, grown, terms)
        function, unit = _function(version, price, suffix, promotion, whole_days)
        before, after = rated_price(function, grown.before), rated_price(function, grown.after)
    except (BillingError, BadParameter):  # what it was priced by is not what the catalog holds any more
        return None
    if after - before != grown.amount:
        return None
    return Reckoning(
        version.version_id, unit.name, unit.base, grown.before, grown.after, in_unit(grown.before, unit),
        in_unit(grown.after, unit), before, after, suffix.lstrip(":"), whole_days,
    )  # fmt: skip


def _whole_days(version: PriceVersion, grown: Grown, terms: Terms) -> int:
    scope = date.fromisoformat(grown.meter_scope)
    if version.plan is PlanKind.MONTH:
        return terms.schedule.period_of(scope).whole_days
    if version.plan is PlanKind.YEAR:
        return service_year(scope, terms.order_starts.get(grown.order_id, scope)).days
    return 0


def _function(
    version: PriceVersion, price: Price, suffix: str, promotion: Promotion | None, whole_days: int
) -> tuple[PriceFunction, Unit]:
    """F over the meter's base units, promotion included, and the unit that people read it in."""
    function = price.function
    if suffix:
        fee: PriceFunction = Sum()
        if suffix == EVENTS and isinstance(function, PerEvent):
            fee = EventFee(function.fee, function.free_events)
        return (fee if promotion is None else PercentOff(fee, promotion.percent_off)), EVENT
    shaped: PriceFunction = function
    if whole_days:
        by = None
        if version.proration is Proration.MONTHS_OF_30:
            by = 30 if version.plan is PlanKind.MONTH else 360
        shaped = spread(function, whole_days, by=by)
    unit = unit_of_version(version)
    if promotion is not None:
        return promoted(metered(shaped, unit), promotion, price.currency), unit
    return metered(shaped, unit), unit


def unit_of_version(version: PriceVersion) -> Unit:
    """What the price meter of the version counts, and in which base unit."""
    if version.plan is PlanKind.PER_USE:
        return unit_of(version.unit)
    return ACCOUNT_DAYS if version.plan is PlanKind.ACCOUNT_DAY else DAYS
