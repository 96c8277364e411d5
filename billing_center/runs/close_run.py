"""Ending a run: it is done when its tasks are, failed when one of them could not go on, stopped when asked."""

import structlog

from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange
from billing_center.metrics import counted
from billing_center.runs import store
from billing_center.runs.open_run import Opened, is_driven, reopen, require_run
from billing_center.runs.run import UNFINISHED, Run, RunState, TaskState
from billing_center.runs.worker import Worker

log = structlog.get_logger()

_UNFINISHED = [state.value for state in UNFINISHED]


def close_run(
    work: UnitOfWork,
    run_id: str,
    worker: Worker,
    *,
    error: str = "",
    left: bool = False,
    items: int | None = None,
) -> Run:
    """Give the run the state that its tasks have reached, and let go of it.

    With tasks still to do, or `left`, it stays under way for the next asker (or is stopped, when that was
    asked). With `error` it has failed whatever its tasks say. `items` replaces the sum over its tasks.
    """
    row = require_run(work, run_id)
    if row.state not in UNFINISHED:
        return store.as_run(row)
    tasks = store.tasks_of(work.connection, run_id)
    if any(task.state is TaskState.RUNNING and task.worker == worker.name for task in tasks):
        store.free_tasks(work.connection, run_id, worker.name)
        tasks = store.tasks_of(work.connection, run_id)
    reached = {task.state for task in tasks} | ({TaskState.TODO} if left else set())
    state = _reached(RunState(row.state), reached, error)
    driven_ms = round((worker.now() - row.driven_at).total_seconds() * 1000) if row.driven_at else 0
    failed = next((task.error for task in tasks if task.state is TaskState.FAILED), "")
    values = {
        "state": state.value,
        "items": sum(task.items for task in tasks) if items is None else items,
        "failures": store.count_failures(work.connection, run_id),
        "finished_at": None if state in UNFINISHED else work.at,
        "duration_ms": (row.duration_ms or 0) + max(driven_ms, 0),
        "lease_until": None,
        "driven_at": None,
        "error": (error or failed)[:400],
    }
    store.set_run(work.connection, run_id, values, from_states=_UNFINISHED)
    run = store.find_run(work.connection, run_id)
    assert run is not None
    work.after_commit.append(lambda: _say(run))
    return run


def stop_run(work: UnitOfWork, run_id: str, worker: Worker) -> Run:
    """Ask a run to stop: its tasks stop after the chunk under way. One that nobody drives is stopped at once.

    Raises: OutOfRange when there is no such run, or it is not under way.
    """
    row = require_run(work, run_id)
    if row.state not in UNFINISHED:
        raise OutOfRange(f"run {run_id} is {row.state}: there is nothing to stop", field="run", run_id=run_id)
    store.set_run(work.connection, run_id, {"state": RunState.STOPPING.value}, from_states=_UNFINISHED)
    if not is_driven(work, row, worker):
        store.free_tasks(work.connection, run_id)
        return close_run(work, run_id, worker, left=True)
    run = store.find_run(work.connection, run_id)
    assert run is not None
    return run


def retry_run(work: UnitOfWork, run_id: str, worker: Worker) -> Opened:
    """Let a stopped or failed run go on from where each of its tasks stood.

    Raises: OutOfRange when there is no such run, it is done (run the job again instead), or it is under way.
    """
    row = require_run(work, run_id)
    state = RunState(row.state)
    if state in UNFINISHED and is_driven(work, row, worker):
        raise OutOfRange(f"run {run_id} is under way on {row.node}", field="run", run_id=run_id)
    if state is RunState.DONE:
        message = f"run {run_id} is done: `job run {row.job}` runs its day again without harm"
        raise OutOfRange(message, field="run", run_id=run_id)
    return reopen(work, row, worker)


def _reached(before: RunState, tasks: set[TaskState], error: str) -> RunState:
    if error:
        return RunState.FAILED
    if tasks & {TaskState.TODO, TaskState.RUNNING}:
        if before is RunState.STOPPING:
            return RunState.STOPPING if TaskState.RUNNING in tasks else RunState.STOPPED
        return RunState.RUNNING
    return RunState.FAILED if TaskState.FAILED in tasks else RunState.DONE


def _say(run: Run) -> None:
    log.info(
        "run_closed",
        run_id=run.run_id,
        job=run.job,
        state=run.state.value,
        items=run.items,
        failures=run.failures,
        duration_ms=run.duration_ms,
    )
    if run.state not in UNFINISHED:
        counted.runs_closed.add(run.job, run.state.value)
        counted.run_seconds.add(run.duration_ms / 1000, run.job)
        counted.items_done.add(run.job, by=run.items)
        counted.items_failed.add(run.job, by=run.failures)
