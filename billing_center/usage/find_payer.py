"""Who pays for a use, and which order it falls under. Design: billing rules, mode 6; contract, insertServiceOp.

The payer of the use, if the caller named one, else the payer of the user's order for the product that was
active at the moment of use. The user's orders are those whose customer or payer is the user.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, select

from billing_center.bulk import rows_by_key
from billing_center.ids import NONE
from billing_center.order.state import OrderState
from billing_center.order.store import ORDER_COLUMNS, OrderRow, StateChangeRow, order_of, state_changes
from schema.tables.orders import service_order


class Asked(Protocol):
    """What is asked of one use; a use of the queue is asked as it is."""

    @property
    def event_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...
    @property
    def payer_id(self) -> str: ...
    @property
    def product_id(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Payee:
    """The same for a use that is not in the queue."""

    event_id: str
    user_id: str
    payer_id: str  # '' = to be found
    product_id: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Who pays, and under which order ('-' and None: under none)."""

    payer_id: str
    order: OrderRow | None

    @property
    def order_id(self) -> str:
        """The order's id, or '-'."""
        return self.order.order_id if self.order else NONE


def find_payers(connection: Connection, asked: Sequence[Asked]) -> dict[str, Found]:
    """Who pays for each use, by event id; a use whose payer cannot be found yet is not in the answer."""
    alike = {(a.payer_id, a.user_id, a.product_id) for a in asked}
    people = {(person, product) for payer, user, product in alike for person in (payer or user, user)}
    orders = _candidates(connection, people)
    changes = state_changes(connection, [o.order_id for found in orders.values() for o in found])
    known: dict[str, Found] = {
        order.order_id: Found(order.payer_id, order) for of in orders.values() for order in of
    }
    eligible: dict[tuple[str, str, str], list[Eligible]] = {}
    for payer, user, product in alike:
        own, paid = orders.get((user, product), []), orders.get((payer, product), [])
        eligible[payer, user, product] = [
            (known[o.order_id], changes.get(o.order_id, ()))
            for o in ((*own, *paid) if payer else own)
            if o.payer_id == payer or not payer
        ]
    answer: dict[str, Found] = {}
    under_none: dict[str, Found] = {}
    for a in asked:
        who = _active(eligible[a.payer_id, a.user_id, a.product_id], a.started_at)
        if who is None:
            if not a.payer_id:
                continue
            who = under_none.get(a.payer_id)
            if who is None:
                who = under_none[a.payer_id] = Found(a.payer_id, None)
        answer[a.event_id] = who
    return answer


Eligible = tuple[Found, Sequence[StateChangeRow]]
"""Who pays under an order, and the changes of its state."""


def _candidates(connection: Connection, people: set[tuple[str, str]]) -> dict[tuple[str, str], list[OrderRow]]:
    """The orders of each (person, product), where the person is customer or payer; oldest first."""
    table, asked = service_order.c, select(*ORDER_COLUMNS)
    rows = [
        row
        for column in (table.cust_id, table.payer_id)
        for row in rows_by_key(connection, asked, [column, table.product_id], people)
    ]
    orders = {row.order_id: order_of(row) for row in rows}
    found: dict[tuple[str, str], list[OrderRow]] = {}
    for order in sorted(orders.values(), key=lambda o: (o.start_at, o.order_id)):
        for person in {order.cust_id, order.payer_id}:
            found.setdefault((person, order.product_id), []).append(order)
    return found


def _active(orders: Sequence[Eligible], at: datetime) -> Found | None:
    """The first of the orders that was active at the instant."""
    for found, changes in orders:
        state = NONE
        for change in changes:
            if change.at > at:
                break
            state = change.to_state
        if state == OrderState.ACTIVE:
            return found
    return None
