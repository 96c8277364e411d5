"""What came back for a message: kept as a try, and the message is sent, waits longer, or is held for a person."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Row

from billing_center.center import UnitOfWork
from billing_center.invoice.change_state import mark_sent
from billing_center.outbox.message import Answer, Message, MessageKind, MessageState
from billing_center.outbox.store import CHANGED, keep_tries, lock_standing, set_messages

log = structlog.get_logger()

LONGEST_ANSWER = 400


def record_answer(work: UnitOfWork, message: Message, answer: Answer) -> None:
    """Keep one answer; see `record_answers`."""
    record_answers(work, [(message, answer)])


def record_answers(work: UnitOfWork, answered: Sequence[tuple[Message, Answer]]) -> None:
    """Keep the answers of different messages in one transaction.

    Accepted: the message is SENT, whoever holds its lease by now, and the invoice of a deduction becomes SENT
    unless its outcome is known. Not accepted: it is tried again after a wait that doubles from
    `send_first_wait_s` to `send_longest_wait_s`; after `send_tries` tries it is HELD for a person. An answer
    that comes after its lease was lost is kept as a try, and only an acceptance changes anything.
    """
    rows = lock_standing(work.connection, [message.message_id for message, _ in answered])
    tries, changes = [], []
    for message, answer in answered:
        row = rows[message.message_id]
        text = answer.text[:LONGEST_ANSWER]
        tries.append({"message_id": message.message_id, "try_no": row.tries + 1, "at": work.at,
                      "outcome": answer.outcome.value, "answer": text})  # fmt: skip
        change: dict[str, Any] = dict(zip(CHANGED, row, strict=False))
        change |= {"message_id": message.message_id, "tries": row.tries + 1, "last_answer": text}
        changes.append(change | _consequence(work, row, message, answer))
    keep_tries(work.connection, tries)
    set_messages(work.connection, changes)
    accepted = [m.subject_id for m, answer in answered if answer.accepted and m.kind is MessageKind.DEDUCTION]
    mark_sent(work.connection, accepted)


def _consequence(work: UnitOfWork, row: Row[Any], message: Message, answer: Answer) -> dict[str, Any]:
    """The columns that the answer changes, beside the number of tries."""
    unsent = row.state in (MessageState.WAITING, MessageState.HELD)
    released = {"lease_owner": "", "lease_until": None}
    if answer.accepted and unsent:
        return released | {"state": MessageState.SENT.value, "sent_at": work.at}
    if answer.accepted or row.state != MessageState.WAITING or row.lease_owner != message.lease_owner:
        return {}
    settings = work.settings
    # Tries count on over a release by a person, so each release brings a full series of tries.
    done = row.tries % settings.send_tries + 1
    if done == settings.send_tries:
        note = partial(log.error, "message_held", message_id=message.message_id, outcome=answer.outcome.value)
        work.after_commit.append(note)
        return released | {"state": MessageState.HELD.value}
    wait = min(settings.send_first_wait_s << min(done - 1, 30), settings.send_longest_wait_s)
    return released | {"next_try_at": work.at + timedelta(seconds=wait)}
