"""The walk over the orders that have a day to decide: shard by shard, payer by payer, order by order.

Where it stands in the walk: the daily rating of active orders. A payer's orders come together, so a chunk locks
few payers; the position is an order's id, and the index (shard, payer, order) leads on from it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, not_, select

from billing_center.bulk import after_key
from billing_center.order.store import ORDER_COLUMNS, OrderRow, order_of
from billing_center.rating.facts import PlanKind
from schema.tables.orders import service_order

_TABLE = service_order.c
_WALK = (_TABLE.shard, _TABLE.payer_id, _TABLE.order_id)
Place = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the walk: from behind an order (None: the shards' first) up to another (None: their last)."""

    first_shard: int
    last_shard: int
    through: date
    behind: Place | None
    up_to: Place | None = None

    def conditions(self, connection: Connection) -> list[ColumnElement[bool]]:
        """What an order of the stretch meets that has a day to decide; they name shards, so that a planner knows
        how few they are."""
        last_day = case((_TABLE.ended_day < self.through, _TABLE.ended_day), else_=self.through)
        last_shard = self.up_to[0] if self.up_to else self.last_shard
        found = [
            _TABLE.shard.between(self.behind[0] if self.behind else self.first_shard, last_shard),
            _TABLE.plan != PlanKind.PER_USE.value,
            _TABLE.rated_through < last_day,
            _TABLE.start_day <= self.through,
        ]
        if self.behind:
            found.append(after_key(connection, _WALK, self.behind))
        if self.up_to:
            found.append(not_(after_key(connection, _WALK, self.up_to)))
        return found

    def in_order(self, connection: Connection, limit: int, *columns: Any) -> Select[Any]:
        """Columns of its next `limit` orders."""
        return select(*columns).where(*self.conditions(connection)).order_by(*_WALK).limit(limit)


def stretch_from(
    connection: Connection, *, first_shard: int, last_shard: int, through: date, after_order: str
) -> Stretch:
    """All that comes after an order, '' = all of the shards."""
    at = None
    if after_order:
        at = connection.execute(select(*_WALK).where(_TABLE.order_id == after_order)).one_or_none()
    return Stretch(first_shard, last_shard, through, None if at is None else (at[0], at[1], at[2]))


def cut(connection: Connection, stretch: Stretch, limit: int) -> Stretch:
    """The stretch up to its order number `limit`; as it is where it has fewer."""
    end = connection.execute(stretch.in_order(connection, 1, *_WALK).offset(limit - 1)).one_or_none()
    if end is None:
        return stretch
    return Stretch(
        stretch.first_shard, stretch.last_shard, stretch.through, stretch.behind, (end[0], end[1], end[2])
    )


def orders_of(connection: Connection, stretch: Stretch, limit: int) -> list[OrderRow]:
    """The first `limit` orders of the stretch, in the order of shard, payer and id."""
    return [order_of(row) for row in connection.execute(stretch.in_order(connection, limit, *ORDER_COLUMNS))]


def orders_to_rate(
    connection: Connection, *, first_shard: int, last_shard: int, through: date, after_order: str, limit: int
) -> list[OrderRow]:
    """Orders of daily plans that have a day to decide up to `through`: the next `limit` after an order, '' = none.

    In the order of shard, payer and id.
    """
    stretch = stretch_from(
        connection, first_shard=first_shard, last_shard=last_shard, through=through, after_order=after_order
    )
    return orders_of(connection, stretch, limit)
