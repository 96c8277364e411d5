"""Runs with how far each has come, and those that a person must look at.

Where it stands in the walk: beside it; the console shows it. `show_runs` has the rest of what is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from billing_center.bulk import rows_by_key
from billing_center.center import UnitOfWork
from billing_center.runs import store
from billing_center.runs.run import Run, RunReport, RunState, TaskState
from schema.tables.jobs import job_run, job_task

STUCK = (RunState.FAILED, RunState.STOPPED)
"""States in which a run waits for someone to say that it goes on."""


@dataclass(frozen=True, slots=True)
class RunListed:
    """A run and how many of its tasks are done, 0 to 100; None while one without tasks is under way."""

    run: Run
    percent: int | None


def list_runs(
    work: UnitOfWork,
    *,
    job: str | None = None,
    states: Sequence[RunState] | None = None,
    limit: int = 50,
    skip: int = 0,
) -> list[RunListed]:
    """The newest runs, newest first; of one job, or in some states, when named."""
    table = job_run.c
    statement = select(table.run_id).order_by(table.started_at.desc(), table.run_id.desc())
    if job is not None:
        statement = statement.where(table.job == job)
    if states is not None:
        statement = statement.where(table.state.in_([state.value for state in states]))
    ids = list(work.connection.execute(statement.limit(limit).offset(skip)).scalars())
    runs = [run for run_id in ids if (run := store.find_run(work.connection, run_id)) is not None]
    percents = _percents(work, [run.run_id for run in runs])
    return [RunListed(run, _percent(run, percents.get(run.run_id))) for run in runs]


def percent_done(report: RunReport) -> int | None:
    """The same of one run whose tasks are at hand."""
    done = sum(task.state is TaskState.DONE for task in report.tasks)
    return _percent(report.run, done * 100 // len(report.tasks) if report.tasks else None)


def _percents(work: UnitOfWork, run_ids: Sequence[str]) -> dict[str, int]:
    table = job_task.c
    done = func.sum(case((table.state == TaskState.DONE.value, 1), else_=0))
    statement = select(table.run_id, func.count(), done).group_by(table.run_id)
    rows = rows_by_key(work.connection, statement, [table.run_id], run_ids)
    return {row[0]: int(row[2]) * 100 // int(row[1]) for row in rows}


def _percent(run: Run, of_tasks: int | None) -> int | None:
    if of_tasks is not None:
        return of_tasks
    return 100 if run.state is RunState.DONE else None  # its tasks were few, or were purged long after its end
