"""What plain uses are charged by: the price of a day, what is free before it, and what their charges say alike."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.expected import WholePrices, fitted, whole_prices_of
from billing_center.reconcile.known_then import price_for
from billing_center.reconcile.plain_price import EACH_USE, MILLION, NotKnown
from billing_center.reconcile.plain_units import kind_and_size
from billing_center.reconcile.raw_facts import EVER, Facts, PayerFacts
from billing_center.reconcile.standing import NEVER

FREE = "allowance"
"""The component of what a product gives for nothing, and of its meter."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What uses of a day are charged by, and what their charges say alike."""

    unit: str
    size: int  # base units in the unit
    free: int  # so many of a payer's first units cost nothing, in millionths of a base unit
    per_order: bool
    said: tuple[str, str, str, str, str]  # component, product, currency, version, promotion
    place: tuple[str, str, date]  # the meter's scope and component, the first day of the period
    prices: WholePrices

    def says(self, order_id: str, *, free: bool) -> tuple[Any, ...]:
        """What charges of uses of the day say (`Alike.says`). All that a payer is given free of a product shares a
        meter that has no end."""
        if free:
            return order_id, NONE, FREE, EVER, FREE, self.place[2], *self.said[1:]
        return order_id, order_id if self.per_order else NONE, self.said[0], *self.place, *self.said[1:]


class TermsOfDays:
    """What a payer's uses of a product are charged by on its days: the same for all payers who are alike.

    Equal terms are one object: a meter grows under them as under one.
    """

    def __init__(self, facts: Facts, one: PayerFacts, product_id: str) -> None:
        self._facts, self._one, self._product_id = facts, one, product_id
        alike = ("uses", product_id, one.terms.first_currency, one.terms.billing_days.key)
        self._known: dict[Any, Terms | None] = facts.alike.setdefault(alike, {})

    def of(self, day: str, order: Any) -> Terms | None:
        """The terms of a use of the day, which is written as ISO 8601 does; None where more than the growth of a
        sum decides what it costs."""
        asked = (day, "", NONE) if order is None else (day, order.features, order.promotion_id)
        if asked not in self._known:
            self._known[asked] = self._worked_out(*asked)
        return self._known[asked]

    def _worked_out(self, day: str, features: str, promotion_id: str) -> Terms | None:
        if promotion_id != NONE:
            return None
        try:
            terms = _found(self._facts, self._one, self._product_id, date.fromisoformat(day), features)
        except NotKnown:
            return None
        if terms is None:
            return None
        known: Terms = self._facts.alike.setdefault(terms, terms)
        return known


def _found(facts: Facts, one: PayerFacts, product_id: str, day: date, features: str) -> Terms | None:
    if product_id not in facts.catalog.products:
        return None
    now, history = facts.catalog.products[product_id]
    free = Decimal(now["free_uses"])
    for known in (now, *(document for _, document in history)):
        if known["free_days"] or Decimal(known["free_uses"]) != free or known["currency"] != now["currency"]:
            return None
    version = facts.catalog.version(product_id, "per_use", day, NEVER)
    document = version.document
    if document["bands"] or document.get("included") or document.get("factor"):
        return None
    price = price_for(version, one.terms.first_currency, now["currency"], features, None)
    if document.get("metered", "sum") != "sum" or EACH_USE & price["params"].keys():
        return None
    start = one.terms.billing_days.period(day)[0]
    component, currency, unit = price["component"], price["currency"], document["unit"]
    size = kind_and_size(unit)[1]
    units = free * size * MILLION
    if units < 0 or units != int(units) or component == FREE:
        return None
    return Terms(
        unit,
        size,
        int(units),
        document["meter_per"] == "order",
        (component, product_id, currency, version.version_id, NONE),
        (start.isoformat(), fitted(component), start),
        whole_prices_of(price["params"], size=size, currency=currency),
    )
