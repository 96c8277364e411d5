"""Orders in the tables: the mirror's rows, state changes, account numbers and first openings."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select, update

from billing_center.bulk import BATCH, among, insert_rows, lock_rows, put, rows_by_key
from billing_center.errors import Busy
from billing_center.order.state import OrderState, StoppedFor
from billing_center.rating.facts import PlanKind
from billing_center.rating.quick import quick
from schema.tables.orders import account_change, first_opening, order_state_change, service_order


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as the table holds it."""

    order_id: str
    order_code: str
    cust_id: str
    payer_id: str
    shard: int
    product_id: str
    plan: PlanKind
    promotion_id: str
    start_at: datetime
    start_day: date
    features: Mapping[str, str]
    is_quota: bool
    state: OrderState
    stopped_for: StoppedFor
    change_count: int
    facts_hash: str
    rated_through: date
    ended_day: date | None


@dataclass(frozen=True, slots=True)
class StateChangeRow:
    """One change of an order's state."""

    order_id: str
    seq: int
    at: datetime
    from_state: str
    to_state: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccountChangeRow:
    """A payer's number of authorised accounts for a product, from an instant on."""

    payer_id: str
    product_id: str
    at: datetime
    accounts: Decimal


_NAMES = [f.name for f in fields(OrderRow)]
_COLUMNS = [service_order.c[name] for name in _NAMES]
_CHANGE_NAMES = [f.name for f in fields(StateChangeRow)]
_CHANGE_COLUMNS = [order_state_change.c[name] for name in _CHANGE_NAMES]


_PLANS = {str(plan): plan for plan in PlanKind}
_STATES = {str(state): state for state in OrderState}
_STOPPED = {str(stopped): stopped for stopped in StoppedFor}
_quick_order = quick(OrderRow)
ORDER_COLUMNS = tuple(_COLUMNS)


def order_of(row: Sequence[Any]) -> OrderRow:
    """The order of a row of `ORDER_COLUMNS`. Orders with the same features share a mapping nobody can change."""
    (
        order_id, code, customer, payer_id, shard, product_id, plan, promotion_id, start_at, start_day, features,
        quota, state, stopped, changes, digest, rated_through, ended,
    ) = row  # fmt: skip
    return _quick_order(
        order_id, code, customer, payer_id, shard, product_id, _PLANS[plan], promotion_id, start_at, start_day,
        _features(features), quota, _STATES[state], _STOPPED[stopped], changes, digest, rated_through, ended,
    )  # fmt: skip


@lru_cache(4096)
def _features(text: str) -> Mapping[str, str]:
    return MappingProxyType(json.loads(text))


def locked_order(connection: Connection, order_id: str) -> OrderRow | None:
    """The order, its row locked until the transaction ends."""
    rows = lock_rows(connection, service_order, "order_id", [order_id])
    return order_of([getattr(rows[0], name) for name in _NAMES]) if rows else None


def find_order(connection: Connection, order_id: str) -> OrderRow | None:
    """The order, or None."""
    row = connection.execute(select(*_COLUMNS).where(service_order.c.order_id == order_id)).one_or_none()
    return None if row is None else order_of(row)


def orders_by_id(connection: Connection, order_ids: Iterable[str]) -> dict[str, OrderRow]:
    """The orders that exist, by id."""
    rows = rows_by_key(connection, select(*_COLUMNS), [service_order.c.order_id], list(order_ids))
    return {row.order_id: order_of(row) for row in rows}


def orders_of_payers(
    connection: Connection,
    payer_ids: Iterable[str],
    states: Iterable[OrderState] = tuple(OrderState),
    products: Sequence[str] | None = None,
) -> list[OrderRow]:
    """The payers' orders in any of the states, of some products only if they are named; oldest first within a
    payer."""
    statement = select(*_COLUMNS).where(service_order.c.state.in_([s.value for s in states]))
    if products is not None:
        statement = statement.where(service_order.c.product_id.in_(products))
    rows = rows_by_key(connection, statement, [service_order.c.payer_id], list(payer_ids))
    return sorted((order_of(row) for row in rows), key=lambda o: (o.payer_id, o.start_at, o.order_id))


def insert_order(connection: Connection, order: OrderRow, *, extra: Mapping[str, object]) -> None:
    """Add an order. Its primary key makes a second one fail."""
    row: dict[str, object] = {name: getattr(order, name) for name in _NAMES} | dict(extra)
    row["features"] = json.dumps(dict(order.features), ensure_ascii=False, sort_keys=True)
    insert_rows(connection, service_order, [row])


def set_state(
    connection: Connection,
    order: OrderRow,
    to_state: OrderState,
    *,
    stopped_for: StoppedFor,
    ended_day: date | None,
) -> None:
    """Move the order from the state it was read in. Raises Busy when it is not in it any more."""
    statement = (
        update(service_order)
        .where(service_order.c.order_id == order.order_id, service_order.c.change_count == order.change_count)
        .values(
            state=to_state.value,
            stopped_for=stopped_for.value,
            change_count=order.change_count + 1,
            ended_day=ended_day,
        )
    )
    if connection.execute(statement).rowcount != 1:
        raise Busy("the order's state changed at the same moment", order_id=order.order_id)


def set_states(
    connection: Connection, orders: Sequence[OrderRow], to_state: OrderState, *, stopped_for: StoppedFor
) -> None:
    """Move orders that go on from the states they were read in. Raises Busy when one is not in it any more."""
    by_count: dict[int, list[str]] = {}
    for order in orders:
        by_count.setdefault(order.change_count, []).append(order.order_id)
    table = service_order.c
    for count, ids in sorted(by_count.items()):
        for at in range(0, len(ids), BATCH):
            part = ids[at : at + BATCH]
            statement = (
                update(service_order)
                .where(among(connection, table.order_id, part), table.change_count == count)
                .values(state=to_state.value, stopped_for=stopped_for.value, change_count=count + 1)
            )
            if connection.execute(statement).rowcount != len(part):
                raise Busy("an order's state changed at the same moment")


def insert_state_change(connection: Connection, order: OrderRow, change: StateChangeRow) -> None:
    """Keep one change of state."""
    insert_state_changes(connection, [(order, change)])


def insert_state_changes(connection: Connection, changes: Iterable[tuple[OrderRow, StateChangeRow]]) -> None:
    """Keep changes of state, each with its order."""
    rows = [
        {name: getattr(change, name) for name in _CHANGE_NAMES}
        | {"payer_id": order.payer_id, "shard": order.shard}
        for order, change in changes
    ]
    insert_rows(connection, order_state_change, rows)


def state_changes(connection: Connection, order_ids: Iterable[str]) -> dict[str, list[StateChangeRow]]:
    """Every change of each order in the order of time; of one instant, the one recorded last comes last.

    A change that an operator dated back stands where it took effect, not where it was recorded.
    """
    rows = rows_by_key(connection, select(*_CHANGE_COLUMNS), [order_state_change.c.order_id], list(order_ids))
    found: dict[str, list[StateChangeRow]] = {}
    for row in rows:
        found.setdefault(row.order_id, []).append(StateChangeRow(*row))
    for changes in found.values():
        changes.sort(key=lambda change: (change.at, change.seq))
    return found


def insert_account_change(
    connection: Connection, change: AccountChangeRow, *, change_id: str, shard: int, actor: str
) -> None:
    """Keep one account number."""
    row = {"payer_id": change.payer_id, "product_id": change.product_id, "change_id": change_id, "shard": shard,
           "at": change.at, "accounts": change.accounts, "actor": actor}  # fmt: skip
    insert_rows(connection, account_change, [row])


def account_changes(
    connection: Connection, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[AccountChangeRow]]:
    """Every account number of each (payer, product), in order of effect."""
    table = account_change
    statement = select(table.c.payer_id, table.c.product_id, table.c.at, table.c.accounts, table.c.change_id)
    found: dict[tuple[str, str], list[tuple[str, AccountChangeRow]]] = {}
    for row in rows_by_key(connection, statement, [table.c.payer_id, table.c.product_id], list(keys)):
        change = AccountChangeRow(row.payer_id, row.product_id, row.at, row.accounts)
        found.setdefault((row.payer_id, row.product_id), []).append((row.change_id, change))
    return {
        key: [change for _, change in sorted(changes, key=lambda pair: (pair[1].at, pair[0]))]
        for key, changes in found.items()
    }


def note_first_opening(connection: Connection, openings: Mapping[tuple[str, str], tuple[int, date]]) -> None:
    """Keep the earliest opening (first use) of each (payer, product): {(payer, product): (shard, day)}.

    An opening that is reported late may be earlier than the one known; what was charged by then stands.
    """
    known = first_openings(connection, list(openings))
    rows = [
        {"payer_id": payer_id, "product_id": product_id, "shard": shard, "day": day}
        for (payer_id, product_id), (shard, day) in openings.items()
        if (payer_id, product_id) not in known or day < known[payer_id, product_id]
    ]
    put(connection, first_opening, rows, replace=["day"])


def first_openings(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], date]:
    """The day of the first opening ever of each (payer, product) that has one."""
    table = first_opening
    statement = select(table.c.payer_id, table.c.product_id, table.c.day)
    rows = rows_by_key(connection, statement, [table.c.payer_id, table.c.product_id], list(keys))
    return {(row.payer_id, row.product_id): row.day for row in rows}


def set_rated_through(connection: Connection, orders: Mapping[str, date]) -> None:
    """Note the last day that has been decided for each order."""
    by_day: dict[date, list[str]] = {}
    for order_id, day in orders.items():
        by_day.setdefault(day, []).append(order_id)
    for day, ids in sorted(by_day.items()):
        for at in range(0, len(ids), BATCH):
            chosen = among(connection, service_order.c.order_id, ids[at : at + BATCH])
            connection.execute(update(service_order).where(chosen).values(rated_through=day))
