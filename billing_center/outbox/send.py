"""Sending: claim, call the senders in parallel outside any transaction, keep the answers together.

Where it stands in the walk: the sending jobs. While the senders wait for the other side, answers that came are
recorded and the next messages are claimed, so neither waits for the other. A process that dies at any point leaves
leases that end by themselves; the same message id is sent again, so the receiver can tell a repeat.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from time import perf_counter
from types import TracebackType
from typing import Self

import structlog

from billing_center.center import Center, UnitOfWork
from billing_center.metrics.counted import message_seconds, messages_answered
from billing_center.outbox.claim import claim, lease_seconds
from billing_center.outbox.message import Answer, Message, MessageKind, Outcome, Sender
from billing_center.outbox.record_answer import record_answers
from billing_center.tracing import span

log = structlog.get_logger()

KEPT_TOGETHER = 500
"""Answers that share one transaction at most."""

QUIET_S = 0.02
"""Answers that came are recorded when no other one has come for so long."""

CLAIMED_TOGETHER = 500
"""Messages in one claim at most."""

Answered = tuple[Message, Answer]


@dataclass(frozen=True, slots=True)
class SendRound:
    """What sending did: messages claimed, and how many of them were accepted."""

    claimed: int
    accepted: int

    @property
    def failed(self) -> int:
        """Messages that will be tried again, or wait for a person."""
        return self.claimed - self.accepted


def send_round(
    center: Center, senders: Mapping[MessageKind, Sender], *, limit: int = 200, parallel: int | None = None
) -> SendRound:
    """Send up to `limit` messages that are due, `parallel` (default: `send_parallel`) at once.

    Messages of a kind without a sender wait, and no try is counted. Raises: DatabaseAway, Busy.
    """
    claims = iter((limit,))
    return _send(center, senders, limit=limit, parallel=parallel, go_on=lambda: next(claims, 0) > 0)


def send_due(
    center: Center,
    senders: Mapping[MessageKind, Sender],
    *,
    go_on: Callable[[], bool],
    kept: Callable[[int], None],
) -> SendRound:
    """Send until nothing is due, or `go_on` says no: then what was claimed is still sent and recorded.

    `kept` hears of every batch of answers how many there were. Raises: DatabaseAway, Busy.
    """
    return _send(center, senders, limit=CLAIMED_TOGETHER, go_on=go_on, kept=kept)


def _send(
    center: Center,
    senders: Mapping[MessageKind, Sender],
    *,
    limit: int,
    go_on: Callable[[], bool],
    parallel: int | None = None,
    kept: Callable[[int], None] = lambda answers: None,
) -> SendRound:
    """Keep the senders busy: claim again when fewer messages are left than they may send at once, twice over."""
    at_once = parallel if parallel is not None else center.settings.send_parallel
    enough = 2 * at_once
    lease_s = lease_seconds(center.settings, limit=limit + enough, parallel=at_once)
    owner = center.ids.new(center.clock.now())

    def claimed(work: UnitOfWork) -> list[Message]:
        return claim(work, kinds=senders, limit=limit, owner=owner, lease_s=lease_s)

    answers: SimpleQueue[Answered] = SimpleQueue()
    open_messages = claims = accepted = 0
    is_more = bool(senders)
    with _SendingThreads(at_once, lambda message: _answer(senders[message.kind], message, answers)) as threads:
        while True:
            if is_more and open_messages < enough:
                messages = center.transact("outbox", claimed) if go_on() else []
                is_more = bool(messages)
                threads.take(messages)
                claims += len(messages)
                open_messages += len(messages)
                continue
            if not open_messages:
                break
            batch = _next_answers(answers, open_messages - enough + 1 if is_more else open_messages)
            center.transact("outbox", lambda work, batch=batch: record_answers(work, batch))  # type: ignore[misc]
            open_messages -= len(batch)
            accepted += sum(answer.accepted for _, answer in batch)
            kept(len(batch))
    if claims:
        log.info("messages_sent", claimed=claims, accepted=accepted)
    return SendRound(claims, accepted)


class _SendingThreads:
    """Threads that senders run in, started as they are needed.

    When sending breaks off, what no sender has begun is left to its lease.
    """

    def __init__(self, number: int, send: Callable[[Message], None]) -> None:
        self._number = number
        self._send = send
        self._waiting: SimpleQueue[Message | None] = SimpleQueue()
        self._threads: list[Thread] = []

    def take(self, messages: Sequence[Message]) -> None:
        """Send these as soon as a thread is free."""
        for message in messages:
            self._waiting.put(message)
        for _ in messages[: self._number - len(self._threads)]:
            thread = Thread(target=self._work, name=f"send_{len(self._threads)}")
            thread.start()
            self._threads.append(thread)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Empty):
            while True:
                self._waiting.get_nowait()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (message := self._waiting.get()) is not None:
            self._send(message)


def _next_answers(answers: SimpleQueue[Answered], limit: int) -> Sequence[Answered]:
    """The next answer, and those that follow it closely: so many at most."""
    batch = [answers.get()]
    while len(batch) < min(limit, KEPT_TOGETHER):
        try:
            batch.append(answers.get(timeout=QUIET_S))
        except Empty:
            break
    return batch


def _answer(sender: Sender, message: Message, answers: SimpleQueue[Answered]) -> None:
    began = perf_counter()
    try:
        with span("send", kind=message.kind.value, message_id=message.message_id):
            answer = sender(message)
    except Exception as error:  # a bug in a sender must not lose the answers of the other messages
        log.exception("sender_broken", message_id=message.message_id, kind=message.kind.value)
        answer = Answer(Outcome.UNKNOWN, f"the sender failed: {type(error).__name__}")
    message_seconds.add(perf_counter() - began, message.kind.value)
    messages_answered.add(message.kind.value, answer.outcome.value)
    answers.put((message, answer))
