"""Putting messages into the outbox, in the transaction that decided them."""

import json
from collections.abc import Iterable, Sequence

from billing_center.bulk import insert_missing, insert_tuples
from billing_center.center import UnitOfWork
from billing_center.outbox.message import MessageKind, MessageState, NewMessage
from schema.tables.outbox import outbox_message


def put_messages(work: UnitOfWork, messages: Sequence[NewMessage]) -> None:
    """Put the messages, to be sent once they are committed. One whose id is there already changes nothing."""
    rows = [
        {
            "message_id": message.message_id, "kind": message.kind.value, "subject_id": message.subject_id,
            "seq": message.seq, "payer_id": message.payer_id, "shard": message.shard,
            "payload": json.dumps(dict(message.payload), ensure_ascii=False, sort_keys=True),
            "state": MessageState.WAITING.value, "tries": 0, "next_try_at": work.at, "lease_owner": "",
            "lease_until": None, "last_answer": "", "created_at": work.at, "sent_at": None,
        }
        for message in messages
    ]  # fmt: skip
    insert_missing(work.connection, outbox_message, rows)


_COLUMNS = (
    "message_id", "subject_id", "payer_id", "shard", "payload", "kind", "seq", "state", "tries", "next_try_at",
    "lease_owner", "lease_until", "last_answer", "created_at", "sent_at",
)  # fmt: skip


def put_first_messages(
    work: UnitOfWork, kind: MessageKind, messages: Iterable[tuple[str, str, str, int, str]]
) -> None:
    """Put the first message of each of many subjects that are new: id, subject, payer, shard and payload as text.

    Raises: IntegrityError when one is there already: then its subject was not new.
    """
    same = (kind.value, 1, MessageState.WAITING.value, 0, work.at, "", None, "", work.at, None)
    rows = [(*message, *same) for message in messages]
    insert_tuples(work.connection, outbox_message, _COLUMNS, rows, millionths=frozenset())
