"""What a single charge comes to by itself: the growth of the meter that it names, under the version that it names.

Meters telescope: what a difference comes to depends on where its meter stood, and its row tells that. So every
charge of a fact that was corrected is worked out, in whatever order they came.
Design: billing rules, "One principle: rating is the growth of a meter".
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.expected import ZERO, PriceOf, has_free, meter_of, price_of
from billing_center.reconcile.known_then import Version
from billing_center.reconcile.plain_days import year_of_service
from billing_center.reconcile.plain_fees import BOUND, EACH, Fee
from billing_center.reconcile.plain_price import NotKnown
from billing_center.reconcile.plain_units import kind_and_size, shown_in
from billing_center.reconcile.raw_facts import BALANCES, Facts, PayerFacts
from billing_center.reconcile.standing import own_component

FREE = ("allowance", "promotion")


@dataclass(frozen=True, slots=True)
class Worth:
    """What a charge's row should say. `list_amount` None: only the total of its list meter can be told."""

    quantity: Decimal
    amount: Decimal
    list_amount: Decimal | None


def worth_of(facts: Facts, one: PayerFacts, row: Any, plan: str) -> Worth | None:
    """The worth of a charge by its readings; None for one without a meter. Raises: NotKnown, LeftOut."""
    if meter_of(row) is None:
        return None
    growth = row.reading_after - row.reading_before
    component = own_component(row)
    if component.startswith("grant:") and _is_money(one, component):
        return Worth(ZERO, -growth, ZERO)
    version = facts.catalog.by_id(row.product_id, plan, row.version_id)
    quantity = growth
    if plan == "per_use":
        unit = version.document["unit"]
        quantity = shown_in(row.reading_after, unit) - shown_in(row.reading_before, unit)
    if component.startswith(BALANCES) or component == FREE[0]:
        return Worth(quantity, ZERO, ZERO)
    if component == FREE[1]:
        return Worth(quantity, ZERO, None)
    promotion = facts.catalog.promotion(row.promotion_id, row.rated_at)
    if promotion is None and row.promotion_id != NONE:
        raise NotKnown(f"there is no promotion {row.promotion_id}")
    cost, full = _functions(facts, one, row, plan, version, component, promotion)
    if component.endswith((EACH, BOUND)):
        quantity = ZERO
    amount = cost(row.reading_after) - cost(row.reading_before)
    listed = None if has_free(promotion) else full(row.reading_after) - full(row.reading_before)
    return Worth(quantity, amount, listed)


def _is_money(one: PayerFacts, component: str) -> bool:
    grant_id = component.partition(":")[2]
    return any(grant.grant_id == grant_id and grant.kind == "MONEY" for grant in one.grants)


def _functions(
    facts: Facts, one: PayerFacts, row: Any, plan: str, version: Version, component: str, promotion: Any
) -> tuple[PriceOf, PriceOf]:
    """(the price with the promotion, the price without)."""
    base = component.removesuffix(EACH).removesuffix(BOUND)
    price = next((one for one in version.document["prices"] if one["component"] == base), None)
    if price is None:
        raise NotKnown(f"version {version.version_id} has no price {base!r}")
    params, currency = price["params"], price["currency"]
    if base != component:
        each = Fraction(params.get("event_fee") or 0) if component.endswith(EACH) else Fraction(1)
        free = Fraction(params.get("free_events") or 0) if component.endswith(EACH) else Fraction(0)
        fee = Fee(component, ZERO, each, free)
        off = Fraction(promotion["percent_off"]) if promotion is not None else Fraction(0)
        return lambda reading: fee.price(reading, off), fee.price
    size = kind_and_size(version.document["unit"])[1] if plan == "per_use" else 1
    days = _spread(one, row, plan, version) if plan in ("month", "year") else (None, None)
    full = price_of(params, size=size, days=days, currency=currency)
    if promotion is None:
        return full, full
    return price_of(params, size=size, days=days, promotion=promotion, currency=currency), full


def _spread(one: PayerFacts, row: Any, plan: str, version: Version) -> tuple[int | None, int | None]:
    """Over how many days a month's or year's price is spread, and in parts of how many."""
    in_30s = version.document.get("proration") == "months_of_30"
    if plan == "month":
        return one.terms.billing_days.period(row.day)[2], 30 if in_30s else None
    order = next((order for order in one.orders if order.order_id == row.cause_id), None)
    if order is None:
        raise NotKnown(f"the payer has no order {row.cause_id}")
    return year_of_service(row.day, order.start_day)[1], 360 if in_30s else None
