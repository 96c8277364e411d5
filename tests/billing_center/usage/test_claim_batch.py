"""Which waiting uses a batch takes, and that real-time ones are found however many others wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from billing_center.bulk import change, insert_rows
from billing_center.center import Center
from billing_center.usage.store import claim_batch
from schema.tables.usage import usage_event, usage_queue
from tests.billing_center.test_bulk import event as usage_row
from tests.executed_plans import executed_plans

AT = datetime(2026, 3, 2, tzinfo=UTC)
BACKLOG = 4000
REAL_TIME = (17, 1200, 3999)


def waiting(count: int) -> list[dict[str, Any]]:
    """The places in the queue of `test_bulk.event`s."""
    return [
        {
            "event_id": one["event_id"], "day": one["day"], "shard": one["shard"], "state": "WAITING",
            "real_time": False, "next_try_at": AT, "tries": 0, "reason": "", "detail": "",
        }
        for one in map(usage_row, range(count))
    ]  # fmt: skip


@pytest.fixture
def backlog(center: Center) -> Center:
    """An imported file of uses waits, and among them three of a real-time product; a fourth lies ahead."""
    events, queue = [usage_row(n) for n in range(BACKLOG)], waiting(BACKLOG)
    for n in (*REAL_TIME, 5):
        queue[n]["real_time"] = True
    queue[5]["next_try_at"] = AT + timedelta(hours=1)

    def fill(work: Any) -> None:
        insert_rows(work.connection, usage_event, events)
        insert_rows(work.connection, usage_queue, queue)

    center.transact("test", fill)
    return center


@contextmanager
def plans(center: Center) -> Iterator[list[str]]:
    """How the database finds what the statements ask for that are sent meanwhile."""
    found: list[str] = []

    def heard(conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if "usage_queue" in statement and not many:
            explained = "EXPLAIN QUERY PLAN " if conn.dialect.name == "sqlite" else "EXPLAIN "
            beside = conn.connection.driver_connection.cursor()
            beside.execute(explained + statement, parameters)
            found.append("\n".join(str(row) for row in beside.fetchall()))

    event.listen(center.database.engine, "before_cursor_execute", heard)
    yield found
    event.remove(center.database.engine, "before_cursor_execute", heard)


def claim(center: Center, *, real_time_only: bool = False, limit: int = 10_000, of_shard: int = 0) -> list[str]:
    with center.reading() as work:
        found = claim_batch(
            work.connection,
            first_shard=0,
            last_shard=255,
            now=AT,
            limit=limit,
            real_time_only=real_time_only,
            of_shard=of_shard,
        )
    return [one.event_id for one in found]


@pytest.mark.databases("sqlite", "postgresql")
def test_real_time_uses_are_found_by_an_index_that_holds_no_others(backlog: Center) -> None:
    if backlog.database.kind == "postgresql":
        with backlog.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("ANALYZE usage_queue"))
    with plans(backlog) as seen:
        claimed = claim(backlog, real_time_only=True)
    assert claimed == sorted(usage_row(n)["event_id"] for n in REAL_TIME)
    assert any("ix_usage_queue_real_time" in plan for plan in seen), seen


def test_a_batch_takes_everything_that_is_due_up_to_its_limit(backlog: Center) -> None:
    assert len(claim(backlog)) == BACKLOG - 1
    assert len(claim(backlog, limit=100)) == 100


@pytest.mark.parametrize(
    ("limit", "of_shard", "taken"),
    [(20, 0, 20), (20, 20, 20), (20, 100, 32), (20, 25, 25), (32, 100, 32), (5000, 20_000, BACKLOG - 1)],
)
def test_a_full_batch_goes_on_to_the_end_of_its_shard(
    backlog: Center, limit: int, of_shard: int, taken: int
) -> None:
    """Sixteen uses wait in each of the first shards."""
    found = claim(backlog, limit=limit, of_shard=of_shard)
    due = sorted((n for n in range(BACKLOG) if n != 5), key=lambda n: (n % 256, n))
    assert found == sorted(usage_row(n)["event_id"] for n in due[:taken])


@pytest.fixture
def arrivals(backlog: Center) -> Center:
    """The same uses, the latest of them due first, each at an instant of its own; the planner knows of them."""
    rows = [
        {"event_id": r["event_id"], "next_try_at": AT - timedelta(seconds=n)}
        for n, r in enumerate(waiting(BACKLOG))
    ]
    backlog.transact("test", lambda work: change(work.connection, usage_queue, rows, replace=["next_try_at"]))
    if backlog.database.kind == "postgresql":
        with backlog.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("ANALYZE usage_queue"))
    return backlog


@pytest.mark.parametrize(("limit", "of_shard"), [(10, 0), (10, 12), (10, 100), (40, 100)])
def test_what_has_been_due_longest_comes_first(arrivals: Center, limit: int, of_shard: int) -> None:
    found = claim(arrivals, limit=limit, of_shard=of_shard)
    due = sorted(range(BACKLOG), key=lambda n: (n % 256, -n))
    taken = {10: {0: 10, 12: 12, 100: 16}, 40: {100: 48}}[limit][of_shard]
    assert found == sorted(usage_row(n)["event_id"] for n in due[:taken])


@pytest.mark.databases("postgresql")
def test_a_batch_reads_little_more_of_the_queue_than_it_takes(arrivals: Center) -> None:
    with executed_plans(arrivals, lambda statement: "usage_queue" in statement) as plans_seen:
        claim(arrivals, limit=10, of_shard=12)
    assert len(plans_seen) == 2
    for plan in plans_seen:
        [read] = [node for node in nodes(plan) if node.get("Index Name") == "ix_usage_queue_due"]
        assert read["Actual Rows"] + read.get("Rows Removed by Filter", 0) <= 50  # it sorts 32 at a time


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and all below it."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)
