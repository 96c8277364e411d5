"""A chunk and the mark of its progress are one: what is killed, delivered twice or poisoned doubles nothing."""

from datetime import date, timedelta

import pytest

from billing_center.center import Center, UnitOfWork
from billing_center.clock import SettableClock
from billing_center.errors import Busy
from billing_center.runs import store
from billing_center.runs.close_run import close_run, retry_run, stop_run
from billing_center.runs.open_run import OpenRun, open_run
from billing_center.runs.run import Run, RunFailure, RunState, TaskState
from billing_center.runs.show_runs import abandoned_runs, purge_tasks, recent_runs, run_report
from billing_center.runs.work_task import Portion, TaskEnd, TaskWork, take_step, work_task
from billing_center.runs.worker import Worker
from tests.billing_center.runs.scratch import SUBJECTS, Scratch


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


@pytest.fixture
def center(center: Center) -> Center:
    """Chunks of ten, so that a hundred subjects take many."""
    settings = center.settings.model_copy(update={"chunk_size": 10})
    return Center(settings, center.database, center.clock, center.ids, center.catalogs, center.real_time)


def opened(center: Center, worker: Worker, *, tasks: int = 1) -> str:
    command = OpenRun("toy", "2026-03-01", date(2026, 3, 1), tasks=tasks)
    return center.transact("center", lambda work: open_run(work, command, worker)).run.run_id


def closed(center: Center, run_id: str, worker: Worker) -> Run:
    return center.transact("center", lambda work: close_run(work, run_id, worker))


def test_run_of_two_tasks_does_every_subject_once(center: Center, worker: Worker, scratch: Scratch) -> None:
    run_id = opened(center, worker, tasks=2)
    work = TaskWork(scratch.chunk)
    assert [work_task(center, run_id, n, work, worker=worker) for n in (0, 1)] == [TaskEnd.DONE] * 2
    assert scratch.written() == list(SUBJECTS)
    run = closed(center, run_id, worker)
    assert (run.state, run.items, run.failures) == (RunState.DONE, 100, 0)


def test_task_delivered_again_does_nothing(
    center: Center, worker: Worker, other: Worker, scratch: Scratch
) -> None:
    run_id = opened(center, worker)
    work = TaskWork(scratch.chunk)
    for who in (worker, other, worker):
        assert work_task(center, run_id, 0, work, worker=who) is TaskEnd.DONE
    assert scratch.written() == list(SUBJECTS)


def test_killed_worker_loses_its_chunk_only_and_another_goes_on_when_the_lease_has_ended(
    center: Center, worker: Worker, other: Worker, machine: SettableClock, scratch: Scratch
) -> None:
    run_id = opened(center, worker)

    def die() -> None:
        if len(scratch.sizes) == 3:
            raise Killed

    scratch.before_mark = die
    with pytest.raises(Killed):
        work_task(center, run_id, 0, TaskWork(scratch.chunk), worker=worker)
    assert scratch.written() == list(SUBJECTS[:30])
    scratch.before_mark = lambda: None
    assert work_task(center, run_id, 0, TaskWork(scratch.chunk), worker=other) is TaskEnd.HELD
    machine.at += timedelta(seconds=60)
    assert work_task(center, run_id, 0, TaskWork(scratch.chunk), worker=other) is TaskEnd.DONE
    assert scratch.written() == list(SUBJECTS)
    assert closed(center, run_id, other).items == 100


def test_worker_that_lost_its_task_while_it_slept_does_nothing_more(
    center: Center, worker: Worker, other: Worker, machine: SettableClock, scratch: Scratch
) -> None:
    run_id = opened(center, worker)
    take_step(center, run_id, 0, scratch.chunk, worker=worker, limit=10)
    machine.at += timedelta(seconds=60)
    take_step(center, run_id, 0, scratch.chunk, worker=other, limit=10)
    assert take_step(center, run_id, 0, scratch.chunk, worker=worker, limit=10) is TaskEnd.HELD
    assert scratch.written() == list(SUBJECTS[:20])


def test_poisoned_subjects_are_found_recorded_and_passed(center: Center, worker: Worker, scratch: Scratch) -> None:
    scratch.poison = {"P000", "P041", "P042", "P099"}
    run_id = opened(center, worker)
    work = TaskWork(scratch.chunk, scratch.next_subject)
    assert work_task(center, run_id, 0, work, worker=worker) is TaskEnd.DONE
    assert scratch.written() == [s for s in SUBJECTS if s not in scratch.poison]
    run = closed(center, run_id, worker)
    assert (run.state, run.items, run.failures) == (RunState.DONE, 96, 4)
    with center.reading() as unit:
        report = run_report(unit, run_id)
    assert [f.subject for f in report.failures] == ["P000", "P041", "P042", "P099"]
    assert {(f.code, f.message) for f in report.failures} == {
        ("broken", "ZeroDivisionError: see the log for this run")
    }
    assert report.tasks[0].failures == 4 and report.percent == 100


def test_queue_sets_its_poisoned_subject_aside(center: Center, worker: Worker, scratch: Scratch) -> None:
    scratch.poison = {"P003"}
    aside: list[str] = []

    def set_aside(unit: UnitOfWork, run: Run, portion: Portion, failure: RunFailure) -> None:
        aside.append(failure.subject)
        scratch.poison.discard(failure.subject)

    run_id = opened(center, worker)
    work = TaskWork(scratch.chunk, scratch.next_subject, set_aside)
    assert work_task(center, run_id, 0, work, worker=worker) is TaskEnd.DONE
    assert aside == ["P003"] and scratch.written() == list(SUBJECTS)


def test_task_that_cannot_name_its_subject_fails_and_the_others_go_on(
    center: Center, worker: Worker, scratch: Scratch
) -> None:
    scratch.poison = {"P001"}
    run_id = opened(center, worker, tasks=2)
    work = TaskWork(scratch.chunk)
    assert work_task(center, run_id, 0, work, worker=worker) is TaskEnd.FAILED
    assert work_task(center, run_id, 1, work, worker=worker) is TaskEnd.DONE
    run = closed(center, run_id, worker)
    assert run.state is RunState.FAILED and run.error.startswith("broken: ZeroDivisionError")
    scratch.poison = set()
    center.transact("center", lambda unit: retry_run(unit, run_id, worker))
    assert work_task(center, run_id, 0, work, worker=worker) is TaskEnd.DONE
    run = closed(center, run_id, worker)
    assert (run.state, run.items, run.error) == (RunState.DONE, 100, "")
    assert scratch.written() == list(SUBJECTS)


def test_busy_is_no_fault_of_a_subject(center: Center, worker: Worker, scratch: Scratch) -> None:
    def busy() -> None:
        raise Busy("not now")

    scratch.before_mark = busy
    run_id = opened(center, worker)
    with pytest.raises(Busy):
        work_task(center, run_id, 0, TaskWork(scratch.chunk, scratch.next_subject), worker=worker)
    assert scratch.written() == []
    with center.reading() as unit:
        assert run_report(unit, run_id).failures == []


def test_stopped_run_stops_after_its_chunk_and_goes_on_when_retried(
    center: Center, worker: Worker, other: Worker, scratch: Scratch
) -> None:
    run_id = opened(center, worker)
    work = TaskWork(scratch.chunk)

    def stop() -> None:
        if len(scratch.sizes) == 2:
            center.transact("operator", lambda unit: stop_run(unit, run_id, other))

    assert work_task(center, run_id, 0, work, worker=worker, after_chunk=stop) is TaskEnd.STOPPED
    assert len(scratch.written()) == 20
    assert closed(center, run_id, worker).state is RunState.STOPPED
    center.transact("operator", lambda unit: retry_run(unit, run_id, other))
    assert work_task(center, run_id, 0, work, worker=other) is TaskEnd.DONE
    assert closed(center, run_id, other).state is RunState.DONE
    assert scratch.written() == list(SUBJECTS)


def test_process_that_goes_down_leaves_its_task_free_for_the_next(
    center: Center, worker: Worker, other: Worker, scratch: Scratch
) -> None:
    run_id = opened(center, worker)
    work = TaskWork(scratch.chunk)
    end = work_task(center, run_id, 0, work, worker=worker, leave=lambda: len(scratch.sizes) == 4)
    assert end is TaskEnd.LEFT
    assert closed(center, run_id, worker).state is RunState.RUNNING
    with center.reading() as unit:
        assert [run.run_id for run in abandoned_runs(unit, other)] == [run_id]
    assert work_task(center, run_id, 0, work, worker=other) is TaskEnd.DONE
    assert scratch.written() == list(SUBJECTS)


def test_durations_are_the_machines_and_instants_the_business_clocks(
    center: Center, worker: Worker, machine: SettableClock, scratch: Scratch
) -> None:
    def tick() -> None:
        machine.at += timedelta(milliseconds=250)

    scratch.before_mark = tick
    run_id = opened(center, worker)
    work_task(center, run_id, 0, TaskWork(scratch.chunk), worker=worker)
    run = closed(center, run_id, worker)
    with center.reading() as unit:
        task = store.tasks_of(unit.connection, run_id)[0]
    assert task.duration_ms == run.duration_ms == 11 * 250  # ten full chunks and the empty last one
    assert run.finished_at == run.started_at


def test_tasks_of_old_runs_are_purged_and_the_runs_stay(
    center: Center, worker: Worker, clock: SettableClock, scratch: Scratch
) -> None:
    run_id = opened(center, worker)
    work_task(center, run_id, 0, TaskWork(scratch.chunk), worker=worker)
    closed(center, run_id, worker)
    assert center.transact("center", purge_tasks) == 0
    clock.at += timedelta(days=91)
    assert center.transact("center", purge_tasks) == 1
    assert center.transact("center", purge_tasks) == 0
    with center.reading() as unit:
        assert [run.run_id for run in recent_runs(unit)] == [run_id]
        assert run_report(unit, run_id).tasks == []


def test_state_of_a_task_is_told_while_it_runs(center: Center, worker: Worker, scratch: Scratch) -> None:
    run_id = opened(center, worker, tasks=2)
    work_task(center, run_id, 0, TaskWork(scratch.chunk), worker=worker)
    take_step(center, run_id, 1, scratch.chunk, worker=worker, limit=10)
    with center.reading() as unit:
        report = run_report(unit, run_id)
    assert [task.state for task in report.tasks] == [TaskState.DONE, TaskState.RUNNING]
    assert report.percent == 50 and report.tasks[1].position == "P073"
