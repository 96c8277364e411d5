"""What operators ask about messages: how many wait or are held, which ones, and one with every try.

Where it stands in the walk: beside it; the console shows it. Design: contract, chargeAccount.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from billing_center.bounded_count import BoundedCount, count_rows
from billing_center.center import UnitOfWork
from billing_center.errors import ResultCode, Unknown
from billing_center.outbox.message import MessageKind, MessageState
from billing_center.outbox.store import SentMessage, messages_of
from schema.tables.outbox import outbox_message


@dataclass(frozen=True, slots=True)
class MessageShown:
    """A message with its tries and what it says; money in the payload is decimal text."""

    message: SentMessage
    payload: Mapping[str, Any]


def message_counts(work: UnitOfWork) -> dict[MessageState, BoundedCount]:
    """How many messages are WAITING, and HELD for a person. What was sent is history and is not counted."""
    return {
        state: count_rows(
            work.connection, select(outbox_message.c.message_id).where(outbox_message.c.state == state.value)
        )
        for state in (MessageState.WAITING, MessageState.HELD)
    }


def show_message(work: UnitOfWork, message_id: str) -> MessageShown:
    """The message with this id. Raises: Unknown (UNKNOWN_MESSAGE)."""
    table = outbox_message.c
    statement = select(table.subject_id, table.kind, table.payload).where(table.message_id == message_id)
    row = work.connection.execute(statement).one_or_none()
    if row is None:
        message = f"no message has the id {message_id!r}"
        raise Unknown(message, code=ResultCode.UNKNOWN_MESSAGE, field="message_id", message_id=message_id)
    of_subject = messages_of(work.connection, row.subject_id, MessageKind(row.kind))
    [found] = [message for message in of_subject if message.message_id == message_id]
    return MessageShown(found, json.loads(row.payload))
