"""Rating in a process of its own. Apart from the command, since a spawned process does not import `__main__`."""

from datetime import datetime

import structlog

from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.settings import Settings
from billing_center.usage.rate_usage import rate_usage

_here: list[Center] = []


def begin(url: str, at: datetime) -> None:
    """A process of a pool opens its own center."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    _here[:] = [open_center(Settings(database_url=url), clock=SettableClock(at))]


def ready(n: int) -> None:
    """It is there, and has read the catalog."""
    with _here[0].reading() as work:
        assert work.catalog.products


def rate_task(shards: tuple[int, int]) -> None:
    """Rate what waits in these shards."""
    rate_shards(_here[0], *shards)


def rate_shards(center: Center, first: int, last: int) -> None:
    """The same in the process that asks."""
    while center.transact(
        "bench",
        lambda work: rate_usage(
            work, first_shard=first, last_shard=last, limit=center.settings.usage_batch, run_id="bench"
        ),
    ):
        pass
