"""`job`, `cycle` and `clock`: JSON lines where nobody watches, refusals by name, the days played in order."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from billing_center.cli import clock, cycle, job
from billing_center.errors import Broken, ClockRefused, OutOfRange, ResultCode, Unknown
from jobs.registry import JOBS

app = typer.Typer()
app.command("cycle")(cycle.cycle)
app.add_typer(job.app, name="job")
app.add_typer(clock.app, name="clock")


@pytest.fixture
def command(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command against a database of its own under the test clock, at midnight of 1 March in Shanghai."""
    path = tmp_path / "billing.db"
    path.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("BILLING_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("BILLING_TEST_CLOCK", "2026-03-01T00:00:00+08:00")
    monkeypatch.setenv("BILLING_LOG_LEVEL", "ERROR")

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return run


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exception is None, result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def refusal(result: Result) -> Any:
    assert result.exception is not None
    return result.exception


def test_clock_shows_where_it_stands(command: Any) -> None:
    assert lines(command("clock", "show")) == [
        {"clock": "test", "at": "2026-02-28T16:00:00+00:00", "local": "2026-03-01T00:00:00+08:00"}
    ]


def test_clock_is_advanced_and_says_which_runs_ended(command: Any) -> None:
    told = lines(command("clock", "advance", "--days", "2"))
    assert told[-1] == {"clock": "test", "at": "2026-03-02T16:00:00+00:00", "cycles": 2}
    assert [(line["business_day"], line["job"]) for line in told[:-1] if line["job"] == "rate_days"] == [
        ("2026-03-01", "rate_days"), ("2026-03-02", "rate_days")
    ]  # fmt: skip
    assert lines(command("clock", "show"))[0]["local"] == "2026-03-03T00:00:00+08:00"


def test_clock_goes_neither_back_nor_to_two_places(command: Any) -> None:
    assert isinstance(refusal(command("clock", "set", "2026-02-01T00:00:00+08:00")), OutOfRange)
    assert isinstance(refusal(command("clock", "advance", "--to", "2026-02-01T00:00:00Z")), OutOfRange)
    both = command("clock", "advance", "--to", "2026-04-01T00:00:00Z", "--days", "1")
    assert refusal(both).field == "to"


def test_set_runs_nothing_and_the_next_advance_catches_up(command: Any) -> None:
    lines(command("clock", "advance", "--hours", "1"))
    lines(command("clock", "set", "2026-03-03T12:00:00+08:00"))
    assert len(lines(command("job", "status", "--job", "cycle", "--json"))) == 1
    assert lines(command("clock", "advance"))[-1]["cycles"] == 2


def test_real_clock_is_not_advanced(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILLING_TEST_CLOCK")
    assert lines(command("clock", "show"))[0]["clock"] == "real"
    assert isinstance(refusal(command("clock", "advance", "--days", "1")), ClockRefused)


def test_jobs_are_listed_in_the_order_of_the_day(command: Any) -> None:
    assert [line["job"] for line in lines(command("job", "list", "--json"))] == [j.job_id for j in JOBS]


def test_job_is_run_by_hand_and_its_run_is_shown(command: Any) -> None:
    told = lines(command("job", "run", "rate_days", "--date", "2026-03-01"))
    assert [(line["run_id"], line["state"]) for line in told] == [("rate_days:2026-03-01:1", "DONE")]
    shown = lines(command("job", "status", "rate_days:2026-03-01:1", "--json"))[0]
    assert (shown["run"]["state"], shown["percent"], len(shown["tasks"])) == ("DONE", 100, 1)
    lines(command("job", "run", "rate_days", "--date", "2026-03-01"))
    assert "rate_days:2026-03-01:2" in command("job", "status").stdout


def test_unknown_jobs_runs_and_days_to_come_are_refused(command: Any) -> None:
    error = refusal(command("job", "run", "rate_everything"))
    assert isinstance(error, Unknown) and error.code is ResultCode.UNKNOWN_JOB
    assert isinstance(refusal(command("job", "run", "rate_days", "--date", "2026-03-02")), OutOfRange)
    assert isinstance(refusal(command("job", "status", "no:such:1")), OutOfRange)
    assert isinstance(refusal(command("job", "stop", "no:such:1")), OutOfRange)
    assert command("job", "run", "rate_days", "--date", "today").exit_code == 2


def test_failed_run_is_an_error_and_is_retried(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **named: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("jobs.roll_up.roll_up", broken)
        error = refusal(command("job", "run", "roll_up"))
    assert isinstance(error, Broken) and "roll_up:2026-03-01:1 is FAILED" in error.message
    assert lines(command("job", "retry", "roll_up:2026-03-01:1"))[-1]["state"] == "DONE"
    assert isinstance(refusal(command("job", "retry", "roll_up:2026-03-01:1")), OutOfRange)


def test_cycle_runs_each_day_of_a_range_again_without_harm(command: Any) -> None:
    lines(command("clock", "set", "2026-03-03T12:00:00+08:00"))
    for _ in range(2):
        told = lines(command("cycle", "--from", "2026-03-01", "--to", "2026-03-03"))
        days = [line["business_day"] for line in told if line["job"] == "issue_invoices"]
        assert days == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert isinstance(refusal(command("cycle", "--date", "2026-03-04")), OutOfRange)
    assert isinstance(refusal(command("cycle", "--from", "2026-03-03", "--to", "2026-03-01")), OutOfRange)
