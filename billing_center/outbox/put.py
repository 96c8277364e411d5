"""Putting messages into the outbox, in the transaction that decided them."""

import json
from collections.abc import Sequence

from billing_center.bulk import insert_columns, insert_missing
from billing_center.center import UnitOfWork
from billing_center.outbox.message import MessageKind, MessageState, NewMessage, ReadyMessage
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
    *ReadyMessage._fields, "kind", "state", "tries", "next_try_at", "lease_owner", "lease_until", "last_answer",
    "created_at", "sent_at",
)  # fmt: skip


def put_new_messages(work: UnitOfWork, kind: MessageKind, messages: Sequence[ReadyMessage]) -> None:
    """Put messages whose ids are new because what they tell is written in this transaction too.

    Raises: IntegrityError when one is there already.
    """
    same = (kind.value, MessageState.WAITING.value, 0, work.at, "", None, "", work.at, None)
    columns = [*zip(*messages, strict=True), *([one] * len(messages) for one in same)]
    insert_columns(work.connection, outbox_message, _COLUMNS, columns if messages else [], millionths=frozenset())
