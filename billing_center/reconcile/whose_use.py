"""Whose a use is: who pays for it and under which order. Design: billing rules, mode 6."""

from datetime import datetime
from typing import Any

from billing_center.reconcile.raw_facts import Facts, PayerFacts


def payer_and_order(facts: Facts, one: PayerFacts, use: Any, known_at: datetime) -> tuple[str, Any]:
    """Who pays for a use and under which order, by what was known: the payer named, else that of the user's order.

    Of the payer's orders the user's own come first; of several the oldest that was active at the moment of use.
    """
    if use.payer_id and use.payer_id != one.payer_id:
        return str(use.payer_id), None
    for order in _orders_for(facts, one, use):
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


def _orders_for(facts: Facts, one: PayerFacts, use: Any) -> list[Any]:
    """The orders that the use may fall under, in the order they are asked."""
    if not use.payer_id:
        return facts.users_orders.get(use.user_id, [])
    key = (use.product_id, use.user_id)
    if key not in one.orders_for:
        mine = sorted(
            one.orders_of(use.product_id),
            key=lambda o: (use.user_id not in (o.cust_id, o.payer_id), o.start_at, o.order_id),
        )
        one.orders_for[key] = mine
    return one.orders_for[key]


class WhoseUses:
    """Whose the uses of one product are: at once where the first order that is asked has only ever been active."""

    def __init__(self, facts: Facts, one: PayerFacts, product_id: str) -> None:
        self._facts, self._one = facts, one
        self._mine = one.orders_of(product_id)
        self._single = self._always_active(self._mine[0]) if len(self._mine) == 1 else None
        self._by_user: dict[tuple[str, str], tuple[Any, datetime] | None] = {}

    def of(self, use: Any, known_at: datetime) -> tuple[str, Any]:
        """What `payer_and_order` says of the use."""
        payer_id = use.payer_id
        if payer_id and not self._mine:
            return payer_id, None
        if payer_id and payer_id == self._one.payer_id and self._single is not None:
            always: tuple[Any, datetime] | None = self._single  # whichever user asks
        else:
            user = (payer_id, use.user_id)
            if user not in self._by_user:
                self._by_user[user] = self._first_asked(use)
            always = self._by_user[user]
        if always is not None and always[0].installed_at <= known_at and always[1] <= use.started_at:
            return always[0].payer_id, always[0]
        return payer_and_order(self._facts, self._one, use, known_at)

    def _first_asked(self, use: Any) -> tuple[Any, datetime] | None:
        """(the first order that is asked, since when it is active); None where it was ever anything else."""
        if use.payer_id and use.payer_id != self._one.payer_id:
            return None
        orders = _orders_for(self._facts, self._one, use)
        first = next((order for order in orders if order.product_id == use.product_id), None)
        return self._always_active(first) if first is not None else None

    def _always_active(self, order: Any) -> tuple[Any, datetime] | None:
        changes = self._facts.changes.get(order.order_id, ())
        if len(changes) != 1 or changes[0].seq or changes[0].to_state != "ACTIVE":
            return None
        return order, changes[0].at
