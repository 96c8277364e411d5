"""Uses that are plain: a payer's uses of a product, settled as a whole.

Each use has one charge, under the price of its day, and the charges of a meter go on where the one before them
ended, from nothing. Uses of which anything is free, granted, corrected or taken off, whose price has bands, fees
or a factor, or reads anything but the sum of quantities, are not settled here. Design: billing rules, mode 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.expected import ZERO, PriceOf, fitted, price_of
from billing_center.reconcile.known_then import price_for
from billing_center.reconcile.plain_price import EACH_USE, NotKnown
from billing_center.reconcile.plain_units import base_units, kind_and_size, shown_in
from billing_center.reconcile.raw_facts import Facts, MeterName, PayerFacts, of_charge
from billing_center.reconcile.recomputed import Recomputed, SumKey
from billing_center.reconcile.standing import NEVER
from billing_center.reconcile.whose_use import payer_and_order

SAID = (
    "day", "product_id", "user_id", "component", "currency", "version_id", "promotion_id", "order_id",
    "meter_order_id", "meter_scope", "meter_component", "period_start",
)  # fmt: skip
GROWN = ("reading_before", "reading_after", "quantity", "amount", "list_amount")

_fact = of_charge("cause", "cause_id")
_said = of_charge(*SAID)
_grown = of_charge(*GROWN)
_of_use = attrgetter("payer_id", "product_id", "day", "user_id", "amount", "quantity", "unit")


@dataclass(frozen=True, slots=True)
class Terms:
    """What uses of a day are charged by, and what their charges say alike."""

    unit: str
    per_order: bool
    said: tuple[Any, ...]  # from component to promotion
    place: tuple[Any, ...]  # the meter's scope and component, the first day of the period
    price: PriceOf


@dataclass(slots=True)
class Grown:
    """The charges of one meter: from where to where each let it grow, and by how much its use should have."""

    terms: Terms
    charges: list[tuple[Any, ...]] = field(default_factory=list)  # GROWN, growth, order


def settle_uses(facts: Facts, one: PayerFacts, product_id: str, rows: Sequence[Any], out: Recomputed) -> bool:
    """Whether the charges of a payer's uses of a product are what they should be; only then they are added up."""
    meters = _by_meter(facts, one, product_id, rows)
    if meters is None:
        return False
    sums: dict[SumKey, tuple[Decimal, Decimal, Decimal, int]] = {}
    readings: dict[MeterName, Decimal] = {}
    for name, grown in meters.items():
        reading = _walked(product_id, grown, sums)
        if reading is None:
            return False
        readings[name] = reading
    for key, values in sums.items():
        out.add(key, values)
    for name, reading in readings.items():
        out.meters[name] += reading
        out.tiled.add(name)
    return True


def _by_meter(
    facts: Facts, one: PayerFacts, product_id: str, rows: Sequence[Any]
) -> dict[MeterName, Grown] | None:
    """The charges by meter; None where one does not say what it should, or its use is not plain."""
    found: dict[MeterName, Grown] = {}
    ordered = any(order.product_id == product_id for order in one.orders)
    met: set[str] = set()
    for row in rows:
        cause, use_id = _fact(row)
        use = facts.uses.get(use_id)
        if cause != "use" or use is None or use_id in met or use_id in facts.withdrawn or use_id in facts.corrects:
            return None
        met.add(use_id)
        payer_id, of_product, day, user_id, amount, quantity, unit = _of_use(use)
        order = None
        if ordered or payer_id != one.payer_id:
            payer_id, order = payer_and_order(facts, one, use, row.rated_at)
        terms = _terms_of(facts, one, product_id, day, order)
        if amount is not None or payer_id != one.payer_id or of_product != product_id or terms is None:
            return None
        growth = base_units(quantity, unit, terms.unit) if quantity is not None else None
        order_id = order.order_id if order is not None else NONE
        metered_by = order_id if terms.per_order else NONE
        said = (day, product_id, user_id, *terms.said, order_id, metered_by, *terms.place)
        if growth is None or growth < 0 or _said(row) != said:
            return None
        name: MeterName = (product_id, metered_by, terms.place[0], terms.said[2], terms.place[1])
        of_meter = found.get(name)
        if of_meter is None:
            of_meter = found[name] = Grown(terms)
        elif of_meter.terms.price is not terms.price:
            return None
        of_meter.charges.append((*_grown(row), growth, order_id))
    return found


def _walked(
    product_id: str, grown: Grown, sums: dict[SumKey, tuple[Decimal, Decimal, Decimal, int]]
) -> Decimal | None:
    """What the meter reads after its charges, which are added up; None where one is not what it should be."""
    terms, price = grown.terms, grown.terms.price
    reading, cost, shown = ZERO, price(ZERO), ZERO
    for before, after, quantity, amount, listed, growth, order_id in sorted(grown.charges):
        costs, shows = price(after), shown_in(after, terms.unit)
        if before != reading or after != reading + growth or quantity != shows - shown:
            return None
        if amount != costs - cost or listed != amount:
            return None
        key = (terms.place[2], order_id, product_id, terms.said[1])
        total = sums.get(key, (ZERO, ZERO, ZERO, 0))
        sums[key] = (total[0] + quantity, total[1] + amount, total[2] + amount, total[3] + 1)
        reading, cost, shown = after, costs, shows
    return reading


def _terms_of(facts: Facts, one: PayerFacts, product_id: str, day: date, order: Any) -> Terms | None:
    """What a use of the day is charged by; None where more than the growth of a sum decides it."""
    features, promotion_id = ("", NONE) if order is None else (order.features, order.promotion_id)
    terms = one.terms
    asked = ("use", product_id, day, features, promotion_id, terms.first_currency, terms.billing_days.key)
    if asked not in facts.alike:
        try:
            facts.alike[asked] = _found(facts, one, product_id, day, features) if promotion_id == NONE else None
        except NotKnown:
            facts.alike[asked] = None
    found: Terms | None = facts.alike[asked]
    return found


def _found(facts: Facts, one: PayerFacts, product_id: str, day: date, features: str) -> Terms | None:
    if product_id not in facts.catalog.products:
        return None
    now, history = facts.catalog.products[product_id]
    for known in (now, *(document for _, document in history)):
        if known["free_days"] or Decimal(known["free_uses"]) or known["currency"] != now["currency"]:
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
    return Terms(
        unit,
        document["meter_per"] == "order",
        (component, currency, version.version_id, NONE),
        (start.isoformat(), fitted(component), start),
        price_of(price["params"], size=kind_and_size(unit)[1], currency=currency),
    )
