"""The walk over the orders that have a day to decide: shard by shard, payer by payer, order by order.

Where it stands in the walk: the daily rating of active orders. A payer's orders come together, so a chunk locks
few payers; the position is an order's id, and the index (shard, payer, order) leads on from it.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from sqlalchemy import Connection, case, select

from billing_center.bulk import after_key
from billing_center.order.state import OrderState, StoppedFor
from billing_center.order.store import OrderRow
from billing_center.rating.facts import PlanKind
from billing_center.rating.quick import quick
from schema.tables.orders import service_order

_TABLE = service_order.c
_ROW = (
    _TABLE.order_id, _TABLE.order_code, _TABLE.cust_id, _TABLE.payer_id, _TABLE.shard, _TABLE.product_id,
    _TABLE.plan, _TABLE.promotion_id, _TABLE.start_at, _TABLE.start_day, _TABLE.features, _TABLE.is_quota,
    _TABLE.state, _TABLE.stopped_for, _TABLE.change_count, _TABLE.facts_hash, _TABLE.rated_through,
    _TABLE.ended_day,
)  # fmt: skip
_WALK = (_TABLE.shard, _TABLE.payer_id, _TABLE.order_id)
_PLANS = {str(plan): plan for plan in PlanKind}
_STATES = {str(state): state for state in OrderState}
_STOPPED = {str(stopped): stopped for stopped in StoppedFor}
_order = quick(OrderRow)


def orders_to_rate(
    connection: Connection, *, first_shard: int, last_shard: int, through: date, after_order: str, limit: int
) -> list[OrderRow]:
    """Orders of daily plans that have a day to decide up to `through`: the next `limit` after an order, '' = none.

    In the order of shard, payer and id.
    """
    last_day = case((_TABLE.ended_day < through, _TABLE.ended_day), else_=through)
    statement = (
        select(*_ROW)
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
    return [
        _order(
            order_id, code, customer, payer_id, shard, product_id, _PLANS[plan], promotion_id, start_at, start_day,
            _features(features), quota, _STATES[state], _STOPPED[stopped], changes, digest, rated_through, ended,
        )
        for (
            order_id, code, customer, payer_id, shard, product_id, plan, promotion_id, start_at, start_day,
            features, quota, state, stopped, changes, digest, rated_through, ended,
        ) in connection.execute(statement)
    ]  # fmt: skip


@lru_cache(4096)
def _features(text: str) -> Mapping[str, str]:
    """Many orders have the same features: they share one mapping that nobody can change."""
    return MappingProxyType(json.loads(text))
