"""Recording and rating in processes of their own; by itself, since what is spawned imports no `__main__`."""

from datetime import date, datetime
from itertools import islice
from threading import Barrier

import structlog

from benchmarks.company.company import Company
from benchmarks.company.fill import command_of
from billing_center.bootstrap import open_center
from billing_center.center import Center, UnitOfWork
from billing_center.clock import SettableClock
from billing_center.settings import Settings
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.record_usage import record_usages

INGEST_BATCH = 5000
ROUND = 250_000
"""Uses that are made up at once: memory does not grow with their number."""
_here: list[Center] = []


def begin(url: str, at: datetime) -> None:
    """A process of a pool opens its own center."""
    _here[:] = [open_quietly(url, at)]


def open_quietly(url: str, at: datetime) -> Center:
    """A center for a process of its own."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    return open_center(Settings(database_url=url), clock=SettableClock(at))


def ready(n: int) -> None:
    """It is there, and has read the catalog."""
    with _here[0].reading() as work:
        assert work.catalog.products


def rate_task(shards: tuple[int, int]) -> None:
    """Rate what waits in these shards."""
    rate_shards(_here[0], *shards)


def rate_shards(center: Center, first: int, last: int) -> None:
    """The same in the process that asks."""
    settings = center.settings

    def rate(work: UnitOfWork) -> int:
        return rate_usage(
            work,
            first_shard=first,
            last_shard=last,
            limit=settings.usage_batch,
            run_id="bench",
            of_shard=settings.usage_shard_batch,
        )

    while center.transact("bench", rate):
        pass


def record_part(
    url: str, at: datetime, company: Company, day: date, count: int, part: slice, together: Barrier
) -> None:
    """Record every so many-th batch of a day's uses, in rounds that are made up before all processes begin."""
    begin(url, at)
    ready(0)
    stream = map(command_of, company.uses(day, count))
    for _ in rounds(count):
        batches = [list(islice(stream, INGEST_BATCH)) for _ in range(0, ROUND, INGEST_BATCH)][part]
        together.wait()  # all are ready
        together.wait()
        for batch in filter(None, batches):
            _here[0].transact("bench", lambda work, batch=batch: record_usages(work, batch))  # type: ignore[misc]
        together.wait()  # all are done
        together.wait()


def rounds(count: int) -> range:
    """As many rounds as so many uses take."""
    return range(-(-count // ROUND))
