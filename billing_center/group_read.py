"""Group reading: questions that arrive together share one look at the database.

Where it stands in the walk: between the doors and the use cases that only read, as `group_commit` is for those
that write. A reader thread takes whatever queued while the previous look lasted and asks it all in one read
transaction that begins after the last of them arrived, so nobody sees an older state than alone. A question that
fails in any way no use case named spoils nobody's: what is left of its batch is asked one by one.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from billing_center.center import Center, UnitOfWork
from billing_center.errors import DatabaseAway, Refused
from billing_center.gathering import Gathering

log = structlog.get_logger()

TOGETHER = 64
"""Questions that share one look at most: a long one holds up no more than these."""

Tell = Callable[[Any, BaseException | None], None]
"""Told the answer and None, or None and what the question raised."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by whom, and whom to tell."""

    actor: str
    ask: Callable[[UnitOfWork], Any]
    tell: Tell
    loop: asyncio.AbstractEventLoop


class GroupRead:
    """The queue and its reader threads. `hand_in` is for the loop's thread, all else for any."""

    def __init__(self, center: Center, *, threads: int = 2, queue_limit: int | None = None) -> None:
        self._center = center
        limit = center.settings.queue_limit if queue_limit is None else queue_limit
        self._queue: Gathering[Question] = Gathering(limit)
        self._threads = [
            threading.Thread(target=self._read, name=f"group-read-{n}", daemon=True) for n in range(threads)
        ]

    def start(self) -> "GroupRead":
        """Start the reader threads."""
        for thread in self._threads:
            thread.start()
        return self

    def hand_in(self, question: Question) -> None:
        """Queue a question; its asker is told in its event loop, in which this is to be called.

        Raises: Busy at once when too many wait; ShuttingDown.
        """
        self._queue.put(question, question.loop)

    def close(self, timeout_s: float | None = None) -> None:
        """Take no new questions, answer what is queued, stop the threads. Harmless when repeated."""
        self._queue.close()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout_s)

    def _read(self) -> None:
        while (batch := self._queue.take(TOGETHER)) is not None:
            answers = answer_all(self._center, batch)
            by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Question, Any, BaseException | None]]] = {}
            for question, (answer, error) in zip(batch, answers, strict=True):
                by_loop.setdefault(question.loop, []).append((question, answer, error))
            for loop, told in by_loop.items():
                try:
                    loop.call_soon_threadsafe(_tell_all, told)
                except RuntimeError:  # the loop is closed: nobody is left to be told
                    log.warning("answers_undeliverable", calls=len(told))


def answer_all(center: Center, batch: list[Question]) -> list[tuple[Any, BaseException | None]]:
    """An answer or an error for each question, in order. Never raises."""
    answers: list[tuple[Any, BaseException | None]] = []
    try:
        with center.reading(batch[0].actor) as work:
            for question in batch:
                work.actor = question.actor
                try:
                    answers.append((question.ask(work), None))
                except Refused as refused:
                    answers.append((None, refused))
    except DatabaseAway as away:
        return answers + [(None, away)] * (len(batch) - len(answers))
    except Exception as error:  # noqa: BLE001 (it is the answer to one of them; the others must be answered too)
        if len(batch) == 1:
            return [(None, error)]
        log.warning("shared_look_failed", calls=len(batch), error=type(error).__name__)
        for question in batch[len(answers) :]:
            answers.extend(answer_all(center, [question]))
    return answers[: len(batch)]


def _tell_all(told: list[tuple[Question, Any, BaseException | None]]) -> None:
    for question, answer, error in told:
        question.tell(answer, error)
