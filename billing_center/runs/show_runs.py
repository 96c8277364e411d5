"""What operators ask about runs: the newest, one with its tasks and failures, those that nobody drives."""

from collections.abc import Sequence
from datetime import date, timedelta

from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange
from billing_center.runs import store
from billing_center.runs.open_run import is_driven
from billing_center.runs.run import Run, RunReport, RunState
from billing_center.runs.worker import Worker


def recent_runs(work: UnitOfWork, *, job: str | None = None, limit: int = 20) -> list[Run]:
    """The newest runs, newest first; of one job when named."""
    return store.recent_runs(work.connection, job=job, limit=limit)


def run_report(work: UnitOfWork, run_id: str, *, failures: int = 100) -> RunReport:
    """A run with its tasks and at most so many failures. Raises: OutOfRange when there is none of that id."""
    run = store.find_run(work.connection, run_id)
    if run is None:
        raise OutOfRange(f"no run has the id {run_id!r}", field="run", run_id=run_id)
    tasks = store.tasks_of(work.connection, run_id)
    return RunReport(run, tasks, store.failures_of(work.connection, run_id, limit=failures))


def run_of_period(work: UnitOfWork, job: str, period_key: str) -> Run | None:
    """The last attempt of a job's period, None when it was never asked for."""
    found = store.attempts_of(work.connection, job, period_key)
    return found[-1] if found else None


def state_of(work: UnitOfWork, run_id: str) -> RunState:
    """Where the run stands. Raises: OutOfRange when there is none of that id."""
    run = store.find_run(work.connection, run_id)
    if run is None:
        raise OutOfRange(f"no run has the id {run_id!r}", field="run", run_id=run_id)
    return run.state


def last_day_done(work: UnitOfWork, job: str) -> date | None:
    """The newest business day that the job has done."""
    return store.last_day(work.connection, job, [RunState.DONE.value])


def abandoned_runs(work: UnitOfWork, worker: Worker) -> Sequence[Run]:
    """The runs under way that no living process drives, oldest first."""
    rows = store.unfinished_runs(work.connection)
    return [store.as_run(row) for row in rows if not is_driven(work, row, worker)]


def purge_tasks(work: UnitOfWork, *, limit: int = 500) -> int:
    """Delete the tasks of at most `limit` runs that were done `runs_kept_days` ago; the runs stay.

    Charges and invoices name the run that made them, so runs are never deleted. Returns how many runs.
    """
    before = work.at - timedelta(days=work.settings.runs_kept_days)
    return store.delete_old_tasks(work.connection, before, limit)
