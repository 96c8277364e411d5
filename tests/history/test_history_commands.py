"""`history`: lists what moved, moves and restores at once, refuses what cannot be, prints Oracle's script."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from billing_center.cli import history
from billing_center.errors import OutOfRange
from tests.history.conftest import Past

app = typer.Typer()
app.add_typer(history.app, name="history")


@pytest.fixture
def command(past: Past, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs a command against the database of the shop."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BILLING_DATABASE_URL", past.center.settings.database_url)
    monkeypatch.setenv("BILLING_LOG_LEVEL", "ERROR")
    monkeypatch.setenv("BILLING_HISTORY_AFTER_MONTHS", "0")  # only what is asked for

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["history", *words])

    return run


def test_a_month_is_moved_listed_and_restored(command: Any) -> None:
    moved = command("move", "2026-01")
    assert moved.exception is None
    assert "charge of 2026-01 is MOVED, 5 rows, quantity 5.000000, amount 0.500000 in history" in moved.stdout
    listed = [json.loads(line) for line in command("list", "--json").stdout.splitlines()]
    assert [(row["table"], row["state"], row["rows"]) for row in listed] == [
        ("charge", "MOVED", "5"), ("usage_event", "MOVED", "5"), ("usage_filtered", "MOVED", "0"),
    ]  # fmt: skip
    restored = command("restore", "2026-01")
    assert restored.exception is None
    assert "charge of 2026-01 is HOT, 0 rows" in restored.stdout
    assert isinstance(command("restore", "2026-01").exception, OutOfRange)


def test_the_script_for_oracle_is_printed(command: Any) -> None:
    lines = command("script", "2026-01").stdout.splitlines()
    assert lines[0].startswith("INSERT INTO history_month ")
    assert sum("EXCHANGE PARTITION" in line for line in lines) == 6
    assert all(line.endswith(";") for line in lines)
