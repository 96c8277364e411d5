"""The walk over the orders that have a day to decide: shard by shard, payer by payer, order by order.

Where it stands in the walk: the daily rating of active orders. A payer's orders come together, so a chunk locks
few payers; the position is an order's id, and the index (shard, payer, order) leads on from it.
"""

from datetime import date

from sqlalchemy import Connection, case, select

from billing_center.bulk import after_key
from billing_center.order.store import ORDER_COLUMNS, OrderRow, order_of
from billing_center.rating.facts import PlanKind
from schema.tables.orders import service_order

_TABLE = service_order.c
_WALK = (_TABLE.shard, _TABLE.payer_id, _TABLE.order_id)


def orders_to_rate(
    connection: Connection, *, first_shard: int, last_shard: int, through: date, after_order: str, limit: int
) -> list[OrderRow]:
    """Orders of daily plans that have a day to decide up to `through`: the next `limit` after an order, '' = none.

    In the order of shard, payer and id.
    """
    last_day = case((_TABLE.ended_day < through, _TABLE.ended_day), else_=through)
    statement = (
        select(*ORDER_COLUMNS)
        .where(
            _TABLE.shard.between(first_shard, last_shard),
            _TABLE.plan != PlanKind.PER_USE.value,
            _TABLE.rated_through < last_day,
            _TABLE.start_day <= through,
        )
        .order_by(*_WALK)
        .limit(limit)
    )
    if after_order:
        at = connection.execute(select(*_WALK).where(_TABLE.order_id == after_order)).one_or_none()
        if at is not None:
            statement = statement.where(after_key(connection, _WALK, at))
    return [order_of(row) for row in connection.execute(statement)]
