"""Killed workers, killed nodes: the run is finished by whoever comes next, and nothing is doubled or lost."""

import multiprocessing
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.order.orders_to_rate import orders_to_rate
from billing_center.runs.run import RunState
from billing_center.runs.show_runs import run_report
from jobs.choose_executor import executor_for
from jobs.executor import InProcesses, InThisProcess
from jobs.job import Context
from jobs.run_job import AskedBy, run_job
from schema.tables.charges import charge, running_sum
from tests.jobs.conftest import Shop
from tests.jobs.toy_job import DEATH, JOB, RATE_DAYS, SUBJECTS, done, run_in_child, written

DAY = date(2026, 3, 1)
ALL = [f"{n:03d}" for n in range(SUBJECTS)]
OTHER_PROCESSES = pytest.mark.databases("sqlite", "postgresql", "oracle")  # H2 lives in this one


@pytest.fixture
def center(center: Center) -> Iterator[Center]:
    """Chunks of ten subjects; two worker processes when the executor asks for them."""
    settings = center.settings.model_copy(update={"chunk_size": 10, "workers": 2, "log_level": "ERROR"})
    done.metadata.create_all(center.database.engine)
    yield replace(center, settings=settings)
    done.metadata.drop_all(center.database.engine)


@pytest.fixture
def death(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says at which subject a process kills itself."""
    path = tmp_path / "death"
    monkeypatch.setenv(DEATH, str(path))
    return path


def in_tasks(center: Center, tasks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut runs into so many tasks, whatever the payers."""
    monkeypatch.setattr("billing_center.runs.open_run.tasks_for", lambda *a, **k: tasks)


def test_settings_choose_who_works(center: Center) -> None:
    assert isinstance(executor_for(center.settings.model_copy(update={"workers": 1})), InThisProcess)
    assert isinstance(executor_for(center.settings), InProcesses)


@OTHER_PROCESSES
def test_worker_process_killed_in_the_middle_loses_and_doubles_nothing(
    center: Center, death: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_tasks(center, 8, monkeypatch)
    death.write_text("117")
    executor = InProcesses(center.settings)
    try:
        ran = run_job(Context(center, {}, executor), JOB, DAY)
    finally:
        executor.close()
    assert not death.exists()
    assert written(center) == ALL
    assert ran.run is not None and (ran.run.state, ran.run.items) == (RunState.DONE, SUBJECTS)


@OTHER_PROCESSES
def test_node_killed_in_the_middle_is_followed_by_another_at_once(center: Center, death: Path) -> None:
    death.write_text("55")
    child = multiprocessing.get_context("spawn").Process(target=run_in_child, args=(center.settings, "2026-03-01"))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert written(center) == ALL[:50]  # five chunks of ten; the sixth rolled back
    ran = run_job(Context(center, {}, InThisProcess()), JOB, DAY, AskedBy.CYCLE)
    assert ran.yours and ran.run is not None
    assert (ran.run.run_id, ran.run.state, ran.run.items) == ("toy:2026-03-01:1", RunState.DONE, SUBJECTS)
    assert written(center) == ALL


def test_number_of_tasks_and_size_of_chunks_change_nothing(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_tasks(center, 7, monkeypatch)
    small = replace(center, settings=center.settings.model_copy(update={"chunk_size": 1}))
    ran = run_job(Context(small, {}, InThisProcess()), JOB, DAY)
    assert ran.run is not None and (ran.run.tasks, ran.run.items) == (7, SUBJECTS)
    assert written(center) == ALL
    with center.reading() as work:
        assert run_report(work, ran.run.run_id).percent == 100


@OTHER_PROCESSES
def test_worker_killed_while_it_rates_days_charges_every_order_once(
    shop: Shop, clock: SettableClock, death: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [f"o{n:02d}" for n in range(24)]
    for order_id in orders:
        shop.order(order_id, f"payer-of-{order_id}", DAY)
    clock.at += timedelta(days=1, minutes=5)
    in_tasks(shop.center, 2, monkeypatch)
    with shop.center.reading() as work:
        first = orders_to_rate(
            work.connection, first_shard=0, last_shard=127, through=DAY, after_order="", limit=4
        )
    death.write_text(first[-1].order_id)  # at the end of the second chunk of two
    settings = shop.center.settings.model_copy(update={"chunk_size": 2, "workers": 2, "log_level": "ERROR"})
    executor = InProcesses(settings)
    try:
        ran = run_job(Context(shop.center, {}, executor), RATE_DAYS, date(2026, 3, 2))
    finally:
        executor.close()
    assert not death.exists()
    assert ran.run is not None and (ran.run.state, ran.run.items) == (RunState.DONE, 24)
    assert sorted(row.order_id for row in shop.rows(charge)) == orders
    assert {str(row.amount) for row in shop.rows(running_sum)} == {"3.000000"}
