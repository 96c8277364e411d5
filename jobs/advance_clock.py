"""Moving the test clock: what fell due on the way is run, in order, at the moment it fell due.

Where it stands in the walk: `clock advance`, the REST door, `demo` and the scenario tests. Killed in the middle
it is simply advanced again: the clock stands at the moment it had reached, and rows say what is done there.
Design: architecture, "The test clock".
"""

from dataclasses import dataclass
from datetime import date, datetime

from billing_center.center import Center
from billing_center.clock import civil_day
from billing_center.errors import Busy, OutOfRange
from billing_center.runs.show_runs import abandoned_runs, run_of_period
from billing_center.test_clock import in_milliseconds, require_test_clock
from jobs import rate_usage, release_parked, send_controls, send_deductions
from jobs.cycle import CYCLE, catch_up, continue_cycle, days_due, failure_of, moments_between
from jobs.executor import InThisProcess
from jobs.job import Context, Executor, Senders, Watch, unwatched
from jobs.run_job import AskedBy, continue_run, run_job

TICKS = (release_parked.JOB, rate_usage.JOB, send_deductions.JOB, send_controls.JOB)


@dataclass(frozen=True, slots=True)
class Advanced:
    """Where the clock stands now, and the days whose cycle was run on the way."""

    at: datetime
    cycles: tuple[date, ...]


def advance(
    center: Center,
    to: datetime,
    senders: Senders,
    progress: Watch = unwatched,
    *,
    executor: Executor | None = None,
) -> Advanced:
    """Move the test clock to an instant, stopping at each moment at which a daily cycle falls due.

    At each stop the jobs that tick run, then the cycle; at the end the jobs that tick. To the present instant
    it runs what is due now. Raises: ClockRefused on the real clock; OutOfRange when `to` lies in the past;
    Busy when another process runs jobs or moves the clock; Broken when a cycle fails.
    """
    clock = require_test_clock(center.clock)
    now, to = clock.now(), in_milliseconds(to)
    if to < now:
        raise OutOfRange(f"the clock stands at {now.isoformat()} and never goes back", field="to")
    context = Context(center, senders, executor or InThisProcess(), watch=progress)
    cycles = _stop_here(context)
    for moment in moments_between(now, to, center.settings):
        clock.move(moment)
        cycles += _stop_here(context)
    if clock.now() < to:
        clock.move(to)
        cycles += _stop_here(context)
    return Advanced(to, tuple(cycles))


def _stop_here(context: Context) -> list[date]:
    """Everything that is due at the present instant."""
    with context.center.reading() as work:
        left = abandoned_runs(work, context.worker)
    for run in left:
        if run.job == CYCLE:
            continue_cycle(context, run.run_id)
        else:
            continue_run(context, run.run_id)
    day = civil_day(context.center.clock.now(), context.center.settings.zone)
    for job in TICKS:
        ran = run_job(context, job, day, AskedBy.TICK)
        if not ran.yours:
            raise Busy(f"another process is running {job.job_id}")
    done = catch_up(context)
    due = days_due(context.center)
    if due:
        with context.center.reading() as work:
            failed = run_of_period(work, CYCLE, due[0].isoformat())
        raise Busy(f"the cycle of {due[0]} was not run") if failed is None else failure_of(failed)
    return done
