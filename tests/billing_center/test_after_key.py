"""Where a walk along an index goes on: the comparison of rows, and what stands for it on Oracle, mean the same."""

from itertools import product
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, create_engine, insert, select

from billing_center.bulk import after_key

PLACES = [(shard, payer, order) for shard, payer, order in product((1, 2), ("a", "b"), ("x", "y", "z"))]


@pytest.mark.parametrize("spelled_out", [False, True])
def test_after_a_place_come_exactly_the_places_behind_it(spelled_out: bool) -> None:
    table = Table(
        "place", MetaData(), Column("shard", Integer), Column("payer", String(9)), Column("name", String(9))
    )
    columns = (table.c.shard, table.c.payer, table.c.name)
    with create_engine("sqlite://").begin() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"shard": s, "payer": p, "name": n} for s, p, n in reversed(PLACES)])
        oracle = cast(Connection, SimpleNamespace(dialect=SimpleNamespace(name="oracle")))
        for number, place in enumerate(PLACES):
            behind: Any = after_key(oracle if spelled_out else connection, columns, place)
            found = connection.execute(select(table).where(behind).order_by(*columns)).all()
            assert [tuple(row) for row in found] == PLACES[number + 1 :]
