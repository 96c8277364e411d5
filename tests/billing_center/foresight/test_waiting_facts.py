"""What waits for a payer is found by the shards of its people, however many uses there are."""

from typing import Any

import pytest
from sqlalchemy import event

from billing_center.center import Center
from billing_center.foresight.store import waiting_facts


@pytest.mark.databases("sqlite")
def test_the_queue_is_asked_by_shard_and_uses_by_their_keys(center: Center) -> None:
    """SQLite once walked through all uses in their order, until it had met those that wait."""
    plans: list[str] = []

    def heard(_conn: Any, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "usage_event" in statement:
            beside = cursor.connection.cursor()
            plans.extend(row[-1] for row in beside.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))
            beside.close()

    event.listen(center.database.engine, "before_cursor_execute", heard)
    try:
        with center.reading() as work:
            assert waiting_facts(work.connection, "boss", ["someone"], limit=100) == []
    finally:
        event.remove(center.database.engine, "before_cursor_execute", heard)
    asked = [line for line in plans if "usage_queue" in line or "usage_event" in line]
    assert not [line for line in asked if line.startswith("SCAN")], plans
    assert any("ix_usage_queue_due (shard=?" in line for line in asked), plans
    assert any("ix_usage_queue_parked (shard=?" in line for line in asked), plans
    assert any("usage_event USING INDEX" in line and "event_id=?" in line for line in asked), plans
