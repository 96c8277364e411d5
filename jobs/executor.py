"""Who carries out the tasks of a run: this process, one after the other, or worker processes of this machine.

Where it stands in the walk: `run_job` submits, workers call `work_task`. Exactly-once lives in the task rows,
so nothing here has to be remembered; `jobs/broker.py` has the workers of other machines. Design: scale,
sections 6.2 and 6.3.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event

import structlog
from structlog.contextvars import bound_contextvars

from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.errors import Broken, Busy
from billing_center.logs import set_up_logs
from billing_center.metrics.handed_over import HandedOver, merge, taken
from billing_center.runs.run import Run
from billing_center.runs.work_task import work_task
from billing_center.runs.worker import this_process
from billing_center.settings import Settings
from jobs.job import Context, Job

log = structlog.get_logger()

ROUNDS = 5
"""A task that was busy, or whose worker process died, is tried so many times before the run is left."""
LOOK_S = 0.5


class InThisProcess:
    """One task after the other, in the thread that asks."""

    def submit(self, context: Context, job: Job, run: Run, tasks: Sequence[int]) -> None:
        """See `Executor`."""
        assert job.work is not None
        left = list(tasks)
        for number in range(ROUNDS):
            busy: list[int] = []
            for task_no in left:
                try:
                    work_task(
                        context.center,
                        run.run_id,
                        task_no,
                        job.work,
                        worker=context.worker,
                        leave=context.leave,
                        after_chunk=context.after_chunk,
                    )
                except Busy:
                    busy.append(task_no)
                    if number == ROUNDS - 1:
                        raise
                if context.leave():
                    return
            left = busy

    def close(self) -> None:
        """Nothing is held."""


class InProcesses:
    """`settings.workers` processes, each with a center of its own over the same settings.

    They are started when first needed and kept. A single task is not worth a process: it is done here.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._start = multiprocessing.get_context("spawn")
        self._leave = self._start.Event()
        self._pool: ProcessPoolExecutor | None = None
        self._guard = threading.Lock()

    def submit(self, context: Context, job: Job, run: Run, tasks: Sequence[int]) -> None:
        """See `Executor`."""
        left = list(tasks)
        if len(left) <= 1:
            InThisProcess().submit(context, job, run, left)
            return
        for number in range(ROUNDS):
            left = self._round(context, job, run, left)
            if not left or context.leave():
                return
            log.warning("tasks_submitted_again", run_id=run.run_id, tasks=len(left), round=number + 1)
        raise Busy(f"{len(left)} tasks of run {run.run_id} could not go on", run_id=run.run_id)

    def close(self) -> None:
        """End the worker processes after the chunks under way."""
        self._leave.set()
        with self._guard:
            if self._pool is not None:
                self._pool.shutdown(wait=True, cancel_futures=True)
                self._pool = None

    def _round(self, context: Context, job: Job, run: Run, tasks: Sequence[int]) -> list[int]:
        """Submit the tasks once; those that were busy or lost their process come back."""
        pool = self._started()
        again: list[int] = []
        running: dict[Future[HandedOver], int] = {}
        try:
            for task_no in tasks:
                running[pool.submit(_work_in_process, job, run.run_id, task_no)] = task_no
        except BrokenProcessPool:
            self._replace(pool)
            return list(tasks)
        pending = set(running)
        while pending:
            ended, pending = wait(pending, timeout=LOOK_S, return_when=FIRST_COMPLETED)
            again += [running[future] for future in ended if _is_to_do_again(future)]
            if context.leave():
                self._leave.set()
            context.after_chunk()
        if any(isinstance(future.exception(), BrokenProcessPool) for future in running):
            self._replace(pool)
        return again

    def _started(self) -> ProcessPoolExecutor:
        with self._guard:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    max_workers=self._settings.workers,
                    mp_context=self._start,
                    initializer=_begin_process,
                    initargs=(self._settings, self._leave),
                )
            return self._pool

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        log.error("worker_process_died")
        with self._guard:
            if self._pool is broken:
                broken.shutdown(wait=True, cancel_futures=True)
                self._pool = None


def _is_to_do_again(future: Future[HandedOver]) -> bool:
    error = future.exception()
    if error is None:
        merge(future.result())
        return False
    if isinstance(error, Busy | BrokenProcessPool):
        return True
    raise error


_here: list[tuple[Center, Event]] = []
"""In a worker process: its center, and the event that says it goes down."""


def _begin_process(settings: Settings, leave: Event) -> None:
    """Prepare a worker process: logs, its own center, and no life beyond its parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    set_up_logs(settings)
    _here[:] = [(open_center(settings), leave)]
    threading.Thread(target=_end_with_parent, daemon=True, name="parent").start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # the chunk under way rolls back, its lease ends by itself


def _work_in_process(job: Job, run_id: str, task_no: int) -> HandedOver:
    """Work on a task; returns what was counted meanwhile."""
    if not _here or job.work is None:
        raise Broken("a worker process without a center, or a job without tasks")
    center, leave = _here[0]
    with bound_contextvars(job=job.job_id, run_id=run_id):
        work_task(center, run_id, task_no, job.work, worker=this_process(), leave=leave.is_set)
    return taken()
