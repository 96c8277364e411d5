"""What waits is taken once, in order, and nothing is lost when the queue is closed. No database."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from billing_center.errors import Busy, ShuttingDown
from billing_center.gathering import Gathering

WAIT_S = 30


def test_what_has_gathered_is_taken_together_the_oldest_first() -> None:
    queue: Gathering[int] = Gathering(10)
    for n in range(5):
        queue.put(n)
    assert len(queue) == 5
    assert queue.take(3) == [0, 1, 2]
    assert queue.take(3) == [3, 4]


def test_one_too_many_is_told_so_at_once() -> None:
    queue: Gathering[int] = Gathering(2)
    queue.put(1)
    queue.put(2)
    with pytest.raises(Busy):
        queue.put(3)
    assert queue.take(9) == [1, 2]


def test_what_waits_at_the_end_is_taken_and_then_every_taker_is_told() -> None:
    queue: Gathering[int] = Gathering(10)
    queue.put(1)
    queue.close()
    queue.close()
    with pytest.raises(ShuttingDown):
        queue.put(2)
    assert queue.take(9) == [1]
    assert queue.take(9) is None
    assert queue.take(9) is None


def test_a_taker_that_sleeps_is_woken_by_an_event_loop() -> None:
    queue: Gathering[int] = Gathering(100)

    async def story() -> list[int]:
        loop = asyncio.get_running_loop()
        found: list[int] = []
        for turn in range(20):
            taking = loop.run_in_executor(None, queue.take, 100)
            for n in range(3):
                queue.put(3 * turn + n, loop)
            found += await taking or []
        return found + (queue.take(100) or [] if len(queue) else [])

    assert asyncio.run(story()) == list(range(60))


@pytest.mark.parametrize("takers", [1, 3])
def test_many_threads_lose_nothing_also_while_it_is_closed(takers: int) -> None:
    queue: Gathering[tuple[int, int]] = Gathering(1_000_000)
    taken: list[list[tuple[int, int]]] = []
    begun, enough = threading.Barrier(5), threading.Event()

    def take() -> None:
        while (batch := queue.take(7)) is not None:
            taken.append(batch)
            if len(taken) >= 200:
                enough.set()

    def put(sender: int) -> int:
        begun.wait(WAIT_S)
        for n in range(100_000):
            try:
                queue.put((sender, n))
            except ShuttingDown:
                return n
        return 100_000

    with ThreadPoolExecutor(takers + 4) as pool:
        taking = [pool.submit(take) for _ in range(takers)]
        putting = [pool.submit(put, sender) for sender in range(4)]
        begun.wait(WAIT_S)
        enough.wait(WAIT_S)
        queue.close()
        counts = [one.result(WAIT_S) for one in putting]
        for one in taking:
            one.result(WAIT_S)
    together = [item for batch in taken for item in batch]
    assert sorted(together) == [(sender, n) for sender, count in enumerate(counts) for n in range(count)]
    if takers == 1:
        assert all([n for s, n in together if s == sender] == list(range(counts[sender])) for sender in range(4))
