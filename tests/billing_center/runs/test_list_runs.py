"""Runs are listed with how far each has come; a door asks one to stop or to go on, and drives nothing."""

from datetime import date

import pytest

from billing_center.audit.list_entries import list_entries
from billing_center.center import Center, UnitOfWork
from billing_center.clock import SettableClock
from billing_center.errors import OutOfRange
from billing_center.runs import store
from billing_center.runs.ask_run import ask_to_retry, ask_to_stop
from billing_center.runs.close_run import close_run
from billing_center.runs.list_runs import STUCK, list_runs, percent_done
from billing_center.runs.open_run import OpenRun, open_run, take_over_run
from billing_center.runs.run import RunState, TaskState
from billing_center.runs.show_runs import abandoned_runs, run_report
from billing_center.runs.worker import Worker

DAY = date(2026, 3, 1)


def begin(center: Center, worker: Worker, job: str, *, tasks: int, done: int = 0) -> str:
    def act(work: UnitOfWork) -> str:
        run_id = open_run(work, OpenRun(job, "2026-03-01", DAY, tasks=tasks), worker).run.run_id
        for task_no in range(done):
            store.set_task(work.connection, run_id, task_no, {"state": TaskState.DONE.value})
        return run_id

    return center.transact("center", act)


def fail(center: Center, worker: Worker, run_id: str) -> None:
    center.transact("center", lambda work: close_run(work, run_id, worker, error="broken"))


def test_runs_are_listed_with_the_share_of_their_tasks_that_is_done(
    center: Center, clock: SettableClock, worker: Worker
) -> None:
    begin(center, worker, "rate_days", tasks=3, done=2)
    begin(center, worker, "cycle", tasks=0)
    whole = begin(center, worker, "roll_up", tasks=1, done=1)
    center.transact("center", lambda work: close_run(work, whole, worker))
    with center.reading() as work:
        assert {one.run.job: one.percent for one in list_runs(work)} == {
            "rate_days": 66,
            "cycle": None,
            "roll_up": 100,
        }
        for one in list_runs(work):
            assert percent_done(run_report(work, one.run.run_id)) == one.percent
        assert [one.run.job for one in list_runs(work, job="cycle")] == ["cycle"]
        assert len(list_runs(work, limit=2)) == 2
        assert len(list_runs(work, skip=2)) == 1
        assert list_runs(work, states=STUCK) == []


def test_a_failed_run_that_is_asked_to_go_on_is_found_by_the_next_sweep(
    center: Center, worker: Worker, other: Worker
) -> None:
    run_id = begin(center, worker, "rate_days", tasks=2, done=1)
    fail(center, worker, run_id)
    with center.reading() as work:
        assert [one.run.run_id for one in list_runs(work, states=STUCK)] == [run_id]
    run = center.transact("olga", lambda work: ask_to_retry(work, run_id, worker))
    assert (run.state, run.node) == (RunState.RUNNING, "-")
    with center.reading() as work:
        assert [one.run_id for one in abandoned_runs(work, other)] == [run_id]
        assert [(one.act, one.actor) for one in list_entries(work, subject=run_id)] == [
            ("run_retry_asked", "olga")
        ]
    assert center.transact("center", lambda work: take_over_run(work, run_id, other)).yours


def test_what_is_under_way_is_asked_to_stop_and_not_to_go_on(
    center: Center, worker: Worker, other: Worker
) -> None:
    run_id = begin(center, worker, "rate_days", tasks=2)
    with pytest.raises(OutOfRange, match="under way"):
        center.transact("olga", lambda work: ask_to_retry(work, run_id, other))
    run = center.transact("olga", lambda work: ask_to_stop(work, run_id, other))
    assert run.state is RunState.STOPPING
    with center.reading() as work:
        assert [one.act for one in list_entries(work, subject=run_id)] == ["run_stop_asked"]
