"""From a use's arrival to its visible charge: real-time uses at a steady rate, through the door's own parts.

Uses are handed to the group commit as the door does it, at 1,000 a second; the pump rates them. A charge is
visible when the transaction of the pump that claimed its use has returned from its commit.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event
from time import perf_counter, sleep
from typing import Any
from unittest.mock import patch

from benchmarks.company.company import REAL_TIME, Company
from benchmarks.company.fill import command_of
from billing_center.center import Center, UnitOfWork
from billing_center.group_commit import Act, GroupCommit
from billing_center.usage import rate_usage, store
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from jobs.rating_pump import RatingPump

RATE = 1000
PATIENCE_S = 30


class Watched(Center):
    """A center that notes when the charges of claimed uses have become visible."""

    seen: dict[int, float]
    claimed: list[int]

    def transact(self, actor: str, act: Callable[[UnitOfWork], Any]) -> Any:
        """See `Center`."""
        rated = Center.transact(self, actor, act)
        now = perf_counter()
        self.seen.update((number, now) for number in self.claimed)
        return rated


def latencies(center: Center, company: Company, *, seconds: int) -> tuple[float, float, float]:
    """Run for so many seconds; p50, p99 and p99.9 in milliseconds. Raises: AssertionError for a lost use."""
    uses = _uses(center, company, RATE * seconds)
    watched = Watched(
        center.settings, center.database, center.clock, center.ids, center.catalogs, center.real_time
    )
    object.__setattr__(watched, "seen", {})
    claim = store.claim_batch

    def noted(*asked: Any, **options: Any) -> Any:
        found = claim(*asked, **options)
        object.__setattr__(watched, "claimed", [int(use.user_id) for use in found])
        return found

    pump, commits = RatingPump(watched), GroupCommit(center).start()
    with patch.object(rate_usage, "claim_batch", noted):
        pump.start()
        handed = _hand_over(commits, uses)
        commits.close()
        waited = perf_counter() + PATIENCE_S
        while len(watched.seen) < len(uses) and perf_counter() < waited:
            Event().wait(0.05)
        pump.stop()
    waits = sorted(at - handed[number] for number, at in watched.seen.items())
    assert len(waits) == len(uses), f"{len(waits):,} of {len(uses):,} became visible"
    p50, p99, p999 = (waits[min(len(waits) - 1, len(waits) * k // 1000)] * 1000 for k in (500, 990, 999))
    return p50, p99, p999


def _hand_over(commits: GroupCommit, uses: list[RecordUsage]) -> list[float]:
    """Hand the uses over at the rate; when each was."""
    handed: list[float] = []
    began = perf_counter()
    for n, use in enumerate(uses):
        wait = began + n / RATE - perf_counter()
        if wait > 0:
            sleep(wait)
        handed.append(perf_counter())
        commits.submit(Act("bench", use, bulk_verb=record_usages))
    return handed


def _uses(center: Center, company: Company, count: int) -> list[RecordUsage]:
    """Real-time uses that have happened by now, each by a user of its own: its number."""
    day = center.clock.now().astimezone(company.zone).date() - timedelta(days=1)
    made = (command_of(use) for use in company.uses(day, count, products=(REAL_TIME,)) if use.payer_id)
    return [replace(use, guid=f"latency-{n}", user_id=str(n)) for n, use in enumerate(made)]
