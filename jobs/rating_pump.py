"""Real-time rating: a thread that sleeps until a use of a real-time product has been committed here.

Where it stands in the walk: beside the scheduler, in the process of the door. It has no row of runs: its
charges name the run `real_time:DAY`. Whatever it leaves (it was busy, it failed, another process took the
call) is rated by the next tick of `rate_usage`. Design: billing rules, mode 1.
"""

import threading

import structlog

from billing_center.center import Center, UnitOfWork
from billing_center.errors import Busy
from billing_center.ids import SHARDS
from billing_center.runs.work_task import ACTOR
from billing_center.usage.rate_usage import rate_usage

log = structlog.get_logger()

PAUSE_S = 0.2
"""Wait before another try when the database was busy."""


class RatingPump:
    """Rates uses of real-time products at once."""

    def __init__(self, center: Center) -> None:
        self._center = center
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._pump, name="rating-pump", daemon=True)

    def start(self) -> None:
        """Begin; what was left by an earlier process is rated first."""
        self._center.real_time.wake()
        self._thread.start()

    def stop(self) -> None:
        """End after the batch under way."""
        self._stopping.set()
        self._center.real_time.wake()
        self._thread.join()

    def _pump(self) -> None:
        while not self._stopping.is_set():
            self._center.real_time.wait()
            self._center.real_time.clear()
            try:
                self._rate_all()
            except Busy:
                if not self._stopping.wait(PAUSE_S):
                    self._center.real_time.wake()
            except Exception:  # the thread must live; the next tick of rate_usage meets the same uses
                log.exception("real_time_rating_failed")

    def _rate_all(self) -> None:
        limit = self._center.settings.usage_batch

        def rate(work: UnitOfWork) -> int:
            return rate_usage(
                work,
                first_shard=0,
                last_shard=SHARDS - 1,
                limit=limit,
                run_id=f"real_time:{work.today}",
                real_time_only=True,
            )

        while not self._stopping.is_set() and self._center.transact(ACTOR, rate) == limit:
            continue
