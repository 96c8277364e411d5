"""Whose a use is: who pays for it and under which order. Design: billing rules, mode 6."""

from datetime import datetime
from typing import Any

from billing_center.reconcile.alike import NAMED, Alike
from billing_center.reconcile.plain_days import END_OF_TIME
from billing_center.reconcile.raw_facts import Facts, PayerFacts


def payer_and_order(facts: Facts, one: PayerFacts, use: Any, known_at: datetime) -> tuple[str, Any]:
    """Who pays for a use and under which order, by what was known: the payer named, else that of the user's order.

    Of the payer's orders the user's own come first; of several the oldest that was active at the moment of use.
    """
    if use.payer_id and use.payer_id != one.payer_id:
        return str(use.payer_id), None
    for order in _orders_for(facts, one, use.payer_id, use.user_id, use.product_id):
        if order.product_id != use.product_id or order.installed_at > known_at:
            continue
        state = ""
        for change in facts.changes.get(order.order_id, ()):
            if change.at > use.started_at or (change.seq and change.at > max(known_at, order.start_at)):
                break
            if change.seq and facts.known_since(change) > max(known_at, order.start_at):
                continue  # dated back later
            state = change.to_state
        if state == "ACTIVE":
            return str(order.payer_id), order
    return str(use.payer_id), None


def _orders_for(facts: Facts, one: PayerFacts, payer_id: str | None, user_id: str, product_id: str) -> list[Any]:
    """The orders that a use may fall under, in the order they are asked."""
    if not payer_id:
        return facts.users_orders.get(user_id, [])
    key = (product_id, user_id)
    if key not in one.orders_for:
        mine = sorted(
            one.orders_of(product_id),
            key=lambda o: (user_id not in (o.cust_id, o.payer_id), o.start_at, o.order_id),
        )
        one.orders_for[key] = mine
    return one.orders_for[key]


_Active = tuple[Any, datetime, datetime]
"""(an order, since when it is active, until when it is so without a break)."""

UNTOLD: Any = object()
"""Whose uses are cannot be told at once."""


class WhoseUses:
    """Under which order uses of a product are: the first that is asked, where it was active all the time."""

    def __init__(self, facts: Facts, one: PayerFacts, product_id: str) -> None:
        self._facts, self._one, self._product_id = facts, one, product_id
        self._mine = one.orders_of(product_id)
        self._single = self._first_active(self._mine[0]) if len(self._mine) == 1 else None
        self._whoever = self._single is not None or not self._mine  # of those who name the payer
        self._by_user: dict[str, _Active | None] = {}

    def of(self, alike: Alike) -> Any:
        """The payer's order under which `payer_and_order` puts all of these uses; None for no order, or UNTOLD."""
        order: Any = UNTOLD
        users = set(alike.whose)
        if self._whoever:
            alone = {user for user in users if user[0] != NAMED}
            users = alone if len(alone) == len(users) else {*alone, NAMED}
        for user in users:
            found = self._of_user(user, alike)
            if found is UNTOLD or order not in (UNTOLD, found):
                return UNTOLD
            order = found
        return order

    def _of_user(self, user: str, alike: Alike) -> Any:
        if user[0] == NAMED and not self._mine:
            return None
        if user[0] == NAMED and self._single is not None:
            active: _Active | None = self._single  # whichever user asks
        else:
            if user not in self._by_user:
                self._by_user[user] = self._first_asked(user)
            active = self._by_user[user]
        if active is None or alike.first_started is None or alike.last_started is None:
            return UNTOLD
        order, since, until = active
        if order.installed_at <= alike.first_rated and since <= alike.first_started and alike.last_started < until:
            return order if order.payer_id == self._one.payer_id else UNTOLD
        too_early = order.installed_at > alike.last_rated or since > alike.last_started
        return None if too_early and active is self._single and user[0] == NAMED else UNTOLD

    def _first_asked(self, user: str) -> _Active | None:
        """The first order that is asked; None where there is none, or it was not active at first."""
        one, product_id = self._one, self._product_id
        for order in _orders_for(
            self._facts, one, one.payer_id if user[0] == NAMED else None, user[1:], product_id
        ):
            if order.product_id == product_id:
                return self._first_active(order)
        return None

    def _first_active(self, order: Any) -> _Active | None:
        changes = self._facts.changes.get(order.order_id, ())
        if not changes or changes[0].seq or changes[0].to_state != "ACTIVE":
            return None
        return order, changes[0].at, changes[1].at if len(changes) > 1 else END_OF_TIME
