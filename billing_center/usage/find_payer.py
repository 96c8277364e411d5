"""Who pays for a use, and which order it falls under. Design: billing rules, mode 6; contract, insertServiceOp.

The payer of the use, if the caller named one, else the payer of the user's order for the product that was
active at the moment of use. The user's orders are those whose customer or payer is the user.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, select

from billing_center.bulk import rows_by_key
from billing_center.ids import NONE
from billing_center.order.state import OrderState
from billing_center.order.store import OrderRow, StateChangeRow, orders_by_id, state_changes
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
    people = {(person, a.product_id) for a in asked for person in (a.payer_id or a.user_id, a.user_id)}
    orders = _candidates(connection, people)
    changes = state_changes(connection, [o.order_id for found in orders.values() for o in found])
    answer: dict[str, Found] = {}
    for a in asked:
        own = orders.get((a.user_id, a.product_id), [])
        if a.payer_id:
            paid = orders.get((a.payer_id, a.product_id), [])
            of_payer = [o for o in [*own, *paid] if o.payer_id == a.payer_id]
            answer[a.event_id] = Found(a.payer_id, _active(of_payer, changes, a.started_at))
        else:
            order = _active(own, changes, a.started_at)
            if order is not None:
                answer[a.event_id] = Found(order.payer_id, order)
    return answer


def _candidates(connection: Connection, people: set[tuple[str, str]]) -> dict[tuple[str, str], list[OrderRow]]:
    """The orders of each (person, product), where the person is customer or payer; oldest first."""
    table = service_order.c
    statement = select(table.order_id, table.cust_id, table.payer_id, table.product_id)
    ids = {
        row.order_id
        for column in (table.cust_id, table.payer_id)
        for row in rows_by_key(connection, statement, [column, table.product_id], list(people))
    }
    found: dict[tuple[str, str], list[OrderRow]] = {}
    for order in sorted(orders_by_id(connection, ids).values(), key=lambda o: (o.start_at, o.order_id)):
        for person in {order.cust_id, order.payer_id}:
            found.setdefault((person, order.product_id), []).append(order)
    return found


def _active(
    orders: Sequence[OrderRow], changes: Mapping[str, Sequence[StateChangeRow]], at: datetime
) -> OrderRow | None:
    """The first of the orders that was active at the instant."""
    for order in orders:
        state = NONE
        for change in changes.get(order.order_id, ()):
            if change.at > at:
                break
            state = change.to_state
        if state == OrderState.ACTIVE:
            return order
    return None
