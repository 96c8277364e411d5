"""Uses that are plain: a payer's uses of a product, settled as a whole.

What a use brings takes first what the product gives for nothing; the rest has one charge, under the price of its
day. The charges of a meter go on where the one before them ended, from nothing. Uses of which anything is granted,
corrected or taken off, whose product has free days, whose price has bands, fees or a factor, or reads anything
but the sum of quantities, are not settled here. Design: billing rules, mode 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.plain_meters import (
    MILLION,
    Free,
    Freed,
    Metered,
    Sums,
    as_decimal,
    freed,
    grown_by,
    grown_of,
    walked,
)
from billing_center.reconcile.plain_terms import FREE, Terms, TermsOfDays
from billing_center.reconcile.plain_units import size_beside
from billing_center.reconcile.raw_facts import EVER, Facts, MeterName, PayerFacts, of_charge
from billing_center.reconcile.recomputed import Recomputed
from billing_center.reconcile.whose_use import WhoseUses

SAID = (
    "day", "product_id", "component", "currency", "version_id", "promotion_id", "order_id", "meter_order_id",
    "meter_scope", "meter_component", "period_start", "user_id",
)  # fmt: skip

_said = of_charge(*SAID)
_fact = of_charge("cause_id", "rated_at")


@dataclass(slots=True)
class _Kind:
    """Uses of a day under an order: what their charges say but for the user, and the meter they let grow."""

    terms: Terms
    order_id: str
    says: tuple[Any, ...]
    free_says: tuple[Any, ...]
    metered: Metered


def settle_uses(facts: Facts, one: PayerFacts, product_id: str, rows: Sequence[Any], out: Recomputed) -> bool:
    """Whether the charges of a payer's uses of a product are what they should be; only then they are added up."""
    uses, sums, readings = _Uses(facts, one, product_id), Sums(), {}
    free = uses.free_by([row for row in rows if row.component == FREE], sums)
    charged = rows if free is None or not free.taken else [row for row in rows if row.component != FREE]
    if free is None or not uses.lay_out(charged, free):
        return False
    for name, metered in uses.meters.items():
        reading = walked(product_id, metered, sums)
        if reading is None:
            return False
        if metered.charges:  # of a day on which all was free there is no such meter
            readings[name] = reading
    if free.taken:
        readings[product_id, NONE, EVER, NONE, FREE] = free.reading
    for key, (quantity, amount, count) in sums.items():
        cost = as_decimal(amount)
        out.add(key, (as_decimal(quantity), cost, cost, count))
    for name, reading in readings.items():
        out.meters[name] += as_decimal(reading)
        out.tiled.add(name)
    return True


class _Uses:
    """A payer's uses of a product, laid out by the meters that they let grow."""

    def __init__(self, facts: Facts, one: PayerFacts, product_id: str) -> None:
        self._facts, self._one, self._product_id = facts, one, product_id
        self._whose, self._terms = WhoseUses(facts, one, product_id), TermsOfDays(facts, one, product_id)
        self._kinds: dict[Any, _Kind] = {}
        self.meters: dict[MeterName, Metered] = {}

    def free_by(self, rows: Sequence[Any], sums: Sums) -> Free | None:
        """What was free, by its charges; None where one does not say what it should, or its use is not plain."""
        charges = []
        for row in rows:
            met = self._met(row)
            if met is None:
                return None
            kind, brought, user_id = met
            if _said(row) != (*kind.free_says, user_id):
                return None
            use_id, rated_at = _fact(row)
            charges.append(Freed(grown_by(row), brought, kind.order_id, use_id, rated_at, kind.terms))
        return freed(self._product_id, charges, sums)

    def lay_out(self, rows: Sequence[Any], free: Free) -> bool:
        """Put the other charges to their meters; False where one does not say what it should, or is missing."""
        met_before: set[str] = set()
        for row in rows:
            met = self._met(row)
            if met is None:
                return False
            kind, growth, user_id = met
            use_id, rated_at = _fact(row)
            if use_id in met_before or _said(row) != (*kind.says, user_id):
                return False
            met_before.add(use_id)
            if kind.terms.free:
                taken = free.taken.get(use_id)
                if taken is not None:
                    growth -= taken.grown[1] - taken.grown[0]
                    if growth <= 0 or taken.rated_at != rated_at:
                        return False
                elif growth and (free.reading != kind.terms.free or rated_at < free.last_at):
                    return False  # something may have been left
            kind.metered.charges.append((*grown_of(row), growth, kind.order_id))
        return not free.taken or free.left_over() <= met_before

    def _met(self, row: Any) -> tuple[_Kind, int, str] | None:
        """(the kind of a charge's use, the millionths of a base unit it brings, its user); None if not plain."""
        use = self._facts.uses.get(row.cause_id)
        if use is None or use.amount is not None or use.quantity is None or use.product_id != self._product_id:
            return None
        payer_id, order = self._whose.of(use, row.rated_at)
        order_id = NONE if order is None else order.order_id
        kind = self._kinds.get((use.day, order_id)) or self._kind(use.day, order, order_id)
        if payer_id != self._one.payer_id or kind is None:
            return None
        size = size_beside(use.unit, kind.terms.unit)
        if size is None or use.quantity < 0:
            return None
        return kind, int(use.quantity * MILLION) * size, use.user_id

    def _kind(self, day: Any, order: Any, order_id: str) -> _Kind | None:
        terms = self._terms.of(day, order)
        if terms is None:
            return None
        says = terms.charge_says(day, self._product_id, order_id)
        name: MeterName = (self._product_id, says[7], terms.place[0], terms.said[2], terms.place[1])
        metered = self.meters.get(name)
        if metered is None:
            metered = self.meters[name] = Metered(name, terms)
        elif metered.terms.price is not terms.price or metered.terms.size != terms.size:
            return None
        free_says = terms.free_says(day, self._product_id, order_id) if terms.free else ()
        kind = self._kinds[day, order_id] = _Kind(terms, order_id, says, free_says, metered)
        return kind
