"""What this process counts where it happens, since it started.

Where it stands in the walk: under the doors, the group commit, the jobs and the senders. Plain numbers in plain
dictionaries: an ended call costs half a microsecond. `scrape` shows them to Prometheus.
"""

import os
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence

from billing_center.metrics import names
from billing_center.metrics.names import Metric

FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds in seconds for what somebody waits for."""

SLOW = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 43200.0)
"""Upper bounds in seconds for runs of jobs."""

TOGETHER = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0)
"""Upper bounds for calls that share a commit."""

Labels = tuple[str, ...]
Steps = tuple[Sequence[int], float]
"""The number of values in each step (the last one has no bound), and their sum."""


def _after_fork(begin: Callable[[], None]) -> None:
    """A forked process counts anew: what it was forked from keeps its counts, and some thread may hold a lock."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=begin)


class Counts:
    """A number for each combination of labels. Any thread may add."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self._begin()
        _after_fork(self._begin)

    def _begin(self) -> None:
        self._counts: dict[Labels, int] = {}
        self._lock = threading.Lock()

    def add(self, *labels: str, by: int = 1) -> None:
        """Count `by` more under these labels, given in the metric's order."""
        with self._lock:
            self._counts[labels] = self._counts.get(labels, 0) + by

    def all(self) -> Mapping[Labels, int]:
        """The counts now."""
        with self._lock:
            return dict(self._counts)

    def taken(self) -> dict[Labels, int]:
        """The counts now, which begin anew."""
        with self._lock:
            found, self._counts = self._counts, {}
        return found


class Spread:
    """How values are spread over steps, for each combination of labels. Any thread may add."""

    def __init__(self, metric: Metric, bounds: Sequence[float]) -> None:
        self.metric = metric
        self.bounds = tuple(bounds)
        self._begin()
        _after_fork(self._begin)

    def _begin(self) -> None:
        self._steps: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        self._lock = threading.Lock()

    def add(self, value: float, *labels: str) -> None:
        """Count a value in the first step whose bound is not below it."""
        at = bisect_left(self.bounds, value)
        with self._lock:
            steps = self._steps.get(labels)
            if steps is None:
                steps = self._steps[labels] = [0] * (len(self.bounds) + 1)
                self._sums[labels] = 0.0
            steps[at] += 1
            self._sums[labels] += value

    def add_all(self, more: Mapping[Labels, Steps]) -> None:
        """Add what another process has counted with the same bounds."""
        with self._lock:
            for labels, (steps, total) in more.items():
                before = self._steps.get(labels, [0] * len(steps))
                self._steps[labels] = [a + b for a, b in zip(before, steps, strict=True)]
                self._sums[labels] = self._sums.get(labels, 0.0) + total

    def taken(self) -> dict[Labels, Steps]:
        """What lies in the steps now; they begin anew."""
        with self._lock:
            steps, self._steps = self._steps, {}
            sums, self._sums = self._sums, {}
        return {labels: (tuple(number), sums[labels]) for labels, number in steps.items()}

    def all(self) -> Mapping[Labels, Steps]:
        """What lies in the steps now."""
        with self._lock:
            return {labels: (tuple(steps), self._sums[labels]) for labels, steps in self._steps.items()}


class EndedCalls:
    """Ended calls: how many by operation and outcome, how long by operation.

    The one place where every call passes, so it takes no lock: one event loop adds, others only look.
    """

    def __init__(self) -> None:
        self._steps: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def add(self, operation: str, outcome: str, seconds: float) -> None:
        """Count a call that was answered. Both names come from short lists, never from a caller."""
        key = (operation, outcome)
        if key not in self._sums:
            self._steps[key] = [0] * (len(FAST) + 1)
            self._sums[key] = 0.0
        self._steps[key][bisect_left(FAST, seconds)] += 1
        self._sums[key] += seconds

    def counts(self) -> Mapping[Labels, int]:
        """How many calls, by operation and outcome."""
        return {key: sum(steps) for key, steps in self._steps.copy().items()}

    def seconds(self) -> Mapping[Labels, Steps]:
        """How long calls took, by operation."""
        found: dict[Labels, Steps] = {}
        for key, steps in self._steps.copy().items():
            before, total = found.get(key[:1], ((0,) * len(steps), 0.0))
            found[key[:1]] = [a + b for a, b in zip(before, steps, strict=True)], total + self._sums.get(key, 0.0)
        return found


calls = EndedCalls()
rest_requests = Counts(names.REST_REQUESTS)
commit_calls = Spread(names.COMMIT_CALLS, TOGETHER)
commit_seconds = Spread(names.COMMIT_SECONDS, FAST)
messages_answered = Counts(names.MESSAGES_ANSWERED)
message_seconds = Spread(names.MESSAGE_SECONDS, FAST)
runs_closed = Counts(names.RUNS_CLOSED)
run_seconds = Spread(names.RUN_SECONDS, SLOW)
items_done = Counts(names.ITEMS_DONE)
items_failed = Counts(names.ITEMS_FAILED)
chunk_seconds = Spread(names.CHUNK_SECONDS, FAST)
chunks_failed = Counts(names.CHUNKS_FAILED)


def counts() -> Iterator[tuple[Metric, Mapping[Labels, int]]]:
    """Every counter with its counts now."""
    yield names.CALLS, calls.counts()
    for one in (rest_requests, messages_answered, runs_closed, items_done, items_failed, chunks_failed):
        yield one.metric, one.all()


def spreads() -> Iterator[tuple[Metric, Sequence[float], Mapping[Labels, Steps]]]:
    """Every histogram with its bounds and what lies in its steps now."""
    yield names.CALL_SECONDS, FAST, calls.seconds()
    for one in (commit_calls, commit_seconds, message_seconds, run_seconds, chunk_seconds):
        yield one.metric, one.bounds, one.all()
