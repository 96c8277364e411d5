"""Two workers on hosts of their own, and a scratch table for toy chunks."""

from collections.abc import Iterator

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.runs.worker import Worker
from tests.billing_center.runs.scratch import Scratch, done


@pytest.fixture
def scratch(center: Center) -> Iterator[Scratch]:
    """The scratch table, empty; chunks of ten subjects."""
    done.metadata.create_all(center.database.engine)
    yield Scratch(center)
    done.metadata.drop_all(center.database.engine)


@pytest.fixture
def machine(clock: SettableClock) -> SettableClock:
    """The machine's clock, which tells leases; the business clock stands still."""
    return SettableClock(clock.at)


@pytest.fixture
def worker(machine: SettableClock) -> Worker:
    """A worker on another host, so that nobody asks this machine whether its process lives."""
    return Worker("north:10:aa", machine)


@pytest.fixture
def other(machine: SettableClock) -> Worker:
    """A second worker on yet another host."""
    return Worker("south:11:bb", machine)
