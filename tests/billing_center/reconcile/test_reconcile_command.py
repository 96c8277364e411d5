"""`reconcile` on the command line, and the job behind it: what it prints, what it keeps, how it ends."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import insert
from typer.testing import CliRunner, Result

from billing_center.center import Center
from billing_center.cli import run_context
from billing_center.cli.main import FAILED, exit_code
from billing_center.cli.reconcile import reconcile
from billing_center.clock import SettableClock
from billing_center.errors import Broken, Unknown
from billing_center.reconcile import reconcile_payers
from billing_center.runs.run import RunState
from billing_center.runs.show_runs import run_report
from billing_center.test_clock import AT, KIND, TEST, in_milliseconds
from jobs.executor import InThisProcess
from jobs.job import Context
from jobs.reconcile import JOB
from jobs.run_job import run_job
from schema.tables.charges import charge
from schema.tables.jobs import system_fact
from schema.tables.orders import payer
from tests.billing_center.reconcile.conftest import Books, opened

app = typer.Typer()
app.command("reconcile")(reconcile)


class Shown:
    """A company's file, and the command over it."""

    def __init__(self, path: Path, at: datetime) -> None:
        self.path, self.at = path, at

    def run(self, *words: str) -> Result:
        """Run the command."""
        return CliRunner().invoke(app, list(words))

    def tamper(self) -> str:
        """Raise one charge; whose it is."""
        with opened(f"sqlite:///{self.path}", SettableClock(self.at)) as center:
            books = Books(center)
            row = books.find(charge, charge.c.cause == "day", charge.c.amount > 0)
            books.set(charge, row, amount=row.amount + 1)
        return str(row.payer_id)


@pytest.fixture
def shown(three_months: tuple[Path, datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """The company under the stored test clock."""
    source, at = three_months
    path = tmp_path / "billing.db"
    shutil.copy(source, path)
    facts = [{"name": KIND, "fact": TEST}, {"name": AT, "fact": in_milliseconds(at.astimezone(UTC)).isoformat()}]
    with opened(f"sqlite:///{path}", SettableClock(at)) as center:
        center.transact("test", lambda work: work.connection.execute(insert(system_fact), facts) and None)
    monkeypatch.setenv("BILLING_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("BILLING_TEST_CLOCK", "2026-03-01T00:00:00+08:00")
    monkeypatch.setattr(run_context, "set_up_logs", lambda settings: None)  # tests stay silent
    return Shown(path, at)


def test_clean_books_are_said_to_be_clean(shown: Shown) -> None:
    result = shown.run()
    assert result.exception is None, result.exception
    assert "nothing differs: 5 payers, " in result.stdout
    assert "left out: " in result.stdout and "filtered monitoring" in result.stdout


def test_a_difference_is_printed_and_ends_in_3(shown: Shown) -> None:
    payer_id = shown.tamper()
    result = shown.run()
    assert isinstance(result.exception, Broken)
    assert exit_code(result.exception) == FAILED == 3
    assert result.exception.message.startswith("1 differences; 5 payers, ")
    assert payer_id in result.stdout and "charge" in result.stdout


def test_a_run_is_shown_again_and_json_names_everything(shown: Shown) -> None:
    payer_id = shown.tamper()
    shown.run()
    result = shown.run("--run", "reconcile:2026-06-02:1", "--json")
    difference, counts = [json.loads(line) for line in result.stdout.splitlines()]
    assert (difference["payer_id"], difference["rule"]) == (payer_id, "charge")
    assert (counts["differences"], counts["payers"]) == (1, 5)


def test_one_payer_by_name(shown: Shown) -> None:
    payer_id = shown.tamper()
    other = "p1" if payer_id != "p1" else "p2"
    assert isinstance(shown.run("--payer", payer_id).exception, Broken)
    assert "nothing differs: 1 payers, " in shown.run("--payer", other).stdout
    assert isinstance(shown.run("--payer", "nobody").exception, Unknown)


def _with_payers(center: Center, count: int) -> None:
    row: dict[str, Any] = {
        "name": "", "cust_id": "", "currency": "CNY", "billing_day": 1, "grace_days": None,
        "closed_until": date(1970, 1, 1), "created_at": datetime(2026, 3, 1, tzinfo=UTC),
    }  # fmt: skip
    rows = [row | {"payer_id": f"p{n:02}", "shard": n} for n in range(count)]
    center.transact("test", lambda work: work.connection.execute(insert(payer), rows) and None)


def test_the_job_is_cut_into_tasks_over_the_shards(center: Center, clock: SettableClock) -> None:
    _with_payers(center, 40)
    cut = replace(center, settings=center.settings.model_copy(update={"payers_per_task": 10, "chunk_size": 3}))
    ran = run_job(Context(cut, {}, InThisProcess()), JOB, date(2026, 3, 1))
    assert ran.run is not None
    assert (ran.run.state, ran.run.tasks, ran.run.items) == (RunState.DONE, 4, 40)


def test_a_payer_that_cannot_be_compared_is_named_and_stops_nobody(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_payers(center, 5)
    whole = reconcile_payers.compare_orders

    def poisoned(facts: Any, one: Any) -> Any:
        if one.payer_id == "p02":
            raise ZeroDivisionError
        return whole(facts, one)

    monkeypatch.setattr(reconcile_payers, "compare_orders", poisoned)
    ran = run_job(Context(center, {}, InThisProcess()), JOB, date(2026, 3, 1))
    assert ran.run is not None
    assert (ran.run.state, ran.run.items, ran.run.failures) == (RunState.DONE, 4, 1)
    with center.reading() as work:
        assert [failure.subject for failure in run_report(work, ran.run.run_id).failures] == ["p:p02"]


def test_a_payer_closed_ahead_of_its_time_is_found_by_the_job(center: Center) -> None:
    _with_payers(center, 2)
    books = Books(center)
    row = books.find(payer)
    books.set(payer, row, closed_until=date(2026, 5, 1))
    ran = run_job(Context(center, {}, InThisProcess()), JOB, date(2026, 3, 1))
    assert ran.run is not None and ran.run.state is RunState.DONE
    assert [one.rule.value for one in books.reconcile(run_id="again").differences] == ["closed"]
