"""Spend alerts: thresholds that somebody set, and a notice for each period in which one was crossed."""

from sqlalchemy import Column, Date, Index, SmallInteger, Table

from schema.tables.base import metadata
from schema.types import Amount, Filled, Instant, Words, key

spend_alert = Table(
    "spend_alert",
    metadata,
    Column("alert_id", key(26), primary_key=True),  # of payer, product, currency and threshold: set once
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("product_id", key(), nullable=False),  # '-' for everything that the payer is charged
    Column("currency", Filled(3), nullable=False),
    Column("threshold", Amount, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
    Index("ix_spend_alert_payer", "payer_id"),
)

spend_notice = Table(
    "spend_notice",
    metadata,
    Column("alert_id", key(26), primary_key=True),
    Column("period_start", Date, primary_key=True),  # once for each threshold and period
    Column("period_end", Date, nullable=False),
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("product_id", key(), nullable=False),
    Column("currency", Filled(3), nullable=False),
    Column("threshold", Amount, nullable=False),
    Column("amount", Amount, nullable=False),  # rated, when it was found
    Column("at", Instant, nullable=False),
    Column("acknowledged_at", Instant),  # when a person had seen it
    Column("acknowledged_by", Words(64)),
    Index("ix_spend_notice_at", "at"),
    Index("ix_spend_notice_payer", "payer_id", "at"),
)
