"""Messages to other systems, written in the transaction that decided them and sent by a job until answered."""

from sqlalchemy import Column, Index, Integer, SmallInteger, Table

from schema.tables.base import metadata
from schema.types import Document, Filled, Instant, Words, key

outbox_message = Table(
    "outbox_message",
    metadata,
    Column("message_id", key(100), primary_key=True),  # the same on every try, so that a repeat is recognised
    Column("kind", Filled(16), nullable=False),
    Column("subject_id", key(80), nullable=False),  # the invoice, or the order
    Column("seq", Integer, nullable=False),  # sent in this order per subject
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("payload", Document, nullable=False),
    Column("state", Filled(8), nullable=False),  # WAITING, SENT, HELD (for a person)
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("lease_owner", Words(64)),
    Column("lease_until", Instant),
    Column("last_answer", Words(400)),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Index("ix_outbox_message_due", "state", "kind", "next_try_at"),
    Index("ix_outbox_message_subject", "subject_id", "seq"),
)

outbox_try = Table(
    "outbox_try",
    metadata,
    Column("message_id", key(100), primary_key=True),
    Column("try_no", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("outcome", Filled(12), nullable=False),
    Column("answer", Words(400)),
)
