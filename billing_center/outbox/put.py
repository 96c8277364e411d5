"""Putting messages into the outbox, in the transaction that decided them."""

import json
from collections.abc import Sequence

from billing_center.bulk import insert_missing
from billing_center.center import UnitOfWork
from billing_center.outbox.message import MessageState, NewMessage
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
