"""The scheduler asks, the rows decide; stopping waits for the chunk under way and leaves nothing held."""

import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing_center.center import UnitOfWork
from billing_center.clock import SettableClock
from billing_center.runs.show_runs import abandoned_runs
from billing_center.runs.worker import this_process
from billing_center.usage.rate_usage import rate_usage as rate_uses
from jobs import rate_usage
from jobs.cycle import CYCLE, moment_of
from jobs.executor import InThisProcess
from jobs.job import Progress
from jobs.rating_pump import RatingPump
from jobs.scheduler import RunningScheduler, start
from schema.tables.charges import charge
from schema.tables.jobs import job_run, job_task
from tests.jobs.conftest import Shop

DAY = date(2026, 3, 1)
LONG = 30.0
"""Seconds after which a thread that should have acted long ago is taken for stuck."""


@pytest.fixture
def due(shop: Shop, clock: SettableClock) -> Shop:
    """The shop at the moment of the day's cycle."""
    clock.at = moment_of(DAY, shop.center.settings)
    return shop


def test_start_catches_up_the_day_and_stop_waits(due: Shop) -> None:
    purged = threading.Event()

    def watch(progress: Progress) -> None:
        if (progress.job, progress.state) == ("purge", "DONE"):
            purged.set()

    running = start(due.center, due.senders, watch=watch)
    assert purged.wait(LONG)
    running.stop()
    cycles = due.rows(job_run, job=CYCLE)
    assert [(row.business_day, row.state) for row in cycles] == [(DAY, "DONE")]


def test_stop_lets_go_after_the_chunk_under_way(due: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = threading.Event(), threading.Event()
    real = rate_uses

    def slow(work: UnitOfWork, **asked: Any) -> Any:
        entered.set()
        assert go_on.wait(LONG)
        return real(work, **{**asked, "limit": 1})

    for n in range(3):
        due.use(f"g{n}", "boss", due.center.clock.now())
    monkeypatch.setattr("jobs.rate_usage.rate_usage", slow)
    small = replace(
        due.center, settings=due.center.settings.model_copy(update={"usage_batch": 1, "usage_shard_batch": 0})
    )
    running = RunningScheduler(small, {}, InThisProcess(), lambda progress: None)
    firing = threading.Thread(target=running.tick, args=[rate_usage.JOB])
    firing.start()
    assert entered.wait(LONG)
    stopping = threading.Thread(target=running._stopping.set)
    stopping.start()
    stopping.join()
    go_on.set()
    firing.join()
    assert len(due.rows(charge)) == 1
    assert {row.state for row in due.rows(job_task)} == {"TODO"}
    with due.center.reading() as work:
        assert [run.job for run in abandoned_runs(work, this_process())] == ["rate_usage"]


def test_sweep_finishes_what_was_left(due: Shop) -> None:
    due.use("g", "boss", due.center.clock.now())
    gone = RunningScheduler(due.center, {}, InThisProcess(), lambda progress: None)
    object.__setattr__(gone.context, "leave", lambda: True)
    gone.tick(rate_usage.JOB)
    assert due.rows(charge) == []
    running = RunningScheduler(due.center, {}, InThisProcess(), lambda progress: None)
    running.sweep()
    assert len(due.rows(charge)) == 1
    assert {row.state for row in due.rows(job_run)} == {"DONE"}


def test_firing_that_breaks_is_told_and_raises_nothing(due: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(context: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("jobs.scheduler.catch_up", broken)
    RunningScheduler(due.center, {}, InThisProcess(), lambda progress: None).cycle()


def test_two_schedulers_run_the_day_once(due: Shop) -> None:
    nodes = [RunningScheduler(due.center, {}, InThisProcess(), lambda progress: None) for _ in range(2)]
    threads = [threading.Thread(target=node.cycle) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs = [row.job for row in due.rows(job_run)]
    assert len(jobs) == len(set(jobs))
    assert {row.attempt for row in due.rows(job_run)} == {1}


def test_under_the_test_clock_nothing_runs_by_itself(test_shop: Shop) -> None:
    running = start(test_shop.center, {})
    running.stop()
    assert test_shop.rows(job_run) == []


def test_use_of_a_real_time_product_is_rated_when_it_is_committed(
    due: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rated = threading.Event()
    real = rate_uses

    def noticed(work: UnitOfWork, **asked: Any) -> Any:
        done = real(work, **asked)
        if done:
            work.after_commit.append(rated.set)
        return done

    monkeypatch.setattr("jobs.rating_pump.rate_usage", noticed)
    pump = RatingPump(due.center)
    pump.start()
    due.use("g", "boss", due.center.clock.now())
    assert rated.wait(LONG)
    pump.stop()
    assert [row.run_id for row in due.rows(charge)] == ["real_time:2026-03-01"]
