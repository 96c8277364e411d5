"""Partitions on PostgreSQL: made ahead, filled from the catch-all, written to as any table, pruned by readers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from billing_center.bulk import insert_missing, insert_rows
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.foresight.preview_payer import preview_payer
from billing_center.history.make_partitions import missing
from billing_center.invoice.explain_invoice import explain_invoice
from schema.partitions import (
    PARTITIONED,
    MissingPartition,
    layout,
    make_partition,
    missing_partitions,
    month_after,
    oracle_move,
)
from schema.tables.charges import charge
from schema.tables.usage import usage_event
from tests.billing_center.test_bulk import event as usage_row
from tests.executed_plans import executed_plans
from tests.history.conftest import JANUARY, Past, moment

on_postgres = pytest.mark.databases("postgresql")
NAMES = sorted(table.name for table in PARTITIONED)


def charged(number: int, day: date = date(2026, 3, 5)) -> dict[str, object]:
    """A charge of 0.10 as its table holds it."""
    return {
        "day": day, "payer_id": f"p{number}", "cause": "use", "cause_id": f"e{number}", "component": "price",
        "shard": number, "order_id": "-", "product_id": "sms", "user_id": "u", "currency": "CNY",
        "quantity": Decimal(1), "amount": Decimal("0.10"), "list_amount": Decimal("0.10"), "meter_order_id": "-",
        "meter_scope": "-", "meter_component": "-", "reading_before": Decimal(0), "reading_after": Decimal(1),
        "version_id": "v", "promotion_id": "-", "note": "", "period_start": date(2026, 3, 1), "run_id": "r",
        "rated_at": datetime(2026, 3, 6, tzinfo=UTC),
    }  # fmt: skip


def places(center: Center, table: str) -> dict[str, int]:
    """Rows by the partition that holds them."""
    statement = text(f"SELECT tableoid::regclass::text, count(*) FROM {table} GROUP BY 1 ORDER BY 1")
    with center.reading() as work:
        return {row[0]: row[1] for row in work.connection.execute(statement)}


@on_postgres
def test_what_is_missing_is_named_and_made(center: Center) -> None:
    """There are February to June. Two rows of 2019 lie in the catch-all of charges."""
    rows = [charged(number, date(2019, 7, 4)) for number in (1, 2)]
    center.transact("test", lambda work: insert_rows(work.connection, charge, rows))
    with center.reading() as work:
        found = missing_partitions(work.connection, today=date(2026, 5, 31), months_ahead=2)
    july = [MissingPartition(name, date(2026, 7, 1), 0) for name in NAMES]
    assert sorted(found, key=str) == sorted([MissingPartition("charge", date(2019, 7, 1), 2), *july], key=str)
    assert str(found[0]) == "charge has no partition for 2019-07, 2 rows lie in the catch-all"
    assert list(places(center, "charge")) == ["charge_default"]
    for one in found:
        center.transact("test", lambda w, one=one: make_partition(w.connection, one.table, one.month))
    with center.reading() as work:
        assert missing_partitions(work.connection, today=date(2026, 5, 31), months_ahead=2) == []
    made = places(center, "charge")
    assert sum(made.values()) == 2
    assert set(made) <= {"charge_2019_07_h0", "charge_2019_07_h1"}


def test_the_job_of_the_day_leaves_nothing_missing(past: Past, clock: SettableClock) -> None:
    """On SQLite nothing ever is."""
    clock.at = moment(11, 30)
    past.job("make_partitions")
    with past.center.reading() as work:
        assert missing(work) == []


@on_postgres
def test_facts_are_copied_and_kept_once_in_their_partitions(center: Center) -> None:
    rows = [charged(number, date(2026, 3 + number % 2, 5)) for number in range(40)]
    center.transact("test", lambda work: insert_rows(work.connection, charge, rows))  # COPY
    again = [charged(number, date(2026, 3 + number % 2, 5)) for number in range(50)]
    gone_in = center.transact("test", lambda work: insert_missing(work.connection, charge, again))  # ON CONFLICT
    assert gone_in == 10
    made = places(center, "charge")
    assert sum(made.values()) == 50
    assert set(made) == {f"charge_2026_0{month}_h{part}" for month in (3, 4) for part in (0, 1)}
    center.transact(
        "test", lambda work: insert_rows(work.connection, usage_event, [usage_row(n) for n in range(40)])
    )
    assert sum(places(center, "usage_event").values()) == 40


@contextmanager
def looked_into(center: Center) -> Iterator[set[str]]:
    """The partitions that the statements really look into."""
    found: set[str] = set()
    with executed_plans(center, _reads_facts) as plans:
        yield found
        found.update(name for plan in plans for name in _partitions(plan))


def _reads_facts(statement: str) -> bool:
    named = re.search(r"(FROM|JOIN|UPDATE) (charge|usage_event|usage_filtered|usage_rollup)\b", statement)
    verb = re.match(r"SELECT|UPDATE|DELETE|INSERT INTO .* SELECT|WITH", statement, re.S)
    return named is not None and verb is not None


def _partitions(node: dict[str, Any]) -> Iterator[str]:
    """Those that a plan did not merely name."""
    name = str(node.get("Relation Name", ""))
    if node["Actual Loops"] and re.fullmatch(r"\w+_(?:\d{4}_\d\d(?:_h\d)?|default)", name):
        yield name
    for part in node.get("Plans", []):
        yield from _partitions(part)


def months(partitions: set[str]) -> set[str]:
    return {re.sub(r"^\w+?_(?=\d{4}_|default)|_h\d$", "", name) for name in partitions}


@on_postgres
def test_rating_and_invoicing_look_into_the_months_of_their_facts_alone(past: Past) -> None:
    past.on(4, 2)
    past.use("march", "a", moment(3, 20))
    past.use("april", "b", moment(4, 1))
    with looked_into(past.center) as found:
        past.job("rate_usage")
    assert months(found) == {"2026_03", "2026_04"}
    with looked_into(past.center) as found:
        past.job("roll_up")
    assert months(found) == {"2026_03", "2026_04"}
    with looked_into(past.center) as found:
        past.job("issue_invoices")
    assert months(found) <= {"2026_03"}


@on_postgres
def test_explaining_looks_into_no_month_after_the_period_and_one_part_of_each(past: Past) -> None:
    for month in (month_after(JANUARY, back) for back in range(-12, 1)):
        past.center.transact("test", lambda work, month=month: make_partition(work.connection, "charge", month))
    with past.center.reading() as work, looked_into(past.center) as found:
        explain_invoice(work, "a-20260101")
    charges = {name for name in found if name.startswith("charge")}
    uses = {name for name in found if name.startswith("usage_event")}
    assert months(uses) == {"2026_01"}
    assert max(months(charges) - {"default"}) == "2026_01"
    assert len({name.rpartition("_h")[2] for name in charges if "_h" in name}) == 1


@on_postgres
def test_a_preview_looks_into_one_part_of_each_month(past: Past) -> None:
    past.on(3, 20)
    past.use("march", "a", moment(3, 20))
    past.job("rate_usage")
    with past.center.reading() as work, looked_into(past.center) as found:
        preview_payer(work, "a")
    charges = {name for name in found if name.startswith("charge_")}
    assert len({name.rpartition("_h")[2] for name in charges if "_h" in name}) <= 1


def test_oracle_is_cut_alike_and_moves_months_by_exchange() -> None:
    cut = layout("oracle", hashes=4)
    assert len(cut) == len(PARTITIONED) + 3
    for statement in cut:
        assert "INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) SUBPARTITION BY HASH" in statement
        assert "GLOBAL" not in statement
    move = oracle_move(JANUARY, hashes=4)
    assert [s for s in move if "EXCHANGE PARTITION" in s][:2] == [
        f"ALTER TABLE {name} EXCHANGE PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) WITH TABLE charge_swap"
        " INCLUDING INDEXES WITHOUT VALIDATION"
        for name in ("charge", "charge_history")
    ]


def test_every_unique_key_holds_the_columns_that_cut() -> None:
    for table in PARTITIONED:
        keys = {column.name for column in table.primary_key}
        assert {"day", table.info["hash_by"]} <= keys
        assert not [index for index in table.indexes if index.unique]


def test_only_those_who_know_why_read_hot_facts_alone() -> None:
    """Everyone else reads `history.whole`: a reader of the hot tables would miss months that have moved."""
    known = {
        "charge/book.py", "charge/book_inside.py", "charge/roll_up.py", "usage/keep_uses.py", "usage/store.py",
        "usage/park.py", "usage/show_uses.py", "foresight/store.py", "test_clock.py", "history/whole.py",
        "database_check/sums.py", "database_check/slices.py",  # they look at both tables, each by itself
    }  # fmt: skip
    root = Path(__file__).parents[2] / "billing_center"
    hot = re.compile(
        r"^from schema\.tables\.(charges|usage) import .*\b(charge|usage_event|usage_filtered)\b", re.M
    )
    found = {str(path.relative_to(root)) for path in root.rglob("*.py") if hot.search(path.read_text("utf-8"))}
    assert found <= known
