"""Working on one task of a run: chunk after chunk, each one transaction with the mark of its progress.

Where it stands in the walk: executors (this process, worker processes, later a broker's workers) call
`work_task`. A killed worker's chunk rolls back and its lease ends, so another one goes on from the last mark;
a task delivered again when it is done does nothing. One poisoned payer, order or event is found by splitting
the chunk down to it, recorded, and passed. Design: architecture, "How facts move"; field problems 21 and 22.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter

import structlog

from billing_center.center import Center, UnitOfWork
from billing_center.errors import BillingError, Busy, ResultCode
from billing_center.metrics.counted import chunk_seconds, chunks_failed
from billing_center.runs import store
from billing_center.runs.run import Run, RunFailure, RunState, Task, TaskState, job_of
from billing_center.runs.worker import Worker
from billing_center.settings import Settings
from billing_center.tracing import span

log = structlog.get_logger()

ACTOR = "center"
SPLIT = 10
"""A chunk that fails is tried again with a tenth of its size, down to one."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What one chunk is to do: at most `limit` subjects of these shards, from after `position` on."""

    first_shard: int
    last_shard: int
    position: str
    limit: int


@dataclass(frozen=True, slots=True)
class ChunkDone:
    """How many subjects a chunk did, and the position the next one begins after; None when nothing is left."""

    items: int
    next_position: str | None


def chunk_size(settings: Settings) -> int:
    """How many subjects a chunk takes where nobody says otherwise."""
    return settings.chunk_size


Chunk = Callable[[UnitOfWork, Run, Portion], ChunkDone]
NextSubject = Callable[[UnitOfWork, Run, Portion], str | None]
SetAside = Callable[[UnitOfWork, Run, Portion, RunFailure], None]


@dataclass(frozen=True, slots=True)
class TaskWork:
    """The work of a job's tasks.

    `next_subject` names the one subject that a chunk of limit 1 would do, which is also the position after it;
    without it a failing chunk fails its task. `set_aside` takes a failed subject out of the way where the work
    is a queue and not an ordered walk. `subjects_at_once` says of the settings how many a chunk takes.
    """

    chunk: Chunk
    next_subject: NextSubject | None = None
    set_aside: SetAside | None = None
    subjects_at_once: Callable[[Settings], int] = chunk_size


class TaskEnd(StrEnum):
    """How working on a task ended."""

    DONE = "DONE"
    FAILED = "FAILED"
    STOPPED = "STOPPED"  # the run is being stopped: the task keeps its place
    LEFT = "LEFT"  # this process goes down: the task keeps its place
    HELD = "HELD"  # another worker is at it


def _never() -> bool:
    return False


def _silent() -> None:
    return None


def work_task(
    center: Center,
    run_id: str,
    task_no: int,
    work: TaskWork,
    *,
    worker: Worker,
    leave: Callable[[], bool] = _never,
    after_chunk: Callable[[], None] = _silent,
) -> TaskEnd:
    """Do a task to its end, or until the run is stopped or `leave` says so (asked between two chunks).

    Raises: Busy, DatabaseAway; the task then keeps its place for the next asker.
    """
    full = limit = work.subjects_at_once(center.settings)
    while True:
        if leave():
            let_go(center, run_id, task_no, worker)
            return TaskEnd.LEFT
        try:
            end = take_step(center, run_id, task_no, work.chunk, worker=worker, limit=limit)
        except Busy:
            raise
        except Exception as error:  # noqa: BLE001 (whatever one subject raises must not stop the others)
            chunks_failed.add(job_of(run_id))
            log.warning("chunk_failed", run_id=run_id, task_no=task_no, limit=limit, error=type(error).__name__)
            if limit > 1 and work.next_subject is not None:
                limit = max(1, limit // SPLIT)
            elif not _pass(center, run_id, task_no, work, error, worker=worker):
                return TaskEnd.FAILED
            continue
        if end is not None:
            return end
        limit = min(full, limit * 2)
        after_chunk()


def take_step(
    center: Center, run_id: str, task_no: int, chunk: Chunk, *, worker: Worker, limit: int
) -> TaskEnd | None:
    """Do one chunk of a task and mark its progress, in one transaction. None when there is more to do.

    Raises: what the chunk raises, and then nothing of it was kept; Busy; DatabaseAway.
    """

    def act(work: UnitOfWork) -> TaskEnd | None:
        found = _claimed(work, run_id, task_no, worker)
        if isinstance(found, TaskEnd):
            return found
        run, task = found
        begun = worker.now()
        done = chunk(work, run, Portion(task.first_shard, task.last_shard, task.position, limit))
        finished = done.next_position is None
        values = {
            "state": (TaskState.DONE if finished else TaskState.RUNNING).value,
            "position": task.position if finished else done.next_position,
            "items": task.items + done.items,
            "worker": worker.name,
            "lease_until": None if finished else worker.lease(work.settings.task_lease_s),
            "duration_ms": task.duration_ms + round((worker.now() - begun).total_seconds() * 1000),
        }
        store.set_task(work.connection, run_id, task_no, values)
        return TaskEnd.DONE if finished else None

    began = perf_counter()
    with span("chunk", run_id=run_id, task_no=task_no, limit=limit):
        end = center.transact(ACTOR, act)
    chunk_seconds.add(perf_counter() - began, job_of(run_id))
    return end


def _claimed(work: UnitOfWork, run_id: str, task_no: int, worker: Worker) -> tuple[Run, Task] | TaskEnd:
    """The run and the task with its row locked, or why this worker has nothing to do there."""
    task = store.claim_task(work.connection, run_id, task_no, worker)
    run = store.find_run(work.connection, run_id)
    if task is None or run is None:
        return TaskEnd.HELD
    if task.state in (TaskState.DONE, TaskState.FAILED):
        return TaskEnd(task.state.value)
    if run.state is not RunState.RUNNING:
        _release(work, task)
        return TaskEnd.STOPPED
    return run, task


def _pass(center: Center, run_id: str, task_no: int, work: TaskWork, error: Exception, *, worker: Worker) -> bool:
    """Record the one subject that fails and step past it; False when the task itself cannot go on."""
    code, message = told(error)

    def step_past(unit: UnitOfWork) -> bool:
        found = _claimed(unit, run_id, task_no, worker)
        if isinstance(found, TaskEnd):
            return True  # the next step says so itself
        run, task = found
        portion = Portion(task.first_shard, task.last_shard, task.position, 1)
        subject = work.next_subject(unit, run, portion) if work.next_subject is not None else None
        if subject is None:
            return False
        failure = RunFailure(subject, unit.at, code, message)
        store.put_failure(unit.connection, run_id, failure)
        if work.set_aside is not None:
            work.set_aside(unit, run, portion, failure)
        values = {
            "state": TaskState.RUNNING.value,
            "position": subject if work.set_aside is None else task.position,
            "failures": task.failures + 1,
            "worker": worker.name,
            "lease_until": worker.lease(unit.settings.task_lease_s),
        }
        store.set_task(unit.connection, run_id, task_no, values)
        log.error("subject_failed", run_id=run_id, subject=subject, code=code, exc_info=error)
        return True

    try:
        if center.transact(ACTOR, step_past):
            return True
    except Busy:
        raise
    except Exception as second:  # not even its name can be read: the task cannot go on
        log.error("subject_not_found", run_id=run_id, task_no=task_no, exc_info=second)
    values = {"state": TaskState.FAILED.value, "lease_until": None, "error": f"{code}: {message}"[:400]}
    center.transact(ACTOR, lambda unit: store.set_task(unit.connection, run_id, task_no, values))
    log.error("task_failed", run_id=run_id, task_no=task_no, code=code, exc_info=error)
    return False


def told(error: Exception) -> tuple[str, str]:
    """A code and one line for an operator. A foreign error's text may hold data, so only its kind is told."""
    if isinstance(error, BillingError):
        return error.code.value, error.message[:400]
    return ResultCode.BROKEN.value, f"{type(error).__name__}: see the log for this run"


def let_go(center: Center, run_id: str, task_no: int, worker: Worker) -> None:
    """Give a task that is under way back: it keeps its place, and anyone may go on at once."""

    def act(work: UnitOfWork) -> None:
        task = store.claim_task(work.connection, run_id, task_no, worker)
        if task is not None and task.state is TaskState.RUNNING:
            _release(work, task)

    center.transact(ACTOR, act)


def _release(work: UnitOfWork, task: Task) -> None:
    values = {"state": TaskState.TODO.value, "worker": None, "lease_until": None}
    store.set_task(work.connection, task.run_id, task.task_no, values)
