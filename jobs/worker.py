"""A worker: processes that take tasks of runs from the broker and work on them, until told to end.

Where it stands in the walk: the other end of `jobs/broker.py`; any number of them on any number of machines.
Each process opens a center of its own. SIGTERM lets every process finish the chunk under way and let go of its
task, whose message goes back to the queue. Design: scale, section 6.
"""

import logging
import multiprocessing
from multiprocessing.synchronize import Event
from typing import Any

import structlog
from celery import signals
from celery.exceptions import Reject
from celery.worker.consumer import Consumer
from structlog.contextvars import bound_contextvars

from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.errors import Busy
from billing_center.logs import set_up_logs
from billing_center.metrics.handed_over import Pipe
from billing_center.metrics.own_port import own_port
from billing_center.metrics.scrape import Scrape
from billing_center.runs.show_runs import run_report
from billing_center.runs.work_task import TaskEnd, work_task
from billing_center.runs.worker import this_process
from billing_center.settings import Settings
from jobs.broker import TASK, broker_app, queue_of
from jobs.registry import job_named

log = structlog.get_logger()

BUSY_PAUSE_S = 1.0
"""Wait before a task goes back to the queue because the database was busy or away."""


def run_worker(settings: Settings, concurrency: int) -> int:
    """Work in so many processes until SIGTERM or SIGINT; returns an exit code. Needs a system that can fork.

    While the broker is away it is asked for again and again. The caller has no database connection open, and none
    is opened here: on `metrics_port` this process shows what its worker processes have counted, nothing else.
    """
    leave = multiprocessing.get_context("fork").Event()
    app = broker_app(settings)
    app.conf.worker_consumer = _PlainConsumer
    pipe = Pipe()
    hands = _Hands(settings, leave, pipe)

    def work_task_of_run(run_id: str, task_no: int) -> None:
        hands.work(run_id, task_no)

    app.task(name=TASK)(work_task_of_run)

    def set_up(**_: Any) -> None:
        set_up_logs(settings)
        for library in ("celery", "kombu", "amqp"):
            logging.getLogger(library).setLevel(logging.WARNING)

    def end(**_: Any) -> None:
        leave.set()

    signals.setup_logging.connect(set_up, weak=False)
    signals.worker_shutting_down.connect(end, weak=False)
    worker = app.Worker(
        pool="prefork", concurrency=concurrency, quiet=True, without_gossip=True, without_mingle=True
    )
    log.info("worker_started", queue=queue_of(settings), concurrency=concurrency)
    with pipe.listening(), own_port(Scrape(None), settings.metrics_port):
        worker.start()
    log.info("worker_stopped")
    return int(worker.exitcode or 0)


class _Hands:
    """What a process does with a message. The center is opened with the first one, after the fork."""

    def __init__(self, settings: Settings, leave: Event, pipe: Pipe) -> None:
        self._settings = settings
        self._leave = leave
        self._pipe = pipe
        self._center: Center | None = None

    def work(self, run_id: str, task_no: int) -> None:
        """Work on a task of a run; its message goes back when the task was left or the database was away."""
        with bound_contextvars(run_id=run_id, task_no=task_no):
            try:
                end = self._end(run_id, task_no)
            except Busy as error:
                log.warning("task_put_off", reason=error.message)
                self._leave.wait(BUSY_PAUSE_S)
                raise Reject(error.message, requeue=True) from None
            finally:
                self._pipe.hand_over()
            if end is TaskEnd.LEFT:
                raise Reject("the worker ends", requeue=True)

    def _end(self, run_id: str, task_no: int) -> TaskEnd:
        if self._leave.is_set():
            return TaskEnd.LEFT
        if self._center is None:
            self._center = open_center(self._settings)
        with self._center.reading() as work:
            job = job_named(run_report(work, run_id, failures=0).run.job)
        assert job.work is not None
        with bound_contextvars(job=job.job_id):
            return work_task(
                self._center, run_id, task_no, job.work, worker=this_process(), leave=self._leave.is_set
            )


class _PlainConsumer(Consumer):  # type: ignore[misc]
    """Celery's, without the queues for delayed messages that it makes beside a quorum queue."""

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        default_steps = tuple(step for step in Consumer.Blueprint.default_steps if "delayed" not in str(step))
