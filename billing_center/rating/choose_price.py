"""Which price applies: the version in force, the currency, and the most specific variant. The order is total.

Conditions are a price's `when` entries and its band. Of the prices that match, the one with the most
conditions wins; two that match with equally many are an error of the catalog, found when it is loaded
(`ambiguities`) and never decided by chance. Design: billing rules, "Shapes of F" (variants, bands).
"""

from collections.abc import Mapping
from datetime import date
from itertools import combinations

from billing_center.errors import CatalogInvalid, NoPrice
from billing_center.rating.facts import PlanKind
from billing_center.rating.price_version import Price, PriceVersion, Product

Conditions = frozenset[tuple[str, str]]

_BAND = ""
"""The band's name among the conditions; no feature has a blank name."""


def version_in_force(product: Product, plan: PlanKind, day: date) -> PriceVersion:
    """The version of a plan whose validity holds the day; of several, the one that began last.

    So a new version supersedes an older one that was left open. Raises: NoPrice when there is none,
    CatalogInvalid when two began on the same day.
    """
    best: PriceVersion | None = None
    twin = False
    for version in product.versions:
        if version.plan is not plan or not version.in_force_on(day):
            continue
        if best is None or version.valid_from > best.valid_from:
            best, twin = version, False
        elif version.valid_from == best.valid_from:
            twin = True
    if best is None:
        raise NoPrice(
            f"product {product.product_id} has no {plan.value} price in force on {day}",
            field="product_id",
            product_id=product.product_id,
        )
    if twin:
        raise CatalogInvalid(
            f"product {product.product_id} has two {plan.value} versions from {best.valid_from}",
            field="valid_from",
            product_id=product.product_id,
        )
    return best


def choose_currency(version: PriceVersion, preferred: str, fallback: str) -> str:
    """The payer's currency if the version prices it, else the product's. Raises NoPrice when it has neither."""
    has_fallback = False
    for price in version.prices:
        if price.currency == preferred:
            return preferred
        has_fallback = has_fallback or price.currency == fallback
    if has_fallback:
        return fallback
    raise NoPrice(
        f"price version {version.version_id} has no price in {preferred} nor in {fallback}",
        field="currency",
        version_id=version.version_id,
    )


def choose_price(
    version: PriceVersion, currency: str, features: Mapping[str, str], band: str | None = None
) -> Price:
    """The price in `currency` with the most conditions that all hold for the features and the band.

    Feature names compare without case, values as stripped text. `band` is None outside every band; a price
    without a band holds at any time.
    Raises: NoPrice when none matches, CatalogInvalid when two match equally well.
    """
    best: list[Price] = []
    most = -1
    have: Conditions | None = None
    for price in version.prices:
        if price.currency != currency or (price.band is not None and price.band != band):
            continue
        count = len(price.when) + (price.band is not None)
        if count < most:
            continue
        if price.when:
            have = _conditions(features) if have is None else have
            if not _conditions(price.when) <= have:
                continue
        best, most = ([*best, price] if count == most else [price]), count
    if not best:
        raise NoPrice(
            f"price version {version.version_id} has no price in {currency} for these features",
            field="features",
            version_id=version.version_id,
        )
    if len(best) > 1:
        raise CatalogInvalid(_ambiguous(version, best[0], best[1]), field="when", version_id=version.version_id)
    return best[0]


def ambiguities(version: PriceVersion) -> list[str]:
    """One sentence for each pair of prices between which a use could not choose; empty for a sound version.

    A pair is sound when the two can never match together, or when a more specific price matches wherever
    both do.
    """
    found = []
    for one, other in combinations(version.prices, 2):
        if one.currency != other.currency:
            continue
        mine, theirs = _all_conditions(one), _all_conditions(other)
        both = mine | theirs
        if len(mine) != len(theirs) or len(dict(both)) != len(both):
            continue
        rivals = (_all_conditions(p) for p in version.prices if p.currency == one.currency)
        if not any(len(mine) < len(rival) and rival <= both for rival in rivals):
            found.append(_ambiguous(version, one, other))
    return found


def _conditions(features: Mapping[str, str]) -> Conditions:
    return frozenset((name.strip().casefold(), str(value).strip()) for name, value in features.items())


def _all_conditions(price: Price) -> Conditions:
    own = _conditions(price.when)
    return own if price.band is None else own | {(_BAND, price.band)}


def _ambiguous(version: PriceVersion, one: Price, other: Price) -> str:
    return (
        f"price version {version.version_id}: prices {one.component} and {other.component} can match the same use "
        "equally well; add a price that has the conditions of both, or change one of them"
    )
