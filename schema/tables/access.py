"""Who may call, which calls were refused, and who did what."""

from sqlalchemy import Column, Index, Table

from schema.tables.base import metadata
from schema.types import Document, Filled, Flag, Instant, Words, key

caller = Table(
    "caller",
    metadata,
    Column("caller_id", key(), primary_key=True),
    Column("secret_hash", Filled(200), nullable=False),
    Column("operations", Document, nullable=False),  # JSON list; ["*"] = all
    Column("products", Document, nullable=False),  # JSON list; ["*"] = all
    Column("reply_form", Words(10)),  # '' = chosen by the request; else the reply its old client can read
    Column("active", Flag, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

refused_call = Table(
    "refused_call",
    metadata,
    Column("refused_id", key(26), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("caller", Filled(64), nullable=False),
    Column("operation", Filled(64), nullable=False),
    Column("code", Filled(40), nullable=False),
    Column("field", Words(64)),
    Column("message", Words(400)),
    Column("arguments", Document, nullable=False),
    Index("ix_refused_call_at", "at"),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("entry_id", key(26), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
    Column("act", Filled(64), nullable=False),
    Column("subject", key(100), nullable=False),
    Column("detail", Document, nullable=False),
    Index("ix_audit_entry_at", "at"),
    Index("ix_audit_entry_subject", "subject", "at"),
)
