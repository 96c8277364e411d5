"""Bulk inserts store the same rows as SQLAlchemy's own way, name the same errors, and count what went in."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from billing_center.bulk import insert_missing, insert_rows
from billing_center.bulk_write.postgresql import COPY_FROM
from billing_center.center import Center
from schema.tables.usage import usage_event, usage_identity

AT = datetime(2026, 3, 1, 4, 5, 6, 789000, tzinfo=UTC)


def event(number: int) -> dict[str, Any]:
    """A row with every kind of value: absent and blank texts, quotes, tabs, tiny and absent amounts."""
    return {
        "event_id": f"{number:026d}", "day": date(2026, 3, 1), "shard": number % 256, "caller": "a\\tb\tc\n'\"",
        "guid": "", "user_id": "王小明", "user_name": "\\N", "payer_id": "", "product_id": "sms",
        "product_name": "{a,NULL}", "started_at": AT + timedelta(milliseconds=number), "ended_at": AT,
        "amount": None, "quantity": Decimal("-123456789.000001") if number % 2 else Decimal("1.50"), "unit": "x",
        "received_at": AT,
    }  # fmt: skip


def identity(number: int, event_id: str = "e") -> dict[str, Any]:
    return {
        "identity": f"i-{number}", "event_id": event_id, "day": date(2026, 3, 1), "content_hash": "h",
        "seen_at": AT,
    }  # fmt: skip


def stored(center: Center, table: Any) -> list[Any]:
    with center.reading() as work:
        return list(work.connection.execute(select(table).order_by(*table.primary_key)))


@pytest.mark.parametrize("count", [1, COPY_FROM - 1, COPY_FROM])
def test_rows_are_stored_as_sqlalchemy_stores_them(center: Center, count: int) -> None:
    rows = [event(number) for number in range(count)]
    center.transact("test", lambda work: insert_rows(work.connection, usage_event, rows))
    ours = stored(center, usage_event)
    center.transact("test", lambda work: work.connection.execute(usage_event.delete()))
    center.transact("test", lambda work: work.connection.execute(insert(usage_event), rows))
    assert ours == stored(center, usage_event)
    assert (ours[0].user_name, ours[0].product_name, ours[0].quantity) == ("\\N", "{a,NULL}", Decimal("1.50"))


@pytest.mark.parametrize("count", [2, COPY_FROM])
def test_a_key_that_is_there_is_an_integrity_error_and_the_transaction_is_taken_back(
    center: Center, count: int
) -> None:
    rows = [event(number) for number in [*range(count - 1), 0]]
    with pytest.raises(IntegrityError):
        center.transact("test", lambda work: insert_rows(work.connection, usage_event, rows))
    assert stored(center, usage_event) == []
    center.transact("test", lambda work: insert_rows(work.connection, usage_event, rows[:-1]))
    assert len(stored(center, usage_event)) == count - 1


@pytest.mark.parametrize("count", [2, COPY_FROM])
def test_a_value_that_a_type_refuses_is_refused(center: Center, count: int) -> None:
    rows = [event(number) for number in range(count)]
    for wrong in ({"quantity": 1.5}, {"quantity": Decimal("0.0000001")}, {"ended_at": AT.replace(tzinfo=None)}):
        rows[-1] = {**event(count), **wrong}
        with pytest.raises(ValueError, match=r"float|decimals|time zone"):
            center.transact("test", lambda work: insert_rows(work.connection, usage_event, rows))
    assert stored(center, usage_event) == []


def test_only_missing_rows_go_in_and_are_counted(center: Center) -> None:
    first = [identity(number) for number in range(3)]
    again = [identity(number, "other") for number in range(1, 30)]
    counts = [
        center.transact("test", lambda work, rows=rows: insert_missing(work.connection, usage_identity, rows))
        for rows in (first, again, again, [])
    ]
    assert counts == [3, 27, 0, 0]
    assert [row.event_id for row in stored(center, usage_identity) if row.identity in ("i-1", "i-2")] == ["e", "e"]
    with center.reading() as work:
        assert work.connection.execute(select(func.count()).select_from(usage_identity)).scalar_one() == 30
