"""Outbox messages in the tables: claiming, answering, releasing, and what an operator sees of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, or_, select, update

from billing_center.bulk import BATCH, among, change, claimed, insert_rows, lock_rows, rows_by_key
from billing_center.outbox.message import Message, MessageKind, MessageState, Outcome
from schema.tables.outbox import outbox_message, outbox_try

_TABLE = outbox_message.c
CHANGED = ("state", "tries", "next_try_at", "lease_owner", "lease_until", "last_answer", "sent_at")
"""The columns that sending changes."""
_UNSENT = (MessageState.WAITING.value, MessageState.HELD.value)


def due_ids(connection: Connection, kind: MessageKind, *, at: datetime, limit: int) -> list[str]:
    """Messages that may be claimed, longest due first; on PostgreSQL locked, passing over what others hold.

    Of one subject only the first message that is not sent yet: what a person must look at blocks the rest.
    """
    earlier = outbox_message.alias("earlier")
    blocked = exists().where(
        earlier.c.subject_id == _TABLE.subject_id,
        earlier.c.kind == _TABLE.kind,
        earlier.c.seq < _TABLE.seq,
        earlier.c.state.in_(_UNSENT),
    )
    statement = (
        select(_TABLE.message_id)
        .where(_claimable(at), _TABLE.kind == kind.value, _TABLE.next_try_at <= at, ~blocked)
        .order_by(_TABLE.next_try_at)
        .limit(limit)
    )
    return list(connection.execute(claimed(statement, connection)).scalars().all())


def lease(
    connection: Connection, ids: Sequence[str], *, owner: str, at: datetime, until: datetime
) -> list[Message]:
    """Claim those of the messages that are still free: one statement decides, whoever else asks."""
    leased: list[Message] = []
    for start in range(0, len(ids), BATCH):
        statement = (
            update(outbox_message)
            .where(among(connection, _TABLE.message_id, ids[start : start + BATCH]), _claimable(at))
            .values(lease_owner=owner, lease_until=until)
            .returning(
                _TABLE.message_id, _TABLE.kind, _TABLE.subject_id, _TABLE.seq, _TABLE.payer_id, _TABLE.payload,
                _TABLE.tries, _TABLE.lease_owner,
            )
        )  # fmt: skip
        leased += [_message(row) for row in connection.execute(statement).all()]
    return leased


def _claimable(at: datetime) -> ColumnElement[bool]:
    free = or_(_TABLE.lease_until.is_(None), _TABLE.lease_until <= at)
    return (_TABLE.state == MessageState.WAITING.value) & free


def _message(row: Row[Any]) -> Message:
    return Message(
        row.message_id, MessageKind(row.kind), row.subject_id, row.seq, row.payer_id, row.payload, row.tries,
        row.lease_owner,
    )  # fmt: skip


def settle(connection: Connection, ids: Sequence[str], before: Collection[MessageState]) -> int:
    """At most `BATCH` messages are not needed any more; those in none of the states `before` stay as they are."""
    if not ids:
        return 0
    statement = (
        update(outbox_message)
        .where(among(connection, _TABLE.message_id, ids), _TABLE.state.in_([s.value for s in before]))
        .values(state=MessageState.SETTLED.value, lease_owner="", lease_until=None)
    )
    return connection.execute(statement).rowcount


def lock_messages(connection: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """The messages' rows, locked in id order until the transaction ends."""
    return {row.message_id: row for row in lock_rows(connection, outbox_message, "message_id", ids)}


def lock_standing(connection: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """How the messages stand (`CHANGED`, then the id), without what they say; locked as `lock_messages` does."""
    columns = [*(_TABLE[name] for name in CHANGED), _TABLE.message_id]
    statement = select(*columns).order_by(_TABLE.message_id).with_for_update()
    return {row.message_id: row for row in rows_by_key(connection, statement, [_TABLE.message_id], ids)}


def keep_tries(connection: Connection, tries: Sequence[Mapping[str, Any]]) -> None:
    """Keep what each try brought."""
    insert_rows(connection, outbox_try, tries)


def set_messages(connection: Connection, changes: Sequence[Mapping[str, Any]]) -> None:
    """Write the columns `CHANGED` of locked messages, each change naming its `message_id`."""
    change(connection, outbox_message, changes, replace=CHANGED)


@dataclass(frozen=True, slots=True)
class Try:
    """One try to send a message."""

    try_no: int
    at: datetime
    outcome: Outcome
    answer: str


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message as an operator sees it, with its tries in order."""

    message_id: str
    kind: MessageKind
    subject_id: str
    seq: int
    payer_id: str
    state: MessageState
    tries: int
    next_try_at: datetime
    last_answer: str
    created_at: datetime
    sent_at: datetime | None
    history: tuple[Try, ...] = ()


def messages_of(connection: Connection, subject_id: str, kind: MessageKind) -> list[SentMessage]:
    """The messages of one invoice or order in the order they are sent, with every try."""
    statement = select(outbox_message).where(_TABLE.subject_id == subject_id, _TABLE.kind == kind.value)
    rows = list(connection.execute(statement.order_by(_TABLE.seq)))
    tried = rows_by_key(
        connection, select(outbox_try), [outbox_try.c.message_id], [row.message_id for row in rows]
    )
    history: dict[str, list[Try]] = {}
    for row in sorted(tried, key=lambda row: int(row.try_no)):
        one = Try(row.try_no, row.at, Outcome(row.outcome), row.answer)
        history.setdefault(row.message_id, []).append(one)
    return [_seen(row, tuple(history.get(row.message_id, ()))) for row in rows]


def messages_in(connection: Connection, state: MessageState, *, limit: int = 100) -> list[SentMessage]:
    """Messages in a state, longest due first, without their tries: what waits for a person, with HELD."""
    statement = select(outbox_message).where(_TABLE.state == state.value)
    rows = connection.execute(statement.order_by(_TABLE.next_try_at, _TABLE.message_id).limit(limit))
    return [_seen(row, ()) for row in rows]


def _seen(row: Row[Any], history: tuple[Try, ...]) -> SentMessage:
    return SentMessage(
        row.message_id, MessageKind(row.kind), row.subject_id, row.seq, row.payer_id, MessageState(row.state),
        row.tries, row.next_try_at, row.last_answer, row.created_at, row.sent_at, history,
    )  # fmt: skip
