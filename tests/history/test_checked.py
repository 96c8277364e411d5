"""`db check` looks into history: moved and deleted months are sound, what is tampered with there is found."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Connection, insert, select, update

from billing_center.database_check.check import Scope
from billing_center.database_check.run_checks import CHECKS, run_check
from schema.tables.charges import charge
from schema.tables.history import charge_history
from tests.history.conftest import Past

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def findings(connection: Connection, past: Past) -> list[str]:
    with past.center.reading() as work:
        scope = Scope(work.today)
    chosen = [check for check in CHECKS if check.name not in ("schema", "partitions")]
    found = [one for check in chosen for one in run_check(connection, check, scope).findings]
    return [f"{one.check}: {one.subject}: {one.what}" for one in found]


def healthy(past: Past) -> list[str]:
    with past.center.reading() as work:
        return findings(work.connection, past)


def test_moved_months_are_sound_and_looked_into(past: Past) -> None:
    assert healthy(past) == []
    past.job("move_history")
    assert past.has(charge_history)
    assert healthy(past) == []
    with past.center.database.engine.connect() as connection, connection.begin() as transaction:
        one = charge_history.c.payer_id == "b"  # two uses of 0.10: on the 6th and the 31st
        connection.execute(update(charge_history).where(one).values(amount=Decimal("0.20")))
        assert findings(connection, past) == [
            "history: charge 2026-01: charge_history holds 5 rows, quantity 5.000000, amount 0.700000;"
            " counted were 5 rows, quantity 5.000000, amount 0.500000 (MOVED)",
            "sums: payer b, period from 2026-01-01, order -, sms, CNY: its charges come to amount 0.4;"
            " the running sum says amount 0.2",
            "rollups: 2026-01-06, payer b, user u, sms, CNY: its charges come to amount 0.2;"
            " the roll-up says amount 0.1",
            "rollups: 2026-01-31, payer b, user u, sms, CNY: its charges come to amount 0.2;"
            " the roll-up says amount 0.1",
        ]
        transaction.rollback()


def test_a_fact_in_both_places_is_found(past: Past) -> None:
    past.job("move_history")
    with past.center.database.engine.connect() as connection, connection.begin() as transaction:
        row = connection.execute(select(charge_history).where(charge_history.c.payer_id == "a").limit(1)).one()
        connection.execute(insert(charge).values(**row._mapping))
        told = findings(connection, past)
        transaction.rollback()
    assert [line.partition(": ")[0] for line in told] == ["history", "sums", "meters", "rollups"]
    assert told[0].endswith("it lies in charge and in charge_history")


def test_deleted_months_are_sound_and_what_is_missing_besides_is_found(past: Past) -> None:
    past.on(5, 1)
    past.bill()
    settings = past.center.settings.model_copy(update={"history_keep_months": 3})
    shop = Past(replace(past.center, settings=settings), clock=past.clock)
    shop.job("move_history")
    shop.job("move_history")
    assert {state[0] for state in shop.states().values()} == {"DROPPED"}
    assert healthy(shop) == []
    with past.center.database.engine.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("DELETE FROM charge")
        connection.exec_driver_sql("DELETE FROM charge_history")
        told = findings(connection, shop)
        transaction.rollback()
    assert (
        "sums: all running sums: running sums hold 6 rows, quantity 6.000000, amount 0.600000 more than there are"
        " charges; deleted by policy were 5 rows, quantity 5.000000, amount 0.500000" in told
    )
