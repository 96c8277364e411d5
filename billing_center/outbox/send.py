"""One round of sending: claim, call the senders in parallel outside any transaction, keep the answers.

Where it stands in the walk: the job calls it until a round claims nothing. A process that dies at any point
leaves leases that end by themselves; the same message id is sent again, so the receiver can tell a repeat.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import structlog

from billing_center.center import Center, UnitOfWork
from billing_center.outbox.claim import claim, lease_seconds
from billing_center.outbox.message import Answer, Message, MessageKind, Outcome, Sender
from billing_center.outbox.record_answer import record_answers

log = structlog.get_logger()

KEPT_TOGETHER = 50
"""Answers that share one transaction at most."""


@dataclass(frozen=True, slots=True)
class SendRound:
    """What a round did: messages claimed, and how many of them were accepted."""

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
    if not senders:
        return SendRound(0, 0)
    at_once = parallel if parallel is not None else center.settings.send_parallel
    owner = center.ids.new(center.clock.now())
    lease_s = lease_seconds(center.settings, limit=limit, parallel=at_once)

    def claimed(work: UnitOfWork) -> list[Message]:
        return claim(work, kinds=senders, limit=limit, owner=owner, lease_s=lease_s)

    messages = center.transact("outbox", claimed)
    if not messages:
        return SendRound(0, 0)
    accepted = 0
    answered: list[tuple[Message, Answer]] = []
    with ThreadPoolExecutor(max_workers=min(at_once, len(messages)), thread_name_prefix="send") as pool:
        running: dict[Future[Answer], Message] = {
            pool.submit(_answer, senders[message.kind], message): message for message in messages
        }
        for future in as_completed(running):
            answered.append((running[future], future.result()))
            if len(answered) == KEPT_TOGETHER:
                accepted += _keep(center, answered)
                answered.clear()
    accepted += _keep(center, answered)
    log.info("messages_sent", claimed=len(messages), accepted=accepted)
    return SendRound(len(messages), accepted)


def _keep(center: Center, answered: Sequence[tuple[Message, Answer]]) -> int:
    if answered:
        center.transact("outbox", lambda work: record_answers(work, answered))
    return sum(answer.accepted for _, answer in answered)


def _answer(sender: Sender, message: Message) -> Answer:
    try:
        return sender(message)
    except Exception as error:  # a bug in a sender must not lose the answers of the other messages
        log.exception("sender_broken", message_id=message.message_id, kind=message.kind.value)
        return Answer(Outcome.UNKNOWN, f"the sender failed: {type(error).__name__}")
