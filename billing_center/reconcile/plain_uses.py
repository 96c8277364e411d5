"""Uses that are plain: a payer's uses of a product, settled as a whole.

What a use brings takes first what the product gives for nothing; the rest has one charge, under the price of its
day. The charges of a meter go on where the one before them ended, from nothing. Uses of which anything is granted,
corrected or taken off, whose product has free days, whose price has bands, fees or a factor, or reads anything
but the sum of quantities, are not settled here. Design: billing rules, mode 6.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from operator import mul

from billing_center.ids import NONE
from billing_center.reconcile.alike import Alike
from billing_center.reconcile.plain_meters import Free, Part, Sums, as_decimal, freed, walked
from billing_center.reconcile.plain_terms import FREE, Terms, TermsOfDays
from billing_center.reconcile.plain_units import size_beside
from billing_center.reconcile.raw_facts import EVER, Facts, MeterName, PayerFacts
from billing_center.reconcile.recomputed import Recomputed
from billing_center.reconcile.whose_use import UNTOLD, WhoseUses


def settle_uses(facts: Facts, one: PayerFacts, product_id: str, charged: Sequence[Alike], out: Recomputed) -> bool:
    """Whether the charges of a payer's uses of a product are what they should be; only then they are added up."""
    terms, whose = TermsOfDays(facts, one, product_id), WhoseUses(facts, one, product_id)
    of_free: list[Part] = []
    parts: list[Part] = []
    for alike in charged:
        part = _part_of(terms, whose, alike)
        if part is None:
            return False
        (of_free if alike.component == FREE else parts).append(part)
    sums: Sums = {}
    readings: dict[MeterName, int] = {}
    free = freed(of_free, sums)
    if free is None or not _go_on(parts, free):
        return False
    if free.taken_by:
        readings[product_id, NONE, EVER, NONE, FREE] = free.reading
    for name, of_meter in _by_meter(parts).items():
        one_price = all(part.terms is of_meter[0].terms for part in of_meter)
        reading = walked(of_meter, sums) if one_price else None
        if reading is None:
            return False
        readings[name] = reading
    for key, (quantity, amount, count) in sums.items():
        cost = as_decimal(amount)
        out.add(key, as_decimal(quantity), cost, cost, count)
    for name, reading in readings.items():
        out.meters[name] += as_decimal(reading)
        out.tiled.add(name)
    return True


def _part_of(terms_of: TermsOfDays, whose: WhoseUses, alike: Alike) -> Part | None:
    """The charges with their terms and what their uses bring; None where they do not say what they should, or are
    not plain."""
    order = whose.of(alike) if alike.as_said else UNTOLD
    if order is UNTOLD or alike.order_id != (NONE if order is None else order.order_id):
        return None
    terms: Terms | None = None
    for day in set(alike.days):
        of_day = terms_of.of(day, order)
        if of_day is None or terms not in (None, of_day):
            return None
        terms = of_day
    if terms is None or alike.says() != terms.says(alike.order_id, free=alike.component == FREE):
        return None
    sizes: dict[str, int] = {}
    for unit in set(alike.units):
        size = size_beside(unit, terms.unit)
        if size is None:
            return None
        sizes[unit] = size
    brought = alike.brought
    if any(size != 1 for size in sizes.values()):
        brought = list(map(mul, brought, map(sizes.__getitem__, alike.units)))
    return Part(alike, terms, brought)


def _go_on(parts: Sequence[Part], free: Free) -> bool:
    """Whether what was charged is what was not free; what each use brings is then less by what it took of that."""
    use_ids = list(chain.from_iterable(part.alike.cause_ids for part in parts))
    met = set(use_ids)
    if len(met) != len(use_ids) or met & free.taken_by != free.left_over.keys():
        return False
    for part in parts:
        if not part.terms.free:
            continue
        if any(part.brought) and (free.reading != part.terms.free or part.alike.first_rated < free.last_at):
            return False  # something may have been left
        if free.left_over:
            brings = zip(part.alike.cause_ids, part.brought, strict=True)
            part.brought = [free.left_over.get(use_id, brought) for use_id, brought in brings]
    return True


def _by_meter(parts: Sequence[Part]) -> dict[MeterName, list[Part]]:
    found: dict[MeterName, list[Part]] = defaultdict(list)
    for part in parts:
        one = part.alike
        name = (one.product_id, one.meter_order_id, one.meter_scope, one.version_id, one.meter_component)
        found[name].append(part)
    return found
