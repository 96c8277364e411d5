"""The rows of runs, tasks and failures: SQL and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from billing_center import bulk
from billing_center.runs.run import UNFINISHED, Run, RunFailure, RunState, Task, TaskState
from billing_center.runs.worker import Worker
from schema.tables.jobs import job_failure, job_run, job_task
from schema.tables.orders import payer

_RUN = (
    job_run.c.run_id, job_run.c.job, job_run.c.period_key, job_run.c.attempt, job_run.c.business_day,
    job_run.c.state, job_run.c.tasks, job_run.c["items"], job_run.c.failures, job_run.c.node,
    job_run.c.started_at, job_run.c.finished_at, job_run.c.duration_ms, job_run.c.error,
)  # fmt: skip
_TASK = (
    job_task.c.run_id, job_task.c.task_no, job_task.c.first_shard, job_task.c.last_shard, job_task.c.state,
    job_task.c.position, job_task.c["items"], job_task.c.failures, job_task.c.worker, job_task.c.duration_ms,
    job_task.c.error,
)  # fmt: skip


def as_run(row: Any) -> Run:
    """The value of a row of runs."""
    return Run(
        row.run_id, row.job, row.period_key, row.attempt, row.business_day, RunState(row.state), row.tasks,
        row.items, row.failures, row.node, row.started_at, row.finished_at, row.duration_ms or 0, row.error,
    )  # fmt: skip


def as_task(row: Any) -> Task:
    """The value of a row of tasks."""
    return Task(
        row.run_id, row.task_no, row.first_shard, row.last_shard, TaskState(row.state), row.position,
        row.items, row.failures, row.worker, row.duration_ms or 0, row.error,
    )  # fmt: skip


def insert_run(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Insert the row of a run; False when its (job, period, attempt) is there already: another one acts."""
    try:
        with connection.begin_nested():
            connection.execute(insert(job_run).values(values))
    except IntegrityError:
        return False
    return True


def insert_tasks(connection: Connection, run_id: str, ranges: Sequence[tuple[int, int]]) -> None:
    """Insert the tasks of a run, all to do."""
    rows = [
        {
            "run_id": run_id,
            "task_no": number,
            "first_shard": first,
            "last_shard": last,
            "state": TaskState.TODO.value,
            "items": 0,
            "failures": 0,
        }
        for number, (first, last) in enumerate(ranges)
    ]
    bulk.insert_rows(connection, job_task, rows)


def find_run(connection: Connection, run_id: str) -> Run | None:
    """The run."""
    row = connection.execute(select(*_RUN).where(job_run.c.run_id == run_id)).one_or_none()
    return None if row is None else as_run(row)


def locked_run(connection: Connection, run_id: str) -> Row[Any] | None:
    """The whole row of a run, locked until the transaction ends."""
    return connection.execute(select(job_run).where(job_run.c.run_id == run_id).with_for_update()).one_or_none()


def newest_of_period(connection: Connection, job: str, period_key: str) -> Row[Any] | None:
    """The whole row of the last attempt of a period, locked until the transaction ends."""
    newest = (
        select(func.max(job_run.c.attempt))
        .where(job_run.c.job == job, job_run.c.period_key == period_key)
        .scalar_subquery()
    )
    statement = (
        select(job_run)
        .where(job_run.c.job == job, job_run.c.period_key == period_key, job_run.c.attempt == newest)
        .with_for_update()
    )
    return connection.execute(statement).one_or_none()


def unfinished_runs(connection: Connection, job: str | None = None) -> list[Row[Any]]:
    """The whole rows of the runs under way, oldest first; of one job when named."""
    statement = select(job_run).where(job_run.c.state.in_([state.value for state in UNFINISHED]))
    if job is not None:
        statement = statement.where(job_run.c.job == job)
    return list(connection.execute(statement.order_by(job_run.c.started_at, job_run.c.run_id)))


def set_run(connection: Connection, run_id: str, values: Mapping[str, Any], *, from_states: Sequence[str]) -> bool:
    """Set columns of a run that is in one of the states; False when it is not."""
    statement = update(job_run).where(job_run.c.run_id == run_id, job_run.c.state.in_(from_states)).values(values)
    return connection.execute(statement).rowcount == 1


def recent_runs(connection: Connection, *, job: str | None, limit: int) -> list[Run]:
    """The newest runs, newest first; of one job when named."""
    statement = select(*_RUN).order_by(job_run.c.started_at.desc(), job_run.c.run_id.desc()).limit(limit)
    if job is not None:
        statement = statement.where(job_run.c.job == job)
    return [as_run(row) for row in connection.execute(statement)]


def attempts_of(connection: Connection, job: str, period_key: str) -> list[Run]:
    """Every attempt of a period, in order."""
    statement = (
        select(*_RUN).where(job_run.c.job == job, job_run.c.period_key == period_key).order_by(job_run.c.attempt)
    )
    return [as_run(row) for row in connection.execute(statement)]


def last_day(connection: Connection, job: str, states: Sequence[str]) -> date | None:
    """The newest business day of which a run of the job is in one of the states."""
    statement = select(func.max(job_run.c.business_day)).where(job_run.c.job == job, job_run.c.state.in_(states))
    day: date | None = connection.execute(statement).scalar_one()
    return day


def tasks_of(connection: Connection, run_id: str) -> list[Task]:
    """The tasks of a run, in order."""
    statement = select(*_TASK).where(job_task.c.run_id == run_id).order_by(job_task.c.task_no)
    return [as_task(row) for row in connection.execute(statement)]


def leases_of(connection: Connection, run_id: str) -> dict[int, datetime | None]:
    """Until when each task of the run is held, by its number; None: by nobody."""
    statement = select(job_task.c.task_no, job_task.c.lease_until).where(job_task.c.run_id == run_id)
    return {row.task_no: row.lease_until for row in connection.execute(statement)}


def held_leases(connection: Connection, run_id: str) -> list[tuple[str, datetime | None]]:
    """The worker and the lease of each task of the run that someone holds."""
    statement = select(job_task.c.worker, job_task.c.lease_until).where(
        job_task.c.run_id == run_id, job_task.c.state == TaskState.RUNNING.value
    )
    return [(row.worker, row.lease_until) for row in connection.execute(statement)]


def claim_task(connection: Connection, run_id: str, task_no: int, worker: Worker) -> Task | None:
    """The task, its row locked until the transaction ends; None when another worker is at it.

    A task that is done or failed is returned as it is. A lease that ended, or whose worker is gone, is void.
    """
    statement = (
        select(*_TASK, job_task.c.lease_until)
        .where(job_task.c.run_id == run_id, job_task.c.task_no == task_no)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    held = row.state == TaskState.RUNNING and row.worker != worker.name
    if held and not worker.may_take_over(row.worker, row.lease_until):
        return None
    return as_task(row)


def set_task(connection: Connection, run_id: str, task_no: int, values: Mapping[str, Any]) -> None:
    """Set columns of a task whose row this transaction holds."""
    connection.execute(
        update(job_task).where(job_task.c.run_id == run_id, job_task.c.task_no == task_no).values(values)
    )


def reopen_tasks(connection: Connection, run_id: str) -> None:
    """Make the failed tasks of a run to do again, from where each stood."""
    statement = (
        update(job_task)
        .where(job_task.c.run_id == run_id, job_task.c.state == TaskState.FAILED.value)
        .values(state=TaskState.TODO.value, worker=None, lease_until=None, error=None)
    )
    connection.execute(statement)


def free_tasks(connection: Connection, run_id: str, worker: str | None = None) -> None:
    """Take the tasks of a run from who holds them (from one worker when named): each keeps its place."""
    statement = update(job_task).where(job_task.c.run_id == run_id, job_task.c.state == TaskState.RUNNING.value)
    if worker is not None:
        statement = statement.where(job_task.c.worker == worker)
    values = {"state": TaskState.TODO.value, "worker": None, "lease_until": None}
    connection.execute(statement.values(values))


def put_failure(connection: Connection, run_id: str, failure: RunFailure) -> None:
    """Keep why one subject failed; a second failure of it in the same run replaces the first."""
    row = {
        "run_id": run_id,
        "subject": failure.subject,
        "at": failure.at,
        "code": failure.code,
        "message": failure.message,
    }
    bulk.put(connection, job_failure, [row], replace=["at", "code", "message"])


def failures_of(connection: Connection, run_id: str, *, limit: int) -> list[RunFailure]:
    """The failures of a run, in order of their subjects."""
    statement = (
        select(job_failure).where(job_failure.c.run_id == run_id).order_by(job_failure.c.subject).limit(limit)
    )
    return [RunFailure(row.subject, row.at, row.code, row.message) for row in connection.execute(statement)]


def count_failures(connection: Connection, run_id: str) -> int:
    """How many subjects failed in a run."""
    statement = select(func.count()).select_from(job_failure).where(job_failure.c.run_id == run_id)
    return connection.execute(statement).scalar_one()


def count_payers(connection: Connection) -> int:
    """How many payers there are."""
    return connection.execute(select(func.count()).select_from(payer)).scalar_one()


def delete_old_tasks(connection: Connection, before: datetime, limit: int) -> int:
    """Delete the tasks of at most `limit` runs that were done before the instant. The runs themselves stay."""
    done = and_(job_run.c.state == RunState.DONE.value, job_run.c.finished_at < before)
    of_run = select(job_task.c.run_id).where(job_task.c.run_id == job_run.c.run_id)
    statement = select(job_run.c.run_id).where(done, of_run.exists()).order_by(job_run.c.run_id).limit(limit)
    runs = list(connection.execute(statement).scalars())
    for at in range(0, len(runs), bulk.BATCH):
        part = runs[at : at + bulk.BATCH]
        connection.execute(delete(job_task).where(job_task.c.run_id.in_(part)))
    return len(runs)
