"""Aggregation: charges rolled up by user, product, day and currency; months and products are sums of these rows.

Rating marks each (shard, day) that it writes to; this recomputes marked cells whole from the charges, so
nothing is counted twice or left out, whatever ran before, and everything can be rebuilt.
Design: billing rules, "Aggregation"; the 2009 design, section 5.3.3.
"""

from datetime import date

from sqlalchemy import FromClause, delete, func, insert, select

from billing_center.bulk import claimed, insert_missing
from billing_center.center import UnitOfWork
from billing_center.history import whole
from billing_center.history.history_month import months_known
from schema.tables.charges import charge, rollup_dirty, usage_rollup


def roll_up(work: UnitOfWork, *, first_shard: int, last_shard: int, limit: int) -> int:
    """Recompute up to `limit` marked cells; returns how many. 0 means that nothing is marked."""
    mark = rollup_dirty.c
    statement = (
        select(mark.shard, mark.day)
        .where(mark.shard.between(first_shard, last_shard))
        .order_by(mark.shard, mark.day)
        .limit(limit)
    )
    cells = work.connection.execute(claimed(statement, work.connection)).all()
    by_day: dict[date, list[int]] = {}
    for shard, day in cells:
        by_day.setdefault(day, []).append(shard)
    elsewhere = {one.month for one in months_known(work.connection)}
    for day, shards in by_day.items():
        source = whole.charge if day.replace(day=1) in elsewhere else charge
        _recompute(work, day, shards, source)
    return len(cells)


def _recompute(work: UnitOfWork, day: date, shards: list[int], source: FromClause) -> None:
    """One day of some shards, whole. The marks go first: a charge that is written meanwhile marks anew."""
    mark, roll, c = rollup_dirty.c, usage_rollup.c, source.c
    work.connection.execute(delete(rollup_dirty).where(mark.day == day, mark.shard.in_(shards)))
    work.connection.execute(delete(usage_rollup).where(roll.day == day, roll.shard.in_(shards)))
    keys = [c.day, c.payer_id, c.user_id, c.product_id, c.currency, c.shard]
    summed = (
        select(*keys, func.sum(c.quantity), func.sum(c.amount), func.sum(c.list_amount), func.count())
        .where(c.day == day, c.shard.in_(shards))
        .group_by(*keys)
    )
    names = ["day", "payer_id", "user_id", "product_id", "currency", "shard"]
    names += ["quantity", "amount", "list_amount", "charges"]
    work.connection.execute(insert(usage_rollup).from_select(names, summed))


def rebuild(work: UnitOfWork) -> int:
    """Mark every cell that has charges, so that the next rounds compute all roll-ups anew."""
    cells = work.connection.execute(select(whole.charge.c.shard, whole.charge.c.day).distinct()).all()
    insert_missing(work.connection, rollup_dirty, [{"shard": shard, "day": day} for shard, day in cells])
    return len(cells)
