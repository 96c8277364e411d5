"""Looking over a catalog file before it is loaded: what is wrong, and what is allowed but hardly meant.

Where it stands in the walk: `billing-center catalog check FILE`. It reads no database, so it knows only the file.
Errors are those that would refuse the load; warnings are gaps, prices that nothing reaches, what falls between
two prices, and currencies that a later version forgot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from billing_center.catalog.catalog_file import CatalogFile, PriceEntry, ProductEntry, VersionEntry
from billing_center.catalog.catalog_rules import Finding, plan_versions, value_of
from billing_center.catalog.marked_yaml import Mistake, Path
from billing_center.catalog.read_catalog import read_catalog
from billing_center.errors import CatalogInvalid
from billing_center.rating.bands import overlapping_bands
from billing_center.rating.facts import PlanKind
from billing_center.rating.models import read_model
from billing_center.rating.price_version import Band, MeterPer
from billing_center.rating.unit_conversion import UNITS

LONGEST_PERIOD_DAYS = 31
"""A meter of days counts one order's days of a billing period at most."""

MINUTES_OF_WEEK = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class CatalogCheck:
    """What was found, each with its line. A file with errors is not looked over for warnings."""

    errors: tuple[Mistake, ...]
    warnings: tuple[Mistake, ...]


def check_catalog(text: str, *, today: date, base_currency: str = "CNY") -> CatalogCheck:
    """Look over a catalog file. Raises nothing: what is wrong is the answer."""
    try:
        marked = read_catalog(text)
    except CatalogInvalid as error:
        mistakes = error.ids.get("mistakes", ())
        return CatalogCheck(mistakes if isinstance(mistakes, tuple) else (), ())
    file = marked.file
    found = [*_product_findings(file, today), *_reference_findings(file, today, base_currency)]
    for path, product, plan, version in plan_versions(list(enumerate(file.products))):
        found += _version_findings(path, product, plan, version)
    warnings = sorted({marked.mistake(path, text) for path, text in found}, key=lambda m: (m.line, m.text))
    return CatalogCheck((), tuple(warnings))


def _product_findings(file: CatalogFile, today: date) -> Iterator[Finding]:
    for n, product in enumerate(file.products):
        path: Path = ("products", n)
        if product.unit is not None and product.unit.strip().casefold() not in UNITS:
            yield (*path, "unit"), f"{product.unit} is a unit that converts to itself only"
        if PlanKind.PER_USE not in product.plans:
            if product.free is not None and product.free.uses is not None:
                yield (*path, "free", "uses"), "nothing is counted per use: there is no per_use plan"
            if product.real_time:
                yield (*path, "real_time"), "has no effect: there is no per_use plan"
        for plan, versions in product.plans.items():
            yield from _succession(product, plan, versions, (*path, "plans", plan.value), today)


def _succession(
    product: ProductEntry, plan: PlanKind, versions: Sequence[VersionEntry], path: Path, today: date
) -> Iterator[Finding]:
    """Gaps between a plan's versions, its end, and currencies that a later version lacks."""
    order = sorted(range(len(versions)), key=lambda m: versions[m].valid_from)
    for m, following in pairwise(order):
        one, other = versions[m], versions[following]
        if one.valid_to is not None and one.valid_to < other.valid_from:
            gap = f"no {plan.value} price from {one.valid_to} until {other.valid_from}"
            yield (*path, following, "valid_from"), gap
        lost = {p.currency for p in one.all_prices()} - {p.currency for p in other.all_prices()}
        for currency in sorted(lost):
            before = one.id_for(product.id, plan)
            yield (*path, following), f"has no price in {currency}, which {before} has"
    if order and product.on_sale:
        end = versions[order[-1]].valid_to
        if end is not None:
            when = f"since {end}" if end <= today else f"from {end} on"
            yield (*path, order[-1], "valid_to"), f"no {plan.value} price {when}, and it is on sale"


def _version_findings(
    path: Path, product: ProductEntry, plan: PlanKind, version: VersionEntry
) -> Iterator[Finding]:
    prices = version.all_prices()
    currencies = {price.currency for price in prices}
    if product.currency not in currencies:
        text = f"no price in {product.currency}, the product's own currency: payers of others have none to fall to"
        yield path, text
    bands = value_of(product, plan, version).bands
    for one, other in overlapping_bands(bands):
        yield (*path, "bands"), f"bands {one} and {other} share some hours, where {one} holds"
    for n, band in enumerate(version.bands):
        if all(price.band != band.name for price in prices):
            yield (*path, "bands", n), f"no price is for band {band.name}"
    for currency in sorted(currencies):
        yield from _between(path, [p for p in prices if p.currency == currency], bands, currency)
    for n, price in enumerate(version.prices):
        for k, why in _unreachable_tiers(price, plan, version.meter_per):
            yield (*path, "prices", n, "tiers", k), f"nothing reaches this tier: {why}"


def _between(path: Path, prices: Sequence[PriceEntry], bands: Sequence[Band], currency: str) -> Iterator[Finding]:
    """Uses that none of the prices is for."""
    if all(price.when for price in prices):
        yield path, f"no price in {currency} is without `when`: features that match none have no price"
    if all(price.band for price in prices):
        minutes = {minute for band in bands if band.days is None for minute in _minutes(band)}
        if len(minutes) < MINUTES_OF_WEEK:
            hours = (MINUTES_OF_WEEK - len(minutes)) / Decimal(60)
            yield path, f"no price in {currency} for {hours:.1f} hours of the week that lie in no band"


def _minutes(band: Band) -> Iterator[int]:
    start = band.start.hour * 60 + band.start.minute
    end = band.end.hour * 60 + band.end.minute
    length = end - start if end > start else end - start + 24 * 60
    for weekday in band.weekdays:
        for minute in range(length):
            yield (weekday * 24 * 60 + start + minute) % MINUTES_OF_WEEK


def _unreachable_tiers(price: PriceEntry, plan: PlanKind, meter_per: MeterPer | None) -> Iterator[tuple[int, str]]:
    """Tiers that begin after the last day a meter can count, or after the cap has ended all growth."""
    params = price.params
    tiers = params.get("tiers")
    if not tiers:
        return
    cap, included = params.get("cap"), Decimal(params.get("included", "0"))
    inner = read_model({k: v for k, v in params.items() if k not in ("cap", "minimum", "included")})
    days_only = plan is PlanKind.DAY and meter_per is not MeterPer.PAYER
    for k, below in enumerate(tiers[:-1], start=1):
        edge = Decimal(below["up_to"])
        if days_only and edge + included >= LONGEST_PERIOD_DAYS:
            yield k, f"a billing period has at most {LONGEST_PERIOD_DAYS} days"
        elif cap is not None and params["model"] == "graduated" and inner.price(edge) >= Decimal(cap):
            yield k, f"the cap of {cap} is reached before it"


def _reference_findings(file: CatalogFile, today: date, base_currency: str) -> Iterator[Finding]:
    """Products and rates that this file does not hold; the catalog may have them already."""
    known = {product.id for product in file.products}
    for n, promotion in enumerate(file.promotions):
        for m, product_id in enumerate(promotion.products):
            if product_id not in known:
                yield ("promotions", n, "products", m), f"{product_id} is no product of this file"
        others = {one.id for one in file.promotions}
        for m, other in enumerate(promotion.not_with):
            if other not in others:
                yield ("promotions", n, "not_with", m), f"{other} is no promotion of this file"
    rated = {rate.currency for rate in file.exchange_rates if rate.valid_from <= today} | {base_currency}
    for n, product in enumerate(file.products):
        versions = (version for plan in product.plans.values() for version in plan)
        used = {price.currency for version in versions for price in version.all_prices()}
        for currency in sorted(used - rated):
            yield (
                ("products", n),
                f"this file has no exchange rate from {currency} to {base_currency} for {today}",
            )
