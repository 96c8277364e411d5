"""Rated uses leave the queue in a time that does not grow with what else waits."""

from typing import Any

import pytest
from sqlalchemy import text

from billing_center.bulk import change, delete_rows, insert_rows
from billing_center.center import Center
from schema.tables.usage import usage_queue
from tests.billing_center.usage.test_claim_batch import AT, waiting
from tests.executed_plans import executed_plans

MANY = 5000


def _emptied(center: Center) -> None:
    """The planner has looked at a queue that was filled and emptied: it takes it for empty from now on."""
    rows = waiting(MANY)
    center.transact("test", lambda work: insert_rows(work.connection, usage_queue, rows))
    center.transact("test", lambda work: work.connection.execute(usage_queue.delete()) and None)
    with center.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE usage_queue"))


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("keys", [40, 400])
def test_a_queue_that_was_empty_is_not_read_once_for_each_use_that_leaves_it(center: Center, keys: int) -> None:
    """With 5,000 that wait: a join the wrong way round compares 5,000 x 40 times."""
    _emptied(center)
    rows = waiting(MANY)
    center.transact("test", lambda work: insert_rows(work.connection, usage_queue, rows))
    ids = [row["event_id"] for row in rows[:keys]]

    def leave(work: Any) -> None:
        parked = [{"event_id": one, "state": "PARKED", "tries": 1, "next_try_at": AT} for one in ids]
        assert change(work.connection, usage_queue, parked, replace=["state", "tries", "next_try_at"]) == keys
        assert delete_rows(work.connection, usage_queue, ids) == keys

    with executed_plans(center, lambda statement: "usage_queue" in statement) as plans:
        center.transact("test", leave)
    assert len(plans) == 2
    assert max(map(_rows_met, plans)) <= 2 * MANY


def _rows_met(node: dict[str, Any]) -> int:
    """Rows that a plan's nodes produced or threw away, over all their rounds."""
    rounds = node.get("Actual Loops", 1)
    own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Join Filter", 0)
    return int(own * rounds + sum(_rows_met(child) for child in node.get("Plans", ())))
