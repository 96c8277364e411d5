"""Rules that a catalog file must keep beyond its fields: no two things of one name, no two prices for one use.

Where it stands in the walk: the last step of `read_catalog`. What a load must also ask of the versions that are
in the catalog already stands in `load_catalog`; what is merely unwise is found by `check_catalog`.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from billing_center.catalog.catalog_documents import component_of, read_version, version_document
from billing_center.catalog.catalog_file import (
    CatalogFile,
    PriceEntry,
    ProductEntry,
    VersionEntry,
)
from billing_center.catalog.marked_yaml import Path
from billing_center.catalog.plan_rules import check_plan
from billing_center.catalog.snapshot import PACKAGE_FEATURE
from billing_center.errors import BillingError
from billing_center.rating.choose_price import ambiguities
from billing_center.rating.facts import PlanKind
from billing_center.rating.fees import billed
from billing_center.rating.models import PerEvent, read_model
from billing_center.rating.price_version import Metered, PriceVersion

Finding = tuple[Path, str]
"""Where a rule is broken, and the sentence that says how."""

Numbered = Sequence[tuple[int, ProductEntry]]
"""Products with their place in the file: those that could be read."""


def plan_versions(products: Numbered) -> Iterator[tuple[Path, ProductEntry, PlanKind, VersionEntry]]:
    """Every version of every plan, with its path in the file."""
    for n, product in products:
        for plan, versions in product.plans.items():
            for m, version in enumerate(versions):
                yield ("products", n, "plans", plan.value, m), product, plan, version


def value_of(product: ProductEntry, plan: PlanKind, version: VersionEntry) -> PriceVersion:
    """The version as rating sees it."""
    return read_version(
        version_document(product, plan, version),
        version_id=version.id_for(product.id, plan),
        product_id=product.id,
        plan=plan,
        valid_from=version.valid_from,
        valid_to=version.valid_to,
    )


def broken_rules(products: Numbered, file: CatalogFile | None) -> list[Finding]:
    """Every rule that the products break, and the rest of the file where it could be read."""
    found = [*_twins((("products", n, "id"), product.id) for n, product in products)]
    for n, product in products:
        if PlanKind.PER_USE in product.plans and product.unit is None:
            found.append((("products", n), "needs a unit, because it has a per_use plan"))
        if PlanKind.PER_USE not in product.plans and product.packages:
            found.append((("products", n, "packages"), "nothing is counted per use: there is no per_use plan"))
        metered = {version.metered for version in product.plans.get(PlanKind.PER_USE, ())}
        if Metered.LATEST in metered and product.free is not None and product.free.uses is not None:
            found.append((("products", n, "free", "uses"), "what is metered as latest has no first units"))
        found += _twins(
            (("products", n, "packages", m, "id"), package.id) for m, package in enumerate(product.packages)
        )
    versions = list(plan_versions(products))
    found += _twins((path, version.id_for(product.id, plan)) for path, product, plan, version in versions)
    for path, product, plan, version in versions:
        wrong = [((*path, *place), text) for place, text in check_plan(plan, version)]
        found += wrong or _broken_version(path, product, plan, version)
        if product.packages:
            found += [
                ((*path, "prices", n, "when"), "package names one of the product's packages and is no condition")
                for n, price in enumerate(version.prices)
                if any(name.casefold() == PACKAGE_FEATURE for name in price.when)
            ]
    found += _overlaps(versions)
    if file is not None:
        found += _twins((("calendars", n, "id"), c.id) for n, c in enumerate(file.calendars))
        found += _twins((("promotions", n, "id"), p.id) for n, p in enumerate(file.promotions))
        found += _twins(
            (("exchange_rates", n), (rate.currency, rate.valid_from.isoformat()))
            for n, rate in enumerate(file.exchange_rates)
        )
    return found


def _twins(named: Iterable[tuple[Path, Hashable]]) -> Iterator[Finding]:
    seen: set[Hashable] = set()
    for path, name in named:
        if name in seen:
            shown = " from ".join(name) if isinstance(name, tuple) else name
            yield path, f"{shown} stands twice in this file"
        seen.add(name)


def _broken_version(path: Path, product: ProductEntry, plan: PlanKind, version: VersionEntry) -> list[Finding]:
    prices = version.all_prices()
    names = [component_of(price) for price in prices]
    first_listed = len(version.price)
    bands = {band.name for band in version.bands}
    found = [*_twins(((*path, "bands", n, "name"), band.name) for n, band in enumerate(version.bands))]
    for n, price in enumerate(prices):
        place = (*path, "prices", n - first_listed) if n >= first_listed else (*path, "price", price.currency)
        if names[n] in names[:n]:
            found.append((place, f"there is already a price for {names[n]}"))
        found += [((*place, "increments"), text) for text in _foreign_increments(product, version, price)]
        if price.band is not None and price.band not in bands:
            found.append(((*place, "band"), f"{price.band} is none of this version's bands"))
    if not found:
        found += [
            (path, sentence.partition(": ")[2]) for sentence in ambiguities(value_of(product, plan, version))
        ]
    return found


def _foreign_increments(product: ProductEntry, version: VersionEntry, price: PriceEntry) -> Iterator[str]:
    """Increments in a unit that does not convert to the plan's."""
    function = read_model(price.params)
    if isinstance(function, PerEvent):
        try:
            billed(function, Decimal(1), version.unit or product.unit or "")
        except BillingError as error:
            yield error.message


def _overlaps(versions: Sequence[tuple[Path, ProductEntry, PlanKind, VersionEntry]]) -> Iterator[Finding]:
    plans: dict[tuple[str, PlanKind], list[tuple[date, Path, VersionEntry]]] = {}
    for path, product, plan, version in versions:
        plans.setdefault((product.id, plan), []).append((version.valid_from, path, version))
    for (_, plan), members in plans.items():
        members.sort(key=lambda member: member[0])
        for (_, path, one), (_, later_path, other) in pairwise(members):
            if one.valid_to is None or one.valid_to > other.valid_from:
                end = one.valid_to or "further notice"
                yield (
                    (*path, "valid_to"),
                    f"valid until {end}, but another {plan.value} version begins on {other.valid_from} "
                    f"({plan.value}[{later_path[-1]}]); end this one with valid_to: {other.valid_from}",
                )
