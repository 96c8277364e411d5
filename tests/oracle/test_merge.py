"""MERGE on H2: what bulk writing means on Oracle, and what happens when two transactions bring the same key."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import IntegrityError

from billing_center.bulk import add_up, claimed, insert_missing, put
from billing_center.bulk_write.oracle import merge
from schema.engine import open_engine
from schema.tables.catalog import product, redemption
from schema.tables.charges import running_sum
from schema.tables.usage import usage_identity
from tests.oracle.rules import broken_rules

AT = datetime(2026, 3, 1, 4, 5, 6, 789000, tzinfo=UTC)


@pytest.fixture
def engine(h2_database_url: str) -> Iterator[Engine]:
    """The database on H2, without the rows of these tests."""
    opened = open_engine(h2_database_url)
    with opened.begin() as connection:
        for table in (usage_identity, running_sum, product, redemption):
            connection.execute(delete(table))
    yield opened
    opened.dispose()


def identity(name: str, event_id: str = "e-1") -> dict[str, Any]:
    return {
        "identity": name,
        "event_id": event_id,
        "day": date(2026, 3, 1),
        "content_hash": "h",
        "seen_at": AT,
    }


def total(payer_id: str, amount: str, invoice_id: str = "") -> dict[str, Any]:
    return {
        "payer_id": payer_id, "period_start": date(2026, 3, 1), "order_id": "-", "product_id": "p",
        "currency": "CNY", "period_end": date(2026, 4, 1), "shard": 1, "quantity": Decimal(1),
        "amount": Decimal(amount), "list_amount": Decimal(amount), "charges": 1, "invoice_id": invoice_id,
    }  # fmt: skip


def test_the_text_of_a_merge() -> None:
    statement = merge(product, ("product_id", "name"), replace=("name",))
    assert str(statement) == (
        "MERGE INTO product t USING dual ON (t.product_id = :g_product_id)"
        " WHEN MATCHED THEN UPDATE SET t.name = :g_name"
        " WHEN NOT MATCHED THEN INSERT (product_id, name) VALUES (:g_product_id, :g_name)"
    )
    assert broken_rules(str(statement)) == []


def test_values_go_as_the_columns_types_say(engine: Engine) -> None:
    """A flag, an instant, a text of 9,000 characters and '' went through plain text binds as they stood."""
    row = {
        "product_id": "p", "name": "短信", "on_sale": True, "currency": "CNY", "document": "x" * 9000,
        "loaded_at": AT,
    }  # fmt: skip
    with engine.begin() as connection:
        put(connection, product, [row], replace=["name"])
        put(connection, product, [row | {"name": "changed"}], replace=["name", "on_sale"])
        add_up(connection, running_sum, [total("a", "123456789012.000001")], add=["amount"])
        add_up(connection, running_sum, [total("a", "0.000001"), total("b", "1")], add=["amount", "charges"])
    with engine.connect() as connection:
        assert connection.execute(select(product)).mappings().one() == row | {"name": "changed"}
        found = connection.execute(select(running_sum).order_by(running_sum.c.payer_id)).all()
    assert [(r.payer_id, r.amount, r.charges, r.invoice_id) for r in found] == [
        ("a", Decimal("123456789012.000002"), 2, ""),
        ("b", Decimal("1.000000"), 1, ""),
    ]


def racing(engine: Engine, first: Callable[[Connection], Any], second: Callable[[Connection], Any]) -> Any:
    """What `second` answers when it comes while `first` has not committed yet."""
    answer: list[Any] = []

    def work() -> None:
        with engine.begin() as connection:
            begun.set()
            answer.append(second(connection))

    begun = threading.Event()
    thread = threading.Thread(target=work)
    with engine.begin() as connection:
        first(connection)
        thread.start()
        begun.wait()
        thread.join(0.3)  # it has to wait for our lock; were it not waiting, it would be done by now
    thread.join()
    return answer[0]


@pytest.mark.parametrize("more", [[], ["m", "n"]])
def test_a_key_that_another_transaction_brings_meanwhile_is_not_inserted_again(
    engine: Engine, more: list[str]
) -> None:
    rows = [identity(name, "second") for name in ["k", *more]]
    inserted = racing(
        engine,
        lambda connection: insert_missing(connection, usage_identity, [identity("k", "first")]),
        lambda connection: insert_missing(connection, usage_identity, rows),
    )
    assert inserted == len(more)
    with engine.connect() as connection:
        found = {row.identity: row.event_id for row in connection.execute(select(usage_identity))}
    assert found == {"k": "first"} | dict.fromkeys(more, "second")


def test_sums_of_two_transactions_that_begin_a_sum_are_both_counted(engine: Engine) -> None:
    racing(
        engine,
        lambda connection: add_up(connection, running_sum, [total("a", "1")], add=["amount", "charges"]),
        lambda connection: add_up(
            connection, running_sum, [total("a", "2"), total("b", "5")], add=["amount", "charges"]
        ),
    )
    with engine.connect() as connection:
        found = connection.execute(select(running_sum).order_by(running_sum.c.payer_id)).all()
    assert [(row.payer_id, row.amount, row.charges) for row in found] == [("a", 3, 2), ("b", 5, 1)]


def test_another_unique_key_is_an_error_and_not_tried_for_ever(engine: Engine) -> None:
    row = {"promotion_id": "x", "slot": "1", "order_id": "o", "payer_id": "p", "shard": 1, "at": AT}
    with engine.begin() as connection:
        insert_missing(connection, redemption, [row])
    with pytest.raises(IntegrityError, match="ORA-00001"), engine.begin() as connection:
        insert_missing(connection, redemption, [row | {"slot": "2"}, row | {"slot": "3", "order_id": "o-3"}])


def test_claiming_locks_what_a_subquery_has_chosen(engine: Engine) -> None:
    """FETCH FIRST with FOR UPDATE is ORA-02014."""
    chosen = select(running_sum.c.payer_id).order_by(running_sum.c.amount.desc()).limit(2)
    with engine.begin() as connection:
        add_up(connection, running_sum, [total("a", "1"), total("b", "2"), total("c", "3")], add=["amount"])
        statement = claimed(chosen, connection)
        assert "FOR UPDATE SKIP LOCKED" in str(statement.compile(engine))
        assert broken_rules(str(statement.compile(engine))) == []
        assert connection.execute(statement).scalars().all() == ["c", "b"]
