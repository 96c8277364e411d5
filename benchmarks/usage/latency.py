"""From a use's arrival to its visible charge: real-time uses at a steady rate, through the door's own parts.

Uses are handed to the group commit as the door does it, at 1,000 a second, and the pump rates them. They are rated in
the order in which they came, so the n-th charge is that of the n-th use; it is visible when the pump's transaction
has returned from its commit.
"""

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from time import perf_counter, sleep
from typing import Any

from benchmarks.company.company import REAL_TIME, Company
from benchmarks.company.fill import command_of
from billing_center.center import Center, UnitOfWork
from billing_center.group_commit import Act, GroupCommit
from billing_center.usage.record_usage import RecordUsage, record_usages
from jobs.rating_pump import RatingPump

RATE = 1000
PATIENCE_S = 30


def latencies(center: Center, company: Company, *, seconds: int) -> str:
    """Run for so many seconds; a sentence with the percentiles."""
    uses = _uses(center, company, RATE * seconds)
    handed: list[float] = []
    seen: list[float] = []
    all_seen = Event()

    class Watched(Center):
        """A center that notes when the pump's transactions have returned."""

        def transact(self, actor: str, act: Callable[[UnitOfWork], Any]) -> Any:
            """See `Center`."""
            rated = super().transact(actor, act)
            seen.extend([perf_counter()] * rated)
            if len(seen) >= len(uses):
                all_seen.set()
            return rated

    watched = Watched(
        center.settings, center.database, center.clock, center.ids, center.catalogs, center.real_time
    )
    pump, commits = RatingPump(watched), GroupCommit(center).start()
    pump.start()
    began = perf_counter()
    for n, use in enumerate(uses):
        wait = began + n / RATE - perf_counter()
        if wait > 0:
            sleep(wait)
        handed.append(perf_counter())
        commits.submit(Act("bench", use, bulk_verb=record_usages))
    all_seen.wait(PATIENCE_S)
    commits.close()
    pump.stop()
    waits = sorted(there - at for at, there in zip(handed, seen, strict=False))
    if not waits:
        return "Event to visible charge: none became visible."
    p50, p99, p999 = (waits[min(len(waits) - 1, len(waits) * k // 1000)] * 1000 for k in (500, 990, 999))
    return (
        f"Event to visible charge at {RATE}/s: {len(waits):,} of {len(uses):,} seen, p50 {p50:.0f} ms, "
        f"p99 {p99:.0f} ms, p99.9 {p999:.0f} ms."
    )


def _uses(center: Center, company: Company, count: int) -> list[RecordUsage]:
    """Real-time uses that have happened by now, each once, with a payer."""
    day = center.clock.now().astimezone(company.zone).date() - timedelta(days=1)
    made = (command_of(use) for use in company.uses(day, count, products=(REAL_TIME,)))
    return list({use.guid: use for use in made if use.guid and use.payer_id}.values())
