"""Texts mean the same on every database, whatever it thinks of ''; instants in keys come back as they went."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import StatementError

from billing_center.bulk import among, insert_missing, insert_rows, rows_by_key
from billing_center.center import Center
from schema.tables.catalog import factor_value
from schema.tables.orders import payer

AT = datetime(2026, 3, 1, 4, 5, 6, 789000, tzinfo=UTC)


def row(payer_id: str, name: str = "") -> dict[str, Any]:
    return {
        "payer_id": payer_id, "shard": 1, "name": name, "cust_id": "", "currency": "CNY", "billing_day": 1,
        "grace_days": None, "closed_until": date(2026, 3, 1), "created_at": AT,
    }  # fmt: skip


@pytest.fixture
def payers(center: Center) -> Center:
    """Payers whose ids begin with whatever sorts low."""
    rows = [row(payer_id, name="x" if payer_id == "a" else "") for payer_id in ("!", "-", "0", "a", "王")]
    center.transact("test", lambda work: insert_rows(work.connection, payer, rows))
    return center


def ids(center: Center, *where: Any) -> list[str]:
    with center.reading() as work:
        statement = select(payer.c.payer_id).where(*where)
        return sorted(work.connection.execute(statement).scalars())


def test_a_walk_that_begins_after_nothing_finds_every_key(payers: Center) -> None:
    assert ids(payers, payer.c.payer_id > "") == ["!", "-", "0", "a", "王"]
    assert ids(payers, payer.c.payer_id >= "") == ["!", "-", "0", "a", "王"]
    assert ids(payers, payer.c.payer_id != "") == ["!", "-", "0", "a", "王"]


def test_keys_stand_in_the_order_of_their_code_points_in_a_database_of_any_language(
    center: Center,
) -> None:
    keys = ["-", "A-1", "B", "Z", "_", "a-2", "a1", "b", "é", "王"]
    center.transact("test", lambda work: insert_rows(work.connection, payer, [row(one) for one in keys]))
    with center.reading() as work:
        found = work.connection.execute(select(payer.c.payer_id).order_by(payer.c.payer_id)).scalars().all()
        behind_b = work.connection.execute(select(payer.c.payer_id).where(payer.c.payer_id > "B")).scalars().all()
    assert found == keys == sorted(keys)
    assert sorted(behind_b) == ["Z", "_", "a-2", "a1", "b", "é", "王"]


def test_no_key_is_empty(payers: Center) -> None:
    assert ids(payers, payer.c.payer_id == "") == []
    assert ids(payers, payer.c.payer_id.in_(["", "a"])) == ["a"]
    with payers.reading() as work:
        assert ids(payers, among(work.connection, payer.c.payer_id, ["", "a"])) == ["a"]
        assert len(rows_by_key(work.connection, select(payer), [payer.c.payer_id], ["", "a"])) == 1


def test_an_empty_key_is_refused_by_every_way_of_writing(payers: Center) -> None:
    with pytest.raises((ValueError, StatementError), match="never empty"):
        payers.transact("test", lambda work: work.connection.execute(insert(payer), [row("")]) and None)
    with pytest.raises((ValueError, StatementError), match="never empty"):
        payers.transact("test", lambda work: work.connection.execute(update(payer).values(currency="")) and None)
    for count in (1, 40):
        rows = [row(f"p-{number}") for number in range(count)]
        with pytest.raises(ValueError, match="never empty"):
            payers.transact("test", lambda work, rows=rows: insert_rows(work.connection, payer, [*rows, row("")]))
    with pytest.raises(ValueError, match="never empty"):
        payers.transact("test", lambda work: insert_missing(work.connection, payer, [row(""), row("p")]))
    assert len(ids(payers)) == 5


def test_an_optional_text_that_is_empty_is_none_in_the_database_and_empty_in_the_program(payers: Center) -> None:
    assert ids(payers, payer.c.name.is_(None)) == ["!", "-", "0", "王"]
    with payers.reading() as work:
        names = set(work.connection.execute(select(payer.c.name)).scalars())
    assert names == {"", "x"}


def test_an_instant_in_a_key_comes_back_and_is_found(center: Center) -> None:
    values = [
        {"name": "load", "valid_from": AT + timedelta(milliseconds=number), "value": Decimal("1.000001"),
         "recorded_at": AT, "actor": "test", "why": ""}
        for number in range(2)
    ]  # fmt: skip
    center.transact("test", lambda work: insert_missing(work.connection, factor_value, values) and None)
    again = center.transact("test", lambda work: insert_missing(work.connection, factor_value, values))
    assert again == 0
    with center.reading() as work:
        found = work.connection.execute(select(factor_value).where(factor_value.c.valid_from > AT)).mappings()
        assert [dict(one) for one in found] == [values[1]]
