"""A copy of a running database is whole, named last, overwrites nothing; restoring keeps what was there."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner, Result

from billing_center.backup import sqlite_backup
from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.cli import db
from billing_center.errors import Broken, Busy, OutOfRange, Refused
from billing_center.settings import Settings
from schema.migrate import newest_revision
from schema.tables.jobs import system_fact

pytestmark = pytest.mark.databases("sqlite")
Command = Callable[..., Result]


@pytest.fixture
def command(center: Center, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs `db ...` against the database of the center, which is open meanwhile."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BILLING_DATABASE_URL", center.settings.database_url)
    return lambda *words: CliRunner().invoke(db.app, list(words))


def note(center: Center, name: str) -> None:
    """Write one more row."""
    row = {"name": name, "fact": "x"}
    center.transact("test", lambda work: work.connection.execute(insert(system_fact), [row]) and None)


def facts(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        count: int = connection.execute("SELECT count(*) FROM system_fact").fetchone()[0]
    return count


def test_a_copy_is_taken_while_the_program_runs(center: Center, command: Command, tmp_path: Path) -> None:
    note(center, "one")
    with center.database.write() as connection:  # a writer is in the middle of its transaction
        connection.execute(insert(system_fact), [{"name": "two", "fact": "x"}])
        done = command("backup", "copy.db")
    assert done.exception is None
    assert f"copied to copy.db: migration {newest_revision()}, 2 rows in 2 tables, sound" in done.stdout
    assert facts(tmp_path / "copy.db") == 1  # what was committed, and nothing else
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == ["copy.db"]


def test_a_copy_overwrites_nothing(command: Command, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    assert isinstance(command("backup", "copy.db").exception, OutOfRange)
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_copy_that_is_not_sound_never_gets_its_name(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = sqlite_backup._copy

    def loses_a_row(source: Path, partial: Path) -> Any:
        held = copy(source, partial)
        with closing(sqlite3.connect(partial)) as connection, connection:
            connection.execute("INSERT INTO system_fact VALUES ('more', 'x')")
        return held

    monkeypatch.setattr(sqlite_backup, "_copy", loses_a_row)
    assert isinstance(command("backup", "copy.db").exception, Broken)
    assert not [path for path in tmp_path.iterdir() if "copy" in path.name]


def test_a_copy_is_restored_and_what_was_there_is_kept(center: Center, command: Command, tmp_path: Path) -> None:
    note(center, "one")
    command("backup", "copy.db")
    note(center, "two")
    assert isinstance(command("restore", "copy.db").exception, OutOfRange)  # a database is there
    assert isinstance(command("restore", "copy.db", "--replace").exception, Busy)  # and the program has it open
    assert facts(tmp_path / "billing.db") == 2
    center.database.close()
    done = command("restore", "copy.db", "--replace")
    assert done.exception is None
    assert facts(tmp_path / "billing.db") == 1
    assert facts(tmp_path / "billing.db.before-restore-1") == 2
    again = open_center(Settings(database_url=center.settings.database_url))
    note(again, "three")
    again.database.close()


def test_a_damaged_or_foreign_file_is_not_restored(command: Command, tmp_path: Path, center: Center) -> None:
    center.database.close()
    (tmp_path / "billing.db").unlink()
    (tmp_path / "text.db").write_text("no database at all, but long enough to be looked at" * 100)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE t (x)")
    for name in ("text.db", "other.db", "absent.db"):
        assert isinstance(command("restore", name).exception, OutOfRange), name
    assert not (tmp_path / "billing.db").exists()


def test_a_copy_of_a_newer_program_is_not_restored(command: Command, tmp_path: Path, center: Center) -> None:
    command("backup", "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    center.database.close()
    assert "9999" in str(command("restore", "copy.db", "--replace").exception)


@pytest.mark.parametrize(
    ("url", "tools"),
    [
        (
            "postgresql://bill@db.example:5433/money",
            ["pg_dump -h db.example -p 5433 -U bill -Fc", "pg_basebackup"],
        ),
        ("oracle+oracledb://bill@db.example/?service_name=x", ["rman target /", "expdp BILL schemas=BILL"]),
    ],
)
def test_for_a_server_the_command_says_what_to_use(
    url: str, tools: list[str], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_DATABASE_URL", url)
    refused = command("backup", "copy.dump").exception
    assert isinstance(refused, Refused)
    assert [tool for tool in tools if tool not in refused.message] == []
    assert isinstance(command("restore", "copy.dump").exception, Refused)
