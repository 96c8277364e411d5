"""What forked processes count arrives once where it is asked for."""

import multiprocessing
import sys

import pytest

from billing_center.metrics.counted import chunk_seconds, chunks_failed
from billing_center.metrics.handed_over import Pipe, merge, taken
from tests.other_processes import LONGEST_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing forks there")


def work(pipe: Pipe, failures: int) -> None:
    """A process of its own: two tasks."""
    for _ in range(2):
        chunk_seconds.add(0.25, "rate_days")
        chunks_failed.add("rate_days", by=failures)
        pipe.hand_over()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forking beside threads, which is the point here
def test_processes_hand_over_what_they_counted_and_nothing_of_who_forked_them() -> None:
    taken()
    chunks_failed.add("rate_days", by=100)  # is here already, and must not come back from the children
    pipe, context = Pipe(), multiprocessing.get_context("fork")
    with pipe.listening():
        processes = [context.Process(target=work, args=(pipe, failures)) for failures in (1, 10)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(LONGEST_S)
            assert process.exitcode == 0
    failed, seconds = taken()
    assert failed == {("rate_days",): 100 + 2 * 1 + 2 * 10}
    steps, total = seconds[("rate_days",)]
    assert (sum(steps), total) == (4, 1.0)
    assert taken() == ({}, {})


def test_counts_of_two_processes_are_added_up() -> None:
    taken()
    for _ in range(2):
        merge(({("purge",): 3}, {("purge",): ((0, 2) + (0,) * 14, 0.5)}))
    failed, seconds = taken()
    assert failed == {("purge",): 6}
    assert seconds == {("purge",): ((0, 4) + (0,) * 14, 1.0)}
