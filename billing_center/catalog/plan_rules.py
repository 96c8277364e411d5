"""What a plan of a kind cannot have: hours of days, uses of months, readings that do not go together.

Where it stands in the walk: `catalog_rules` asks it for each version of a file that could be read by itself.
"""

from billing_center.catalog.catalog_file import PriceEntry, VersionEntry
from billing_center.rating.facts import PlanKind
from billing_center.rating.metered import BY_HISTORY
from billing_center.rating.models import BadParameter, read_model, spread
from billing_center.rating.models.per_event import EVENT_FIELDS
from billing_center.rating.price_version import Metered, Proration

ONE_PRICE_PLANS = {PlanKind.MONTH, PlanKind.YEAR}


def check_plan(plan: PlanKind, version: VersionEntry) -> list[tuple[tuple[str | int, ...], str]]:
    """What a plan of this kind cannot have, as (path within the version, sentence)."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    if plan is not PlanKind.PER_USE:
        if version.unit is not None:
            found.append((("unit",), f"a {plan.value} plan counts days; only per_use has a unit"))
        if version.bands:
            found.append((("bands",), f"a {plan.value} plan has no hours; only per_use has bands"))
    found += _check_metered(plan, version)
    if version.factor is not None and plan is not PlanKind.PER_USE:
        found.append((("factor",), f"a {plan.value} plan counts days; only per_use has a factor"))
    if version.included is not None and plan is not PlanKind.PER_USE:
        found.append((("included",), f"a {plan.value} plan counts days; only per_use includes units"))
    if version.in_advance and plan in (PlanKind.PER_USE, PlanKind.ACCOUNT_DAY):
        found.append(
            (("in_advance",), f"a {plan.value} plan is charged when it is known; day, month, year may be")
        )
    if version.proration is not Proration.ACTUAL_DAYS and plan not in ONE_PRICE_PLANS:
        found.append((("proration",), f"a {plan.value} plan has no price of a whole month or year"))
    for n, price in enumerate(version.prices):
        found += [(("prices", n, *place), text) for place, text in _check_events(plan, version, price)]
    if plan in ONE_PRICE_PLANS:
        for n, price in enumerate(version.prices):
            try:
                spread(read_model(price.params), 30)
            except BadParameter as error:
                found.append((("prices", n, "model"), error.message))
    return found


def _check_events(plan: PlanKind, version: VersionEntry, price: PriceEntry) -> list[tuple[tuple[str, ...], str]]:
    """What a price asks of single uses, which only per_use has."""
    asked = sorted(EVENT_FIELDS & price.params.keys())
    if plan is not PlanKind.PER_USE and asked:
        return [((asked[0],), f"a {plan.value} plan has no uses; only per_use asks something of each")]
    bounds = [name for name in asked if name in ("event_min", "event_max")]
    if version.bands and bounds:
        return [((bounds[0],), "does not go with bands: a use that crosses one has no single price")]
    return []


def _check_metered(plan: PlanKind, version: VersionEntry) -> list[tuple[tuple[str, ...], str]]:
    """What does not go with a reading that is no sum of quantities."""
    kind = version.metered
    if kind is Metered.SUM:
        return []
    if plan is not PlanKind.PER_USE:
        return [(("metered",), f"a {plan.value} plan counts days; only per_use meters something else")]
    rules = {
        "bands": kind in BY_HISTORY and bool(version.bands),
        "included": kind is Metered.LATEST and version.included is not None,
        "factor": kind in (Metered.COUNT, Metered.UNIQUE) and version.factor is not None,
        "what is asked of each use": any(EVENT_FIELDS & price.params.keys() for price in version.prices),
    }
    return [(("metered",), f"{kind.value} does not go with {rule}") for rule, broken_ in rules.items() if broken_]
