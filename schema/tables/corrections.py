"""Corrections: who corrected what and why, the facts that they added, and credit notes."""

from sqlalchemy import Column, Date, Index, Integer, SmallInteger, Table, UniqueConstraint

from schema.tables.base import metadata
from schema.types import Amount, Document, Filled, Instant, Words, key

correction = Table(
    "correction",
    metadata,
    Column("correction_id", key(30), primary_key=True),  # the same again changes nothing
    Column("kind", Filled(12), nullable=False),
    Column("subject", key(100), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
    Column("why", Filled(400), nullable=False),
    Column(
        "content_hash", Filled(32), nullable=False
    ),  # of what was asked: the same id with other content is refused
    Column("report", Document, nullable=False),
    Index("ix_correction_at", "at"),
    Index("ix_correction_subject", "subject"),
)

correction_payer = Table(
    "correction_payer",
    metadata,
    Column("correction_id", key(30), primary_key=True),
    Column("payer_id", key(), primary_key=True),  # a re-rating is one transaction per payer: this one is done
    Column("shard", SmallInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("report", Document, nullable=False),
)

usage_withdrawal = Table(
    "usage_withdrawal",
    metadata,
    Column("event_id", key(26), primary_key=True),  # a use is withdrawn once
    Column("correction_id", key(30), nullable=False),
    Column("found", Filled(8), nullable=False),  # WAITING, PARKED, HELD, FILTERED, RATED: where it was
    Column("at", Instant, nullable=False),
)

usage_correction = Table(
    "usage_correction",
    metadata,
    Column("event_id", key(26), primary_key=True),  # the corrected use
    Column("corrects", key(26), nullable=False),  # the withdrawn use in whose place it stands
    Column("correction_id", key(30), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("corrects", name="uq_usage_correction_corrects"),
)

price_replacement = Table(
    "price_replacement",
    metadata,
    Column("version_id", key(100), primary_key=True),  # stays as the price of what it had charged
    Column("replaced_by", key(100), nullable=False),
    Column("valid_to_before", Date),
    Column("correction_id", key(30), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("replaced_by", name="uq_price_replacement_by"),
)

credit_note = Table(
    "credit_note",
    metadata,
    Column("credit_no", key(20), primary_key=True),  # C2026-000000001: without gaps, a series of its own per year
    Column("correction_id", key(30), nullable=False),
    Column("invoice_id", key(80), nullable=False),
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("base_currency", Filled(3), nullable=False),
    Column("base_amount", Amount, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
    Column("why", Filled(400), nullable=False),
    Column("effect", Words(12)),  # SETTLED when it covered what was unpaid
    UniqueConstraint("correction_id", name="uq_credit_note_correction"),
    Index("ix_credit_note_invoice", "invoice_id"),
)

credit_note_line = Table(
    "credit_note_line",
    metadata,
    Column("credit_no", key(20), primary_key=True),
    Column("line_no", Integer, primary_key=True),  # of the invoice
    Column("invoice_id", key(80), nullable=False),
    Column("currency", Filled(3), nullable=False),
    Column("amount", Amount, nullable=False),
    Index("ix_credit_note_line_invoice", "invoice_id"),
)
