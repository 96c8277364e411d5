"""The scheduler: APScheduler on every node, which only asks; the rows decide who acts.

Where it stands in the walk: `serve` starts it beside the doors. Schedules come from the settings and live in
memory; a firing that was missed is merged into the next, and what was missed while no node ran is computed
from the table of runs. Design: scale, section 7.
"""

import logging
import threading
from collections.abc import Callable
from datetime import date
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from billing_center.center import Center
from billing_center.clock import civil_day
from billing_center.errors import Busy
from billing_center.runs.show_runs import abandoned_runs
from billing_center.test_clock import StoredTestClock
from jobs import check_alerts, rate_usage, release_parked, send_controls, send_deductions
from jobs.choose_executor import executor_for
from jobs.cycle import CYCLE, catch_up, continue_cycle
from jobs.job import Context, Executor, Job, Senders, Watch, unwatched
from jobs.rating_pump import RatingPump
from jobs.run_job import AskedBy, continue_run, run_job

log = structlog.get_logger()

SWEEP_S = 60
"""Seconds between two looks for runs that a dead process left."""


def start(
    center: Center, senders: Senders, *, executor: Executor | None = None, watch: Watch = unwatched
) -> "RunningScheduler":
    """Start the schedules and the rating of real-time products in threads of this process.

    Under the test clock only real-time rating runs: everything else happens when the clock is advanced.
    Days that were missed are caught up at once. Call `stop()` before the process ends.
    """
    running = RunningScheduler(center, senders, executor or executor_for(center.settings), watch)
    running.begin()
    return running


class RunningScheduler:
    """The schedules of one process, from `start` to `stop`."""

    def __init__(self, center: Center, senders: Senders, executor: Executor, watch: Watch) -> None:
        self._stopping = threading.Event()
        self._executor = executor
        self._pump = RatingPump(center)
        self._schedules: BackgroundScheduler | None = None
        self.context = Context(center, senders, executor, leave=self._stopping.is_set, watch=watch)

    def begin(self) -> None:
        """Start the threads."""
        self._pump.start()
        if isinstance(self.context.center.clock, StoredTestClock):
            log.info("scheduler_waits_for_the_test_clock")
            return
        self._schedules = self._made()
        self._schedules.start()
        log.info("scheduler_started", jobs=[job.id for job in self._schedules.get_jobs()])

    def stop(self) -> None:
        """Take no new work, wait for the chunks under way, and let go of what is not finished."""
        self._stopping.set()
        if self._schedules is not None:
            self._schedules.shutdown(wait=True)
            self._schedules = None
        self._pump.stop()
        self._executor.close()
        log.info("scheduler_stopped")

    def tick(self, job: Job) -> None:
        """One firing of a job that runs whenever something is due."""
        self._fire(job.job_id, partial(run_job, self.context, job, self._today(), AskedBy.TICK))

    def cycle(self) -> None:
        """The daily firing: every day that is due, also one that failed before."""
        self._fire(CYCLE, partial(catch_up, self.context))

    def sweep(self) -> None:
        """Go on with what dead processes left, and with days that fell due while nobody fired."""
        with self.context.center.reading() as work:
            runs = abandoned_runs(work, self.context.worker)
        for run in runs:
            go_on = continue_cycle if run.job == CYCLE else continue_run
            self._fire(run.job, partial(go_on, self.context, run.run_id))
        self._fire(CYCLE, partial(catch_up, self.context, retry=False))

    def _made(self) -> BackgroundScheduler:
        settings = self.context.center.settings
        # Its own log tells of every firing and of each that a longer one made needless; firings never raise.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        schedules = BackgroundScheduler(
            timezone=settings.zone,
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(8)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        hour, minute = settings.schedule_cycle.split(":")
        daily = CronTrigger(hour=int(hour), minute=int(minute), timezone=settings.zone)
        schedules.add_job(self.cycle, daily, id=CYCLE, replace_existing=True)
        schedules.add_job(self.cycle, id="catch_up_at_start", replace_existing=True)  # once, now
        ticks = {
            rate_usage.JOB: settings.schedule_rating_s,
            send_deductions.JOB: settings.schedule_sending_s,
            send_controls.JOB: settings.schedule_sending_s,
            release_parked.JOB: settings.schedule_parked_s,
            check_alerts.JOB: settings.schedule_alerts_s,
        }
        for job, seconds in ticks.items():
            every = IntervalTrigger(seconds=seconds, timezone=settings.zone)
            schedules.add_job(self.tick, every, args=[job], id=job.job_id, replace_existing=True)
        every = IntervalTrigger(seconds=SWEEP_S, timezone=settings.zone)
        schedules.add_job(self.sweep, every, id="sweep", replace_existing=True)
        return schedules

    def _fire(self, name: str, act: Callable[[], object]) -> None:
        """A firing never raises: what it could not do now, the next one meets again."""
        if self._stopping.is_set():
            return
        try:
            act()
        except Busy as error:
            log.warning("firing_put_off", job=name, reason=error.message)
        except Exception:  # a broken firing is told, and the schedule goes on
            log.exception("firing_failed", job=name)

    def _today(self) -> date:
        center = self.context.center
        return civil_day(center.clock.now(), center.settings.zone)
