"""Healthy books give no finding; one row tampered with gives exactly the finding that names it."""

import json
from contextlib import nullcontext
from datetime import date

import pytest
from sqlalchemy import delete, select
from typer.testing import CliRunner

from billing_center.center import Center
from billing_center.cli import db
from billing_center.database_check.check import Scope
from billing_center.database_check.run_checks import CHECKS, chosen, one_moment, run_check, run_checks
from billing_center.errors import Broken, OutOfRange
from billing_center.payer.store import NewPayer, make_known
from schema.migrate import newest_revision
from schema.tables.charges import usage_rollup
from schema.tables.orders import payer
from schema.tables.usage import usage_queue
from tests.billing_center.database_check.conftest import SCOPE, TODAY, Tampering
from tests.billing_center.database_check.tampered_rows import TAMPERED

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def test_healthy_books_give_no_finding(living: Center) -> None:
    done: list[str] = []
    found = list(run_checks(living.database, CHECKS, SCOPE, lambda name, parts: done.append(name)))
    assert [one.findings for one in found] == [()] * len(CHECKS)
    assert set(done) == {check.name for check in CHECKS}  # none looked at nothing


def test_one_row_tampered_with_is_exactly_what_is_found(living: Center) -> None:
    told = {}
    for name, (tamper, _) in TAMPERED.items():
        with living.database.engine.connect() as connection, connection.begin() as transaction:
            books = Tampering(connection)
            tamper(books)
            told[name] = books.findings(
                "history", "orphans", "uses", "sums", "meters", "rollups", "invoices", "numbers"
            )
            transaction.rollback()
    assert told == {name: findings for name, (_, findings) in TAMPERED.items()}


def test_what_is_told_can_be_limited(living: Center) -> None:
    with living.database.engine.connect() as connection, connection.begin() as transaction:
        books = Tampering(connection)
        for day in (date(2026, 3, 5), date(2026, 3, 6)):
            row = books.first(usage_rollup, usage_rollup.c.day == day)
            books.set(usage_rollup, row, charges=7)
        assert len(books.findings("rollups")) == 2
        assert len(books.findings("rollups", scope=Scope(TODAY, since=date(2026, 3, 6)))) == 1
        assert books.findings("sums") == []
        [rollups] = chosen(["rollups"])
        one = run_check(connection, rollups, Scope(TODAY, limit=1))
        assert (len(one.findings), one.more) == (1, True)
        transaction.rollback()
    with pytest.raises(OutOfRange, match="is none of schema, partitions"):
        chosen(["rollup"])


def test_what_is_not_as_declared_is_told(center: Center) -> None:
    with center.database.engine.connect() as connection, connection.begin() as transaction:
        for statement in (
            "DROP INDEX ix_audit_entry_at",
            "ALTER TABLE payer ADD COLUMN extra INTEGER",
            "CREATE TABLE stray (x INTEGER)",
            "DROP TABLE rollup_dirty",
            "CREATE TABLE rollup_dirty (shard SMALLINT NOT NULL, day VARCHAR(20) NOT NULL,"
            " PRIMARY KEY (day, shard))",
            "DROP TABLE job_failure",
        ):
            connection.exec_driver_sql(statement)
        found = Tampering(connection).findings("schema")
        transaction.rollback()
    assert sorted(found) == [
        "schema: ix_audit_entry_at: index ix_audit_entry_at is missing",
        "schema: job_failure: table job_failure is missing",
        "schema: payer.extra: column payer.extra is not declared",
        "schema: rollup_dirty.day: type of column rollup_dirty.day is VARCHAR(length=20), declared is Date()",
        "schema: rollup_dirty: primary key of rollup_dirty is (day, shard), declared is (shard, day)",
        "schema: stray: table stray is not declared",
    ]


@pytest.mark.databases("postgresql")
def test_a_month_without_partition_is_told(center: Center) -> None:
    with one_moment(center.database) as connection:
        found = Tampering(connection).findings("partitions", scope=Scope(date(2026, 4, 3), months_ahead=3))
    assert found == [  # the tests' database has the months from February to June
        (
            f"partitions: {table} 2026-07: {table} has no partition for 2026-07: "
            "run `billing-center job run make_partitions`"
        )
        for table in ("charge", "usage_event", "usage_filtered", "usage_rollup")
    ]


def test_a_check_writes_nothing_and_sees_one_moment(center: Center) -> None:
    if center.database.kind == "postgresql":
        with pytest.raises(Exception, match="read-only"), one_moment(center.database) as connection:
            connection.execute(delete(payer))
    statement = select(payer.c.payer_id)
    with one_moment(center.database) as connection:
        before = connection.execute(statement).all()
        make = NewPayer("new", "", "CNY", 1)
        center.transact("test", lambda work: make_known(work.connection, [make], at=work.at))
        assert connection.execute(statement).all() == before == []


def test_the_command_tells_findings_and_fails(living: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_DATABASE_URL", living.settings.database_url)
    monkeypatch.setattr(db, "open_context", lambda: nullcontext(living))
    runner = CliRunner()
    sound = runner.invoke(db.app, ["check"])
    assert (sound.exit_code, sound.stdout.splitlines()[-1]) == (
        0, f"database at migration {newest_revision()}, as it should be; 10 checks found nothing",
    )  # fmt: skip
    with living.database.write() as connection:
        connection.execute(delete(usage_queue))
    found = runner.invoke(db.app, ["check", "--only", "uses", "--only", "numbers", "--json"])
    assert isinstance(found.exception, Broken)  # which is exit code 3
    first, summary = (json.loads(line) for line in found.stdout.splitlines())
    assert (first["check"], first["subject"]) == ("uses", "use 00000000000000000000000020 of 2026-03-02")
    assert summary == {"migration": newest_revision(), "checks": 2, "findings": 1, "complete": True}
    assert runner.invoke(db.app, ["check", "--only", "uses", "--since", "2026-03-03"]).exit_code == 0
