"""A payer's first opening of a product, told by its orders and uses alone. Design: billing rules, mode 4.

An order opens the product on the first day that it is active, and may be reported late; a use opens it where
nothing had before. What was charged before an earlier opening became known stands.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from billing_center.reconcile.alike import Alike
from billing_center.reconcile.plain_days import day_of
from billing_center.reconcile.raw_facts import Facts, PayerFacts, RowsNeeded

Activations = Sequence[tuple[datetime, date]]
"""When each became known, and its day."""


def opening_known(facts: Facts, one: PayerFacts, product_id: str, at: datetime) -> date | None:
    """The first opening as it was known at an instant; None when nothing had opened the product."""
    if product_id not in one.told_openings:
        activations = _by_orders(facts, one, product_id)
        one.told_openings[product_id] = (activations, _by_use(facts, one, product_id, activations))
    activations, used = one.told_openings[product_id]
    days = [day for known_at, day in activations if known_at <= at]
    if used is not None:
        days.append(used)
    return min(days, default=None)


def _by_orders(facts: Facts, one: PayerFacts, product_id: str) -> Activations:
    """Each activation of the payer's orders."""
    found = []
    for order in one.orders_of(product_id):
        changes = facts.changes.get(order.order_id, ())
        # Of several at one instant the last.
        in_force = changes if len(changes) < 2 else {change.at: change for change in changes}.values()
        for change in in_force:
            if change.to_state != "ACTIVE":
                continue
            if change.seq == 0:
                found.append((order.installed_at, order.start_day))
            else:
                found.append((change.at, max(order.start_day, day_of(change.at, facts.zone))))
    return found


def _by_use(facts: Facts, one: PayerFacts, product_id: str, activations: Activations) -> date | None:
    """The day of first use, where uses were met before any order had opened the product.

    A use that was met first may have been rated later, or wait, or be withdrawn: the day that is kept is believed
    where there is such a use.
    """
    if one.rows is None:
        used = _by_alike(one.alike_uses().get(product_id, ()), activations)
    else:
        used = _by_rows(facts, one, product_id, activations)
    kept = one.openings.get(product_id)
    if kept is None or (used is not None and kept >= used) or any(kept >= day for _, day in activations):
        return used
    return kept if facts.has_use(one.payer_id, product_id, kept) else used


def _by_rows(facts: Facts, one: PayerFacts, product_id: str, activations: Activations) -> date | None:
    uses, withdrawn, rated = facts.uses, facts.withdrawn, one.first_rated()
    ids = (row.cause_id for row in one.uses_of(product_id))
    met = {use_id: rated[use_id] for use_id in ids if use_id in uses and use_id not in withdrawn}
    if facts.corrects:
        met = {use_id: _first_met(facts, rated, use_id) for use_id in met}
    first = min(met.values(), default=None)
    if first is None or any(known_at <= first for known_at, _ in activations):
        return None
    days: list[date] = [uses[use_id].day for use_id, at in met.items() if at == first]
    return min(days)


def _by_alike(uses: Sequence[Alike], activations: Activations) -> date | None:
    """The same of uses that are as they came. Raises: RowsNeeded where they were not rated at one instant."""
    if not uses:
        return None
    first = min([alike.first_rated for alike in uses])
    if any(known_at <= first for known_at, _ in activations):
        return None
    met = [alike for alike in uses if alike.first_rated == first]
    if any(alike.touched or alike.last_rated != first for alike in met):
        raise RowsNeeded(met[0].payer_id)
    return date.fromisoformat(min(day for alike in met for day in alike.days))


def _first_met(facts: Facts, rated: Mapping[str, datetime], use_id: str) -> datetime:
    """When a use was first rated; a corrected one when the first of those was in whose place it stands."""
    first = before = use_id
    while before in facts.corrects:
        before = facts.corrects[before]
        first = before if before in rated else first
    return rated[first]


def products_opened(one: PayerFacts) -> set[str]:
    """The products that the payer has an opening of, or that something of it should have opened."""
    return {order.product_id for order in one.orders}.union(one.alike_uses(), one.openings)
