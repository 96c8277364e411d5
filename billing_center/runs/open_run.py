"""Asking for a period of a job: the row decides who acts.

Where it stands in the walk: every firing of a schedule, on every node, and every command by hand asks here
first. The unique key (job, period, attempt) lets one asker act; a run whose process died is continued by the
next one. Design: scale, section 7; field problems 1 and 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from sqlalchemy import Row

from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange
from billing_center.ids import SHARDS
from billing_center.runs import store
from billing_center.runs.run import (
    UNFINISHED,
    Run,
    RunState,
    run_id_of,
    shard_ranges,
    tasks_for,
)
from billing_center.runs.worker import Worker

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A period of a job that somebody wants done.

    `again`: a period that is done or was stopped is run again (by hand, or because rows decide what is due).
    `alone`: not while another run of the job is under way; one that a dead process left is continued instead.
    `tasks`: how many it is cut into; None: by the `subjects` there are to do, else by the payers there are.
    """

    job: str
    period_key: str
    business_day: date
    again: bool = False
    alone: bool = False
    subjects: int | None = None
    tasks: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The run of the period, and whether it is the asker's to drive."""

    run: Run
    yours: bool


def open_run(work: UnitOfWork, command: OpenRun, worker: Worker) -> Opened:
    """Open the period's run, or continue one that nobody drives any more, or learn that it is not yours.

    Raises: OutOfRange for a business day that has not begun: what it would decide is not known yet.
    """
    if command.business_day > work.today:
        message = f"the business day {command.business_day} has not begun: today is {work.today}"
        raise OutOfRange(message, field="date")
    if command.alone:
        for other in store.unfinished_runs(work.connection, command.job):
            return take_over_run(work, other.run_id, worker)
    row = store.newest_of_period(work.connection, command.job, command.period_key)
    if row is None:
        return _begin(work, command, worker, attempt=1)
    state = RunState(row.state)
    if state in UNFINISHED:
        return _take_over(work, row, worker)
    if state is RunState.FAILED or (state is RunState.STOPPED and command.again):
        return reopen(work, row, worker)
    if state is RunState.DONE and command.again:
        return _begin(work, command, worker, attempt=row.attempt + 1)
    return Opened(store.as_run(row), yours=False)


def take_over_run(work: UnitOfWork, run_id: str, worker: Worker) -> Opened:
    """Drive a run that is under way, if nobody does any more. Raises: OutOfRange when there is no such run."""
    row = require_run(work, run_id)
    if row.state not in UNFINISHED:
        return Opened(store.as_run(row), yours=False)
    return _take_over(work, row, worker)


def require_run(work: UnitOfWork, run_id: str) -> Row[Any]:
    """The whole row of the run, locked. Raises: OutOfRange when there is none of that id."""
    row = store.locked_run(work.connection, run_id)
    if row is None:
        raise OutOfRange(f"no run has the id {run_id!r}", field="run", run_id=run_id)
    return row


def reopen(work: UnitOfWork, row: Row[Any], worker: Worker) -> Opened:
    """Let a failed or stopped run go on: its failed tasks are to do again, from where each stood."""
    store.reopen_tasks(work.connection, row.run_id)
    values = {**_driven(work, worker), "state": RunState.RUNNING.value, "finished_at": None, "error": None}
    return _driving(work, row, values, from_states=[row.state], event="run_reopened")


def is_driven(work: UnitOfWork, row: Row[Any], worker: Worker) -> bool:
    """Whether a living process drives the run or works on one of its tasks."""
    if not worker.may_take_over(row.node, row.lease_until):
        return True
    held = store.held_leases(work.connection, row.run_id)
    return any(not worker.may_take_over(holder, lease_until) for holder, lease_until in held)


def keep_driving(work: UnitOfWork, run_id: str, worker: Worker) -> None:
    """Lengthen the lease of whoever drives the run. No harm when it is not ours any more: rows decide."""
    values = {"node": worker.name, "lease_until": worker.lease(work.settings.task_lease_s)}
    store.set_run(work.connection, run_id, values, from_states=_names(UNFINISHED))


def _take_over(work: UnitOfWork, row: Row[Any], worker: Worker) -> Opened:
    if is_driven(work, row, worker):
        return Opened(store.as_run(row), yours=False)
    return _driving(work, row, _driven(work, worker), from_states=_names(UNFINISHED), event="run_continued")


def _driving(
    work: UnitOfWork, row: Row[Any], values: dict[str, Any], *, from_states: Sequence[str], event: str
) -> Opened:
    unchanged = store.set_run(work.connection, row.run_id, values, from_states=from_states)
    run = store.find_run(work.connection, row.run_id)
    assert run is not None
    if unchanged:
        work.after_commit.append(lambda: log.info(event, run_id=run.run_id, job=run.job, before=row.node))
    return Opened(run, yours=unchanged)


def _begin(work: UnitOfWork, command: OpenRun, worker: Worker, *, attempt: int) -> Opened:
    run_id = run_id_of(command.job, command.period_key, attempt)
    tasks = _number_of_tasks(work, command)
    values = {
        **_driven(work, worker),
        "run_id": run_id,
        "job": command.job,
        "period_key": command.period_key,
        "attempt": attempt,
        "business_day": command.business_day,
        "state": RunState.RUNNING.value,
        "tasks": tasks,
        "items": 0,
        "failures": 0,
        "started_at": work.at,
        "duration_ms": 0,
    }
    mine = store.insert_run(work.connection, values)
    if mine and tasks:
        store.insert_tasks(work.connection, run_id, shard_ranges(tasks, SHARDS))
    run = store.find_run(work.connection, run_id)
    assert run is not None
    if mine:
        work.after_commit.append(lambda: log.info("run_opened", run_id=run_id, job=run.job, tasks=tasks))
    return Opened(run, yours=mine)


def _number_of_tasks(work: UnitOfWork, command: OpenRun) -> int:
    settings = work.settings
    if command.tasks is not None:
        return command.tasks
    if command.subjects is not None:
        return tasks_for(command.subjects, per_task=settings.chunk_size, most=settings.run_tasks)
    payers = store.count_payers(work.connection)
    return tasks_for(payers, per_task=settings.payers_per_task, most=settings.run_tasks)


def _driven(work: UnitOfWork, worker: Worker) -> dict[str, Any]:
    return {
        "node": worker.name,
        "lease_until": worker.lease(work.settings.task_lease_s),
        "driven_at": worker.now(),
    }


def _names(states: Sequence[RunState]) -> list[str]:
    return [state.value for state in states]
