"""The day in order: every step of the business day D, and which days are due.

Where it stands in the walk: the scheduler runs it once a day, `advance` at each moment it falls due, `cycle`
by hand. The cycle has a row of its own, so two nodes never drive one day, and a broken-off day goes on at
the step where it broke off. Design: architecture, "How facts move"; scale, section 7.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import partial

import structlog
from structlog.contextvars import bound_contextvars

from billing_center.center import Center
from billing_center.clock import civil_day
from billing_center.errors import Broken, Busy
from billing_center.period import ONE_DAY
from billing_center.runs.close_run import close_run, retry_run
from billing_center.runs.open_run import Opened, OpenRun, keep_driving, open_run, take_over_run
from billing_center.runs.run import Run, RunState
from billing_center.runs.show_runs import last_day_done, run_of_period, state_of
from billing_center.runs.work_task import ACTOR, told
from billing_center.settings import Settings
from jobs import check_alerts, make_partitions, move_history, purge, reconcile_invoices, roll_up
from jobs.job import Context
from jobs.registry import STEPS
from jobs.run_job import AskedBy, Ran, run_job

log = structlog.get_logger()

CYCLE = "cycle"
BESIDE = frozenset(
    job.JOB.job_id for job in (make_partitions, roll_up, check_alerts, reconcile_invoices, move_history, purge)
)
"""Steps that no later one builds on: when one fails, its own run says so and the day goes on."""


def run_cycle(context: Context, day: date, *, again: bool = False) -> Ran:
    """Every step of the business day, in order. With `again` a day that is done is run again, without harm.

    A step that failed as a whole fails the cycle there; single payers, orders or messages that failed do not.
    Raises: OutOfRange for a day that has not begun; Busy when another process is at a step; DatabaseAway.
    """
    command = OpenRun(CYCLE, day.isoformat(), day, again=again, tasks=0)
    with context.locks.of(CYCLE):
        opened = context.center.transact(ACTOR, lambda work: open_run(work, command, context.worker))
        if not opened.yours:
            return Ran(opened.run, yours=False)
        return Ran(_drive(context, opened.run, again=again))


def continue_cycle(context: Context, run_id: str, *, retry: bool = False) -> Ran:
    """Go on with a cycle that nobody drives any more; with `retry` with one that failed or was stopped.

    Raises: OutOfRange when there is nothing to go on with; Busy; DatabaseAway.
    """
    opening = retry_run if retry else take_over_run
    with context.locks.of(CYCLE):
        opened: Opened = context.center.transact(ACTOR, lambda work: opening(work, run_id, context.worker))
        return Ran(_drive(context, opened.run, again=retry)) if opened.yours else Ran(opened.run, yours=False)


def catch_up(context: Context, *, retry: bool = True) -> list[date]:
    """Run the days that are due and not done, in order; returns those that were done here.

    A day that failed or was stopped ends it there; one that had failed before is tried again with `retry`.
    Raises: Busy; DatabaseAway.
    """
    done: list[date] = []
    for day in days_due(context.center):
        if context.leave():
            break
        with context.center.reading() as work:
            before = run_of_period(work, CYCLE, day.isoformat())
        if before is not None and before.state is RunState.FAILED and not retry:
            break
        ran = run_cycle(context, day)
        if not ran.done:
            break
        if ran.yours:
            done.append(day)
    return done


def days_due(center: Center) -> list[date]:
    """The business days whose cycle has fallen due since the last one that was done.

    A database that never had a cycle begins with today.
    """
    with center.reading() as work:
        last = last_day_done(work, CYCLE)
        today, at = work.today, work.at
    newest = today if at >= moment_of(today, center.settings) else today - ONE_DAY
    if last is None:
        return [today] if newest == today else []
    return [last + ONE_DAY * n for n in range(1, (newest - last).days + 1)]


def moment_of(day: date, settings: Settings) -> datetime:
    """The instant (UTC) at which a day's cycle falls due: `schedule_cycle` in the business time zone."""
    return datetime.combine(day, time.fromisoformat(settings.schedule_cycle), settings.zone).astimezone(UTC)


def moments_between(after: datetime, until: datetime, settings: Settings) -> Iterator[datetime]:
    """The moments at which a cycle falls due, later than `after` and not later than `until`, in order."""
    day = civil_day(after, settings.zone)
    while (moment := moment_of(day, settings)) <= until:
        if moment > after:
            yield moment
        day += ONE_DAY


def failure_of(run: Run) -> Broken:
    """The error that says why a run did not end well."""
    error = run.error or "no reason was kept"
    return Broken(f"run {run.run_id} is {run.state.value}: {error}", run_id=run.run_id)


def _drive(context: Context, cycle: Run, *, again: bool) -> Run:
    asked_by = AskedBy.AGAIN if again else AskedBy.CYCLE
    inside = replace(context, driving=(cycle.run_id,))
    with bound_contextvars(cycle=cycle.period_key):
        kept_at = context.worker.now()
        try:
            for step in STEPS:
                if context.leave() or _is_stopping(context, cycle):
                    return _close(context, cycle, left=True)
                if (context.worker.now() - kept_at).total_seconds() * 3 > context.center.settings.task_lease_s:
                    context.center.transact(
                        ACTOR, partial(keep_driving, run_id=cycle.run_id, worker=context.worker)
                    )
                    kept_at = context.worker.now()
                ran = run_job(inside, step, cycle.business_day, asked_by)
                if ran.done:
                    continue
                assert ran.run is not None
                if ran.run.state in (RunState.RUNNING, RunState.STOPPING):
                    if context.leave():
                        return _close(context, cycle, left=True)
                    raise Busy(f"run {ran.run.run_id} is under way on {ran.run.node}", run_id=ran.run.run_id)
                log.error("cycle_step_failed", step=step.job_id, run_id=ran.run.run_id, state=ran.run.state.value)
                if step.job_id not in BESIDE:
                    return _close(context, cycle, error=failure_of(ran.run).message)
        except Busy:
            _close(context, cycle, left=True)
            raise
        except Exception as error:  # whatever breaks the day as a whole is the cycle's failure
            log.exception("cycle_failed")
            code, message = told(error)
            return _close(context, cycle, error=f"{code}: {message}")
        return _close(context, cycle)


def _is_stopping(context: Context, cycle: Run) -> bool:
    with context.center.reading() as work:
        return state_of(work, cycle.run_id) is not RunState.RUNNING


def _close(context: Context, cycle: Run, *, left: bool = False, error: str = "") -> Run:
    return context.center.transact(
        ACTOR, lambda work: close_run(work, cycle.run_id, context.worker, left=left, error=error)
    )
