"""The planner is told of what has changed much, and of nothing else."""

from datetime import date

import pytest
from sqlalchemy import text

from billing_center.bulk import insert_rows
from billing_center.center import Center
from schema.statistics import refresh_statistics
from schema.tables.charges import rollup_dirty
from schema.tables.orders import first_opening

_FLUSH = text(
    "SELECT pg_stat_force_next_flush()"
)  # what a session has changed is told at once, not a second later


def _fill(center: Center, rollups: int, openings: int) -> None:
    marks = [{"shard": n % 256, "day": date.fromordinal(730_000 + n // 256)} for n in range(rollups)]
    firsts = [
        {"payer_id": f"p{n}", "product_id": "x", "shard": 1, "day": date(2026, 3, 1)} for n in range(openings)
    ]
    with center.database.engine.connect() as connection:
        with connection.begin():
            for table in (rollup_dirty, first_opening):  # or autovacuum may look at them first
                connection.execute(text(f"ALTER TABLE {table.name} SET (autovacuum_enabled = false)"))
                connection.execute(text(f"ANALYZE {table.name}"))  # what other tests changed counts no more
        with connection.begin():
            connection.execute(_FLUSH)
        with connection.begin():
            insert_rows(connection, rollup_dirty, marks)
            insert_rows(connection, first_opening, firsts)
        with connection.begin():
            connection.execute(_FLUSH)


@pytest.mark.databases("postgresql")
def test_a_table_that_changed_much_is_looked_at_once(center: Center) -> None:
    _fill(center, rollups=1000, openings=999)
    looked_at = {name.rpartition(".")[2] for name in refresh_statistics(center.database.engine)}
    assert "rollup_dirty" in looked_at
    assert "first_opening" not in looked_at
    with center.database.engine.connect() as connection:
        known = text("SELECT reltuples FROM pg_class WHERE relname = :name")
        assert connection.execute(known, {"name": "rollup_dirty"}).scalar_one() == 1000
    assert not [name for name in refresh_statistics(center.database.engine) if name.endswith("rollup_dirty")]


@pytest.mark.databases("sqlite")
def test_other_databases_are_left_alone(center: Center) -> None:
    assert refresh_statistics(center.database.engine) == []
