"""Batches without the search for rings of garbage: what they make refers to each other in none.

A batch makes a hundred thousand values and lets go of them at its end. Python looks through all that live again
and again while they grow: half of the time of rating a use. Where it stands in the walk: around batches of any
kind; never around what waits for somebody.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

FEW = 500
"""Rows below which it is not worth while, nor good: calls that never end would keep it away for ever."""

_lock = threading.Lock()
_inside = 0
_was_on = True


@contextmanager
def uncollected(rows: int) -> Iterator[None]:
    """No search for rings inside a batch of so many rows, in any thread, until the last such batch is done."""
    global _inside, _was_on
    if rows < FEW:
        yield
        return
    with _lock:
        if not _inside:
            _was_on = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _was_on:
                gc.enable()
