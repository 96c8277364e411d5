"""A queue from event loops to threads: who takes gets all that has gathered meanwhile.

Nothing is locked: a loop would wait for a thread that waits for the interpreter. A thread that sleeps is woken at
the end of the loop's turn, so what came in one turn is taken together. Where it stands in the walk: `group_commit`
and `group_read` wait for their work here.
"""

import asyncio
from collections import deque
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from billing_center.errors import Busy, ShuttingDown

T = TypeVar("T")


class Gathering(Generic[T]):
    """Every method may be called from any thread; `put` with a loop only in that loop."""

    def __init__(self, limit: int) -> None:
        """`limit`: items that may wait."""
        self._limit = limit
        self._items: deque[T] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()  # rung after something was put; once too often is harmless
        self._ringing: set[asyncio.AbstractEventLoop] = set()  # they ring at the end of their turn
        self._closing = False
        self._ended = False

    def put(self, item: T, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Let an item wait. Raises: Busy at once when too many do; ShuttingDown once closed."""
        if self._closing:
            raise _shutting_down()
        if len(self._items) >= self._limit:
            raise Busy("too many calls are waiting: send it again in a moment")
        self._items.append(item)
        if self._ended and self._takes_back(item):
            raise _shutting_down()
        if loop is None:
            self._bell.put(None)
        elif loop not in self._ringing:
            self._ringing.add(loop)
            loop.call_soon(self._ring, loop)

    def take(self, most: int) -> list[T] | None:
        """What waits, the oldest first, at most so many; sleeps while nothing does. None once closed and empty."""
        while True:
            self._silence()
            if taken := self._taken(most):
                if self._items:
                    self._bell.put(None)  # for another thread, or the next time
                return taken
            if self._ended:
                self._bell.put(None)  # for another thread
                return None
            if self._closing:
                self._ended = True  # who puts from now on sees it; who did before is taken in the next round
                continue
            self._bell.get()

    def close(self) -> None:
        """Let nothing more wait; what does is still taken. Harmless when repeated."""
        self._closing = True
        self._bell.put(None)

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._items)

    def _taken(self, most: int) -> list[T]:
        taken: list[T] = []
        try:
            while len(taken) < most:
                taken.append(self._items.popleft())
        except IndexError:
            pass
        return taken

    def _takes_back(self, item: T) -> bool:
        try:
            self._items.remove(item)
        except ValueError:
            return False  # it was the last to be taken
        return True

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._ringing.discard(loop)
        self._bell.put(None)

    def _silence(self) -> None:
        """Forget what was rung so far: whoever put something before it is about to be taken."""
        try:
            while not self._bell.empty():
                self._bell.get_nowait()
        except Empty:  # another thread was faster
            pass


def _shutting_down() -> ShuttingDown:
    return ShuttingDown("the center is shutting down: send it again in a moment")
