"""What worker processes count, handed to the process that is asked for metrics.

Where it stands in the walk: at the end of each task, from a worker process to the one that started it. Nothing but
what tasks count goes over: chunks and their failures. What a killed process had not handed over yet is lost, as
counters are that begin anew.
"""

import json
import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from billing_center.metrics.counted import Labels, Steps, chunk_seconds, chunks_failed

HandedOver = tuple[dict[Labels, int], dict[Labels, Steps]]
LONGEST = getattr(select, "PIPE_BUF", 512)
"""Bytes that a pipe takes in one piece, whoever else writes to it."""


def taken() -> HandedOver:
    """What this process has counted of tasks since it was last asked."""
    return chunks_failed.taken(), chunk_seconds.taken()


def merge(found: HandedOver) -> None:
    """Add what another process has counted to this one's."""
    failed, seconds = found
    for labels, number in failed.items():
        chunks_failed.add(*labels, by=number)
    chunk_seconds.add_all(seconds)


class Pipe:
    """From many processes to the one that made it before they were forked. Needs a system that can fork.

    Without a lock, which a process that is killed could hold for ever: a line is written in one piece or, when it
    is too long or the pipe is full, kept for the next time.
    """

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._in, False)

    def hand_over(self) -> None:
        """Send what this process has counted."""
        found = taken()
        failed, seconds = found
        told = [[*failed.items()], [*seconds.items()]]
        line = json.dumps(told).encode() + b"\n"
        try:
            if len(line) <= LONGEST and os.write(self._in, line) == len(line):
                return
        except BlockingIOError:
            pass  # nobody has read for a long time
        merge(found)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Add up here what arrives, until left."""
        thread = threading.Thread(target=self._listen, name="handed-over", daemon=True)
        thread.start()
        try:
            yield
        finally:
            os.write(self._in, b"\n")  # an empty line ends it
            thread.join()

    def _listen(self) -> None:
        with open(self._out, encoding="utf-8", closefd=False) as lines:
            for line in lines:
                if line == "\n":
                    return
                failed, seconds = json.loads(line)
                merge((
                    {tuple(labels): number for labels, number in failed},
                    {tuple(labels): (steps, total) for labels, (steps, total) in seconds},
                ))  # fmt: skip
