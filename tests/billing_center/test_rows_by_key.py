"""Rows by their keys: statements that say the same are made once, and never taken for one another."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.bulk import insert_rows, rows_by_key
from billing_center.center import Center
from schema.tables.usage import usage_identity

AT = datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)
DAY = date(2026, 3, 1)


@pytest.fixture
def filled(center: Center) -> Center:
    """Twelve identities of three days; every other one has another hash."""
    rows = [
        {
            "identity": f"i{n:02}", "event_id": f"e{n % 4}", "day": DAY + timedelta(n % 3),
            "content_hash": f"h{n % 2}", "seen_at": AT,
        }
        for n in range(12)
    ]  # fmt: skip
    center.transact("test", lambda work: insert_rows(work.connection, usage_identity, rows))
    return center


def found(center: Center, statement: Any, columns: list[Any], keys: list[Any]) -> list[str]:
    with center.reading() as work:
        return sorted(row.identity for row in rows_by_key(work.connection, statement, columns, keys))


def test_each_call_asks_for_its_own_keys(filled: Center) -> None:
    table = usage_identity.c
    for keys in (["i01", "i05"], ["i02"], [], ["i03", "nobody"], [f"i{n:02}" for n in range(12)]):
        assert found(filled, select(usage_identity), [table.identity], keys) == [k for k in keys if k != "nobody"]


def test_other_columns_are_another_question(filled: Center) -> None:
    table = usage_identity.c
    assert found(filled, select(usage_identity), [table.event_id], ["e0"]) == ["i00", "i04", "i08"]
    assert found(filled, select(usage_identity), [table.day], [DAY]) == ["i00", "i03", "i06", "i09"]
    assert found(filled, select(usage_identity), [table.day, table.event_id], [(DAY, "e1")]) == ["i09"]
    assert found(filled, select(usage_identity), [table.event_id, table.day], [("e1", DAY)]) == ["i09"]


def test_a_statement_that_holds_a_value_keeps_it(filled: Center) -> None:
    table = usage_identity.c
    for content_hash, right in (("h0", ["i00", "i02"]), ("h1", ["i01", "i03"]), ("h0", ["i00", "i02"])):
        statement = select(usage_identity).where(table.content_hash == content_hash)
        assert found(filled, statement, [table.identity], ["i00", "i01", "i02", "i03"]) == right
