"""Every way of bulk writing leaves the same rows and counts: the database's own, and the portable one."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from billing_center import bulk
from billing_center.bulk import add_up, change, delete_rows, insert_missing, insert_rows, put
from billing_center.center import Center
from schema.tables.charges import running_sum
from schema.tables.usage import usage_queue

Key = tuple[str, date, str, str, str]
Stored = dict[Key, dict[str, Any]]
KEYS = ("payer_id", "period_start", "order_id", "product_id", "currency")
ODD = ["p", "王", 'q"uote', "back\\slash", "tab\tline\nreturn\r", "NULL", "{a,b}", "\\N", "%s"]


@pytest.fixture(params=["own", "portable"])
def way(request: pytest.FixtureRequest, center: Center, monkeypatch: pytest.MonkeyPatch) -> str:
    """The way under test; `own` is what the program uses."""
    name: str = request.param
    if name == "portable":
        monkeypatch.setattr(bulk, "WAYS", {})
    return name


def sum_row(random: Random, number: int) -> dict[str, Any]:
    return {
        "payer_id": f"{ODD[number % len(ODD)]}-{number}", "period_start": date(2026, 1 + number % 12, 1),
        "order_id": "-", "product_id": ODD[number % 7], "currency": "CNY", "period_end": date(2027, 1, 1),
        "shard": number % 256, "quantity": Decimal(random.randrange(10**6)).scaleb(-6),
        "amount": Decimal(random.randrange(-(10**17), 10**17)).scaleb(-6), "list_amount": Decimal("1E+3"),
        "charges": random.randrange(9), "invoice_id": ODD[number % 9] if number % 3 else "",
    }  # fmt: skip


def put_sums(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    put(connection, table, rows, replace=["amount"])


def key_of(row: dict[str, Any]) -> Key:
    return row["payer_id"], row["period_start"], row["order_id"], row["product_id"], row["currency"]


def stored(center: Center) -> Stored:
    with center.reading() as work:
        rows = work.connection.execute(select(running_sum)).mappings().all()
    return {key_of(dict(row)): dict(row) for row in rows}


def test_a_thousand_random_acts_leave_what_a_dictionary_would(center: Center, way: str) -> None:
    random = Random(7)
    model: Stored = {}

    def some(count: int) -> list[dict[str, Any]]:
        return [sum_row(random, number) for number in random.sample(range(60), count)]

    for _ in range(40):
        rows = some(random.choice((1, 3, 25)))
        act, known = random.randrange(5), {key_of(row) for row in rows} & model.keys()
        if act == 0:
            counted = done(center, insert_missing, running_sum, rows)
            assert counted == len(rows) - len(known)
            model = {key_of(row): row for row in rows} | model
        elif act == 1:
            done(center, add_up, running_sum, rows, add=["quantity", "charges"])
            for row in rows:
                old = model.get(key_of(row))
                grown = {n: old[n] + row[n] for n in ("quantity", "charges")} if old else {}
                model[key_of(row)] = (old or row) | grown
        elif act == 2:
            done(center, put, running_sum, rows, replace=["amount", "invoice_id"])
            for row in rows:
                new = {n: row[n] for n in ("amount", "invoice_id")}
                model[key_of(row)] = model.get(key_of(row), row) | new
        elif act == 3:
            counted = done(center, change, running_sum, rows, replace=["invoice_id"])
            assert counted == len(known)
            for row in rows:
                if key_of(row) in known:
                    model[key_of(row)] = model[key_of(row)] | {"invoice_id": row["invoice_id"]}
        else:
            keys = [key_of(row) for row in rows]
            assert done(center, delete_rows, running_sum, keys) == len(known)
            model = {key: row for key, row in model.items() if key not in known}
    assert len(model) > 10
    assert stored(center) == model


@pytest.mark.parametrize("count", [1, 40])
def test_inserted_rows_are_there_once_and_a_second_time_is_an_error(center: Center, way: str, count: int) -> None:
    rows = [sum_row(Random(number), number) for number in range(count)]
    done(center, insert_rows, running_sum, rows)
    assert stored(center) == {key_of(row): row for row in rows}
    with pytest.raises(IntegrityError):
        done(center, insert_rows, running_sum, rows[-1:])


def test_rows_are_deleted_by_one_column_and_by_columns_that_are_no_key(center: Center, way: str) -> None:
    rows = [
        {"event_id": f"e{n}", "day": date(2026, 3, 1), "shard": n, "state": "WAITING", "real_time": bool(n % 2),
         "next_try_at": center.clock.now(), "tries": 0, "reason": "", "detail": ODD[n]}
        for n in range(9)
    ]  # fmt: skip
    done(center, insert_rows, usage_queue, rows)
    assert done(center, delete_rows, usage_queue, ["e1", "e5", "no such"]) == 2
    pairs = [(2, "WAITING"), (3, "PARKED"), (4, "WAITING")]
    assert done(center, delete_rows, usage_queue, pairs, columns=["shard", "state"]) == 2
    with center.reading() as work:
        left = work.connection.execute(select(usage_queue).order_by(usage_queue.c.event_id)).mappings().all()
    assert [dict(row) for row in left] == [rows[n] for n in (0, 3, 6, 7, 8)]


def test_nothing_to_write_asks_nothing(center: Center, way: str) -> None:
    done(center, insert_rows, running_sum, [])
    done(center, add_up, running_sum, [], add=["amount"])
    done(center, put, running_sum, [], replace=["amount"])
    assert done(center, change, running_sum, [], replace=["amount"]) == 0
    assert done(center, delete_rows, running_sum, []) == 0
    assert stored(center) == {}


def done(center: Center, act: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """What the act returns, after its commit."""
    return center.transact("test", lambda work: act(work.connection, *given, **options))


@pytest.mark.parametrize("write", [insert_rows, insert_missing, put_sums], ids=["insert", "missing", "put"])
def test_a_text_that_is_too_long_is_refused_and_not_cut(
    center: Center, write: Callable[[Connection, Table, list[dict[str, Any]]], object]
) -> None:
    if center.database.kind == "sqlite":
        return  # which keeps it whole
    row = sum_row(Random(1), 1) | {"currency": "CNYX"}
    with pytest.raises(DBAPIError):
        center.transact("test", lambda work: write(work.connection, running_sum, [row]))
    assert stored(center) == {}
