"""Tasks of a run worked on by other machines: Celery carries "work on task N of run R" through RabbitMQ.

Where it stands in the walk: `executor_for` chooses this when `broker_url` is set; `jobs/worker.py` is the other
end. The rows of the tasks decide what is done, so a message may come twice, late or never: a second one finds
the task held or done, and one that was lost is sent again by whoever drives the run. A message holds ids alone.
Design: scale, section 6.
"""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import Celery
from celery.exceptions import CeleryError
from kombu.entity import Queue
from kombu.exceptions import KombuError, OperationalError

from billing_center.errors import Busy
from billing_center.runs.open_tasks import OpenTask, open_tasks
from billing_center.runs.run import Run, RunState
from billing_center.settings import Settings
from jobs.executor import LOOK_S, InThisProcess
from jobs.job import Context, Job

log = structlog.get_logger()

TASK = "billing.work_task"
CONNECT_S = 5
PUBLISH_TRIES = 2
"""A kept connection may be stale: the second try opens a new one."""


def queue_of(settings: Settings) -> str:
    """The queue of this billing center, apart from those of others at the same broker."""
    return f"{settings.broker_prefix}.tasks"


def broker_app(settings: Settings) -> Celery:
    """A Celery application for both ends. Nothing connects before something is sent or received.

    A message is acknowledged when its task has ended, and goes back to the queue with a worker that dies. The
    queue is a quorum queue: it outlives any one node of the broker. Results live in the rows of the tasks.
    """
    name = queue_of(settings)
    queue = Queue(name, routing_key=name, queue_arguments={"x-queue-type": "quorum"})  # type: ignore[no-untyped-call]
    app = Celery("billing_center", broker=settings.broker_url.get_secret_value(), set_as_current=False)
    app.conf.update(
        task_queues=[queue],
        task_default_queue=name,
        task_default_exchange=name,
        task_default_routing_key=name,
        task_create_missing_queues=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure_or_timeout=True,  # it keeps its place; who drives the run sends it again
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # the rows hold what they have done
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_proc_alive_timeout=60,
        broker_connection_timeout=CONNECT_S,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_heartbeat=30,
        broker_transport_options={"confirm_publish": True},
        enable_utc=True,
    )
    return app


class BehindBroker:
    """Workers that listen at the broker, wherever they run. A single task is not worth a message."""

    def __init__(self, settings: Settings) -> None:
        self._app = broker_app(settings)
        self._pause = threading.Event()

    def submit(self, context: Context, job: Job, run: Run, tasks: Sequence[int]) -> None:
        """See `Executor`. Raises: Busy when the broker is away; the tasks keep their place."""
        if len(tasks) <= 1:
            InThisProcess().submit(context, job, run, tasks)
            return
        sent = _Sent(context)
        self._send(run, tasks)
        sent.note(tasks)
        while not context.leave():
            self._pause.wait(LOOK_S)
            with context.center.reading() as work:
                state, left = open_tasks(work, run.run_id, tasks, context.worker)
            if not left or (state is not RunState.RUNNING and not any(task.held for task in left)):
                return
            again = sent.lost(left)
            if again:
                log.warning("tasks_sent_again", run_id=run.run_id, tasks=len(again))
                self._send(run, again)
                sent.note(again)
            context.after_chunk()

    def close(self) -> None:
        """Close the connections to the broker. Workers go on with what they have."""
        self._app.close()

    def _send(self, run: Run, tasks: Sequence[int]) -> None:
        policy = {"max_retries": PUBLISH_TRIES - 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
        try:
            with self._app.producer_pool.acquire(block=True, timeout=CONNECT_S) as producer:
                for task_no in tasks:
                    arguments: list[Any] = [run.run_id, task_no]
                    self._app.send_task(TASK, arguments, producer=producer, retry=True, retry_policy=policy)
        except (OSError, OperationalError, KombuError, CeleryError) as error:
            log.warning("broker_away", run_id=run.run_id, error=type(error).__name__)
            raise Busy("the message broker is away: the run goes on when it is back", run_id=run.run_id) from error


class _Sent:
    """When each task was sent last, and how far the run was then: what tells a lost message from a long queue."""

    def __init__(self, context: Context) -> None:
        self._worker = context.worker
        self._patience = timedelta(seconds=context.center.settings.task_lease_s)
        self._sent: dict[int, datetime] = {}
        self._marks: dict[int, tuple[bool, int]] = {}
        self._moved_at = self._worker.now()

    def note(self, tasks: Sequence[int]) -> None:
        """They have just been sent."""
        self._sent.update(dict.fromkeys(tasks, self._worker.now()))

    def lost(self, left: Sequence[OpenTask]) -> list[int]:
        """Tasks that nobody holds, and whose message is not merely waiting its turn.

        A task whose holder died is sent at once, and then once a lease. One that nobody began is sent again when
        for a whole lease nothing of the run has moved.
        """
        now = self._worker.now()
        marks = {task.task_no: (task.begun, task.items) for task in left}
        if marks != self._marks:
            self._marks, self._moved_at = marks, now
        still = now - self._moved_at >= self._patience
        return [
            task.task_no
            for task in left
            if not task.held and (task.begun or still) and now - self._sent[task.task_no] >= self._wait(task)
        ]

    def _wait(self, task: OpenTask) -> timedelta:
        return self._patience / 6 if task.begun else self._patience
