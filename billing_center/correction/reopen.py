"""The payer's first opening of a product decided anew, when what had opened it turns out never to have been.

The first N days free, and the units that periods include, hang on it: uses and order days are rated again where
they come out otherwise. Design: billing rules, mode 4.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from billing_center.clock import civil_day
from billing_center.correction.desk import Desk
from billing_center.correction.replay import Place
from billing_center.correction.settle_uses import Changed, settle_uses
from billing_center.correction.store import places_of, positions_of_uses, withdrawn
from billing_center.order.move_first_opening import move_first_opening
from billing_center.order.state import OrderState
from billing_center.order.store import OrderRow, StateChangeRow, orders_of_payers, state_changes
from billing_center.period import ONE_DAY, days_of

Opening = date | None


def reopen(desk: Desk, changed: Changed, *, withdrawn_on: date | None) -> bool:
    """Move the first opening to where it belongs by now; whether anything is free by it.

    It is looked at when the use that is withdrawn was of its day, or the one that was entered stands in the place
    of the first of all. If it moves, the uses are settled and the order days decided again.
    Raises: as `settle_uses`.
    """
    if withdrawn_on != desk.opening() and not (hangs_on_opening(desk) and _is_first(desk, changed)):
        return False
    before, after = move_opening(desk, changed)
    return free_anew(desk, changed, before, after)


def move_opening(desk: Desk, changed: Changed) -> tuple[Opening, Opening]:
    """Find the first opening by the facts that stand, and keep it; the one before and the one now."""
    before, after = desk.opening(), _opening(desk, changed)
    if before != after:
        ids = (desk.payer.payer_id, desk.product.product_id)
        move_first_opening(desk.work.connection, *ids, shard=desk.payer.shard, day=after)
        desk.forget_facts()
    return before, after


def free_anew(desk: Desk, changed: Changed, before: Opening, after: Opening) -> bool:
    """Rate again what the opening makes free, or did; False when nothing hangs on it."""
    if before == after or not hangs_on_opening(desk):
        return False
    settle_uses(desk, changed, reopened=True)
    _days_again(desk, before, after)
    return True


def hangs_on_opening(desk: Desk) -> bool:
    """Whether any price of the product depends on the first opening."""
    carried = any(version.included and version.included.carry_over for version in desk.product.versions)
    return desk.product.allowance.days > 0 or carried


def _opening(desk: Desk, changed: Changed) -> Opening:
    """The earliest of the orders' activations; of uses, where they were met before any of these.

    Of uses it is the earliest day of those that were rated first of all, as it is noted when they are.
    """
    activations = list(_activations(desk))
    days = [day for _, day in activations]
    places = _places(desk, changed)
    first = min((place[0] for place, _ in places.values()), default=None)
    if first is not None and not any(known_at <= first for known_at, _ in activations):
        days.append(min(day for place, day in places.values() if place[0] == first))
    return min(days, default=None)


def _is_first(desk: Desk, changed: Changed) -> bool:
    """Whether the use that was entered stands in the place of the first one of all."""
    places = _places(desk, changed) if changed.entered else {}
    first = min(places, key=lambda event_id: places[event_id][0], default="")
    return first in changed.entered


def _places(desk: Desk, changed: Changed) -> dict[str, tuple[Place, date]]:
    """Place and day of every use of the payer and product that stands."""
    connection = desk.work.connection
    found = positions_of_uses(connection, desk.payer.payer_id, desk.product.product_id)
    gone = withdrawn(connection, [p.cause_id for p in found]).keys() | changed.withdrawn
    standing = [p for p in found if p.cause_id not in gone]
    places = places_of(connection, standing)
    return {p.cause_id: (places[p.cause_id], p.day) for p in standing}


def _activations(desk: Desk) -> Iterator[tuple[datetime, date]]:
    """(since when it is known, the day) of each time an order of the payer and product became active."""
    connection, payer_id = desk.work.connection, desk.payer.payer_id
    orders = [o for o in orders_of_payers(connection, [payer_id]) if o.product_id == desk.product.product_id]
    changes = state_changes(connection, [order.order_id for order in orders])
    for order in orders:
        in_force = {change.at: change for change in changes.get(order.order_id, ())}  # the last of an instant
        for change in in_force.values():
            if change.to_state == OrderState.ACTIVE:
                yield change.at, _day_of(desk, order, change)


def _day_of(desk: Desk, order: OrderRow, change: StateChangeRow) -> date:
    if change.seq == 0:
        return order.start_day
    return max(order.start_day, civil_day(change.at, desk.work.zone))


def _days_again(desk: Desk, before: Opening, after: Opening) -> None:
    """Decide the order days again that are free by one of the openings."""
    length = timedelta(days=desk.product.allowance.days)
    ends = [day for day in (before, after) if day is not None]
    if not length or not ends:
        return
    first, end = min(ends), max(ends) + length
    for order in orders_of_payers(desk.work.connection, [desk.payer.payer_id]):
        if order.product_id == desk.product.product_id:
            begin, last = max(first, order.start_day), min(end - ONE_DAY, order.rated_through)
            if begin <= last:
                desk.rerate_days(order, list(days_of(begin, last + ONE_DAY)), by_their_prices=True)
