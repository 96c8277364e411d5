"""Running one job for one business day: ask for the period, carry out its tasks, close the run.

Where it stands in the walk: the scheduler's firings, the steps of the cycle and the command line all come
through here. Design: architecture, "How facts move"; field problems 1, 2, 21 and 22.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from functools import partial

import structlog
from structlog.contextvars import bound_contextvars

from billing_center.errors import BillingError, Busy
from billing_center.runs.close_run import close_run, retry_run
from billing_center.runs.open_run import Opened, OpenRun, keep_driving, open_run, take_over_run
from billing_center.runs.run import UNFINISHED, Run, RunState, TaskState
from billing_center.runs.show_runs import run_report
from billing_center.runs.work_task import ACTOR, told
from jobs.job import NOTHING_DUE, Context, Job, Progress, Trigger, unwatched
from jobs.registry import job_named

log = structlog.get_logger()


class AskedBy(Enum):
    """Who wants a job run, which decides what happens when its period is done or under way."""

    TICK = "tick"  # the schedule: nothing when nothing is due, or another run of the job is under way
    CYCLE = "cycle"  # a step of the day: what is done stays done, so that a cycle goes on where it broke off
    AGAIN = "again"  # a step of a day that is run again by hand
    HAND = "hand"  # a person: again when it is done, for rows decide what is due


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of asking: no run when nothing was due; not `yours` when someone else has the period."""

    run: Run | None
    yours: bool = True

    @property
    def done(self) -> bool:
        """Whether the period is done, by whomever."""
        return self.run is None or self.run.state is RunState.DONE


def run_job(context: Context, job: Job, business_day: date, asked_by: AskedBy = AskedBy.HAND) -> Ran:
    """Run a job for a business day and return when it has ended or was left.

    Raises: OutOfRange for a day that has not begun; Busy and DatabaseAway, and then the run keeps its place.
    """
    lock = context.locks.of(job.job_id)
    if not lock.acquire(blocking=asked_by is not AskedBy.TICK):
        return Ran(None, yours=False)
    try:
        subjects = None
        if job.due is not None:
            with context.center.reading() as work:
                subjects = job.due(context, work)
            if subjects == 0 and asked_by is not AskedBy.HAND:
                context.watch(Progress(job.job_id, business_day, "", NOTHING_DUE, 0, 0, 0, 0))
                return Ran(None)
        command = _command(context, job, business_day, asked_by, subjects)
        opened = context.center.transact(ACTOR, lambda work: open_run(work, command, context.worker))
        return Ran(drive(context, job, opened.run)) if opened.yours else Ran(opened.run, yours=False)
    finally:
        lock.release()


def continue_run(context: Context, run_id: str, *, retry: bool = False) -> Ran:
    """Go on with a run that nobody drives any more; with `retry` one that failed or was stopped.

    Raises: OutOfRange when there is no such run, or there is nothing to retry; Busy; DatabaseAway.
    """

    def act(opening: Callable[..., Opened]) -> Opened:
        return context.center.transact(ACTOR, lambda work: opening(work, run_id, context.worker))

    with context.center.reading() as work:
        job = job_named(run_report(work, run_id, failures=0).run.job)
    with context.locks.of(job.job_id):
        opened = act(retry_run if retry else take_over_run)
        return Ran(drive(context, job, opened.run)) if opened.yours else Ran(opened.run, yours=False)


def drive(context: Context, job: Job, run: Run) -> Run:
    """Carry out a run that is ours, and close it. One of its tasks failing is its failure, and raises nothing."""
    with bound_contextvars(job=job.job_id, run_id=run.run_id):
        pulse = _Pulse(context, run)
        try:
            finished = _carry_out(replace(context, after_chunk=pulse), job, run)
        except Busy:
            _close(context, run, left=True)
            raise
        except Exception as error:  # whatever breaks a job as a whole is the run's failure
            log.exception("job_failed")
            code, message = told(error)
            closed = _close(context, run, error=f"{code}: {message}")
        else:
            closed = _close(context, run, left=not finished)
        pulse.tell()
        return closed


def _carry_out(context: Context, job: Job, run: Run) -> bool:
    """Do the work; whether nothing was left over that the rows of the tasks do not say themselves."""
    _refresh_statistics(context)
    if job.work is not None:
        context.executor.submit(context, job, run, [0] if run.tasks == 1 else _unfinished(context, run))
    elif job.act is not None:
        job.act(context, run)
    if job.finish is not None:
        if _unfinished(context, run):
            return False
        job.finish(context, run)
    return True


def _refresh_statistics(context: Context) -> None:
    """A help for plans only: where it fails, the run goes on."""
    try:
        looked_at = context.center.database.refresh_statistics()
    except BillingError as error:
        log.warning("statistics_not_refreshed", reason=error.message)
    else:
        log.debug("statistics_refreshed", tables=looked_at)


def _unfinished(context: Context, run: Run) -> list[int]:
    with context.center.reading() as work:
        tasks = run_report(work, run.run_id, failures=0).tasks
    return [task.task_no for task in tasks if task.state in (TaskState.TODO, TaskState.RUNNING)]


def _command(context: Context, job: Job, day: date, asked_by: AskedBy, subjects: int | None) -> OpenRun:
    zone = context.center.settings.zone
    key = day.isoformat()
    if job.trigger is Trigger.TICK:
        in_cycle = asked_by in (AskedBy.CYCLE, AskedBy.AGAIN)
        key = f"{key}/cycle" if in_cycle else _tick_key(context.center.clock.now().astimezone(zone))
    return OpenRun(
        job=job.job_id,
        period_key=key,
        business_day=day,
        again=asked_by is not AskedBy.CYCLE or job.trigger is Trigger.TICK,
        alone=asked_by is AskedBy.TICK,
        subjects=subjects,
        tasks=1 if job.work is None else None,
    )


def _tick_key(local: datetime) -> str:
    return f"{local:%Y-%m-%dT%H:%M:%S}"


def _close(context: Context, run: Run, *, left: bool = False, error: str = "") -> Run:
    return context.center.transact(
        ACTOR, lambda work: close_run(work, run.run_id, context.worker, left=left, error=error)
    )


class _Pulse:
    """After each chunk: lengthens the lease of who drives when a third of it has passed, and tells the watcher."""

    def __init__(self, context: Context, run: Run) -> None:
        self._context = context
        self._run = run
        self._beat_at = context.worker.now()

    def __call__(self) -> None:
        worker, center = self._context.worker, self._context.center
        if (worker.now() - self._beat_at).total_seconds() * 3 > center.settings.task_lease_s:
            for run_id in (self._run.run_id, *self._context.driving):
                center.transact(ACTOR, partial(keep_driving, run_id=run_id, worker=worker))
            self._beat_at = worker.now()
        self.tell()

    def tell(self) -> None:
        """Tell how far the run has come, if anybody looks."""
        if self._context.watch is unwatched:
            return
        with self._context.center.reading() as work:
            report = run_report(work, self._run.run_id, failures=0)
        run, tasks = report.run, report.tasks
        ended = sum(task.state in (TaskState.DONE, TaskState.FAILED) for task in tasks)
        items = sum(task.items for task in tasks) if run.state in UNFINISHED else run.items
        failures = sum(task.failures for task in tasks) if run.state in UNFINISHED else run.failures
        self._context.watch(
            Progress(run.job, run.business_day, run.run_id, run.state.value, len(tasks), ended, items, failures)
        )
