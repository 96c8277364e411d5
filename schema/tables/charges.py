"""Charges, the meters whose growth they are, the running sums that equal them, and the roll-ups."""

from sqlalchemy import Column, Date, Index, Integer, SmallInteger, Table

from schema.tables.base import HALF, by_month, metadata, only
from schema.types import Amount, Filled, Instant, Words, key

charge = Table(
    "charge",
    metadata,
    Column("day", Date, primary_key=True),
    Column("payer_id", key(), primary_key=True),
    Column("cause", Filled(12), primary_key=True),
    Column("cause_id", key(), primary_key=True),
    Column("component", key(100), primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("order_id", key(), nullable=False),
    Column("product_id", key(), nullable=False),
    Column("user_id", key(), nullable=False),
    Column("currency", Filled(3), nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("amount", Amount, nullable=False),
    Column("list_amount", Amount, nullable=False),
    Column("meter_order_id", key(), nullable=False),
    Column("meter_scope", Filled(10), nullable=False),
    Column("meter_component", Filled(100), nullable=False),
    Column("reading_before", Amount, nullable=False),
    Column("reading_after", Amount, nullable=False),
    Column("version_id", key(100), nullable=False),
    Column("promotion_id", key(200), nullable=False),
    Column("note", Words(200)),
    Column("period_start", Date, nullable=False),  # the billing period that it is invoiced in
    Column("run_id", key(100), nullable=False),
    Column("rated_at", Instant, nullable=False),
    Index("ix_charge_period", "payer_id", "period_start"),
    **by_month("payer_id"),
)

meter = Table(
    "meter",
    metadata,
    Column("payer_id", key(), primary_key=True),
    Column("product_id", key(), primary_key=True),
    Column("order_id", key(), primary_key=True),
    Column("scope", Filled(10), primary_key=True),
    Column("version_id", key(100), primary_key=True),
    Column("component", key(100), primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("reading", Amount, nullable=False),
    postgresql_with=HALF,
)

running_sum = Table(
    "running_sum",
    metadata,
    Column("payer_id", key(), primary_key=True),
    Column("period_start", Date, primary_key=True),
    Column("order_id", key(), primary_key=True),
    Column("product_id", key(), primary_key=True),
    Column("currency", Filled(3), primary_key=True),
    Column("period_end", Date, nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("amount", Amount, nullable=False),
    Column("list_amount", Amount, nullable=False),
    Column("charges", Integer, nullable=False),
    Column("invoice_id", Words(80)),
    Index("ix_running_sum_due", "shard", "invoice_id", "period_end", "payer_id", **only("invoice_id IS NULL")),
    postgresql_with=HALF,
)

usage_rollup = Table(
    "usage_rollup",
    metadata,
    Column("day", Date, primary_key=True),
    Column("payer_id", key(), primary_key=True),
    Column("user_id", key(), primary_key=True),
    Column("product_id", key(), primary_key=True),
    Column("currency", Filled(3), primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("amount", Amount, nullable=False),
    Column("list_amount", Amount, nullable=False),
    Column("charges", Integer, nullable=False),
    Index("ix_usage_rollup_shard", "shard", "day"),
    **by_month("payer_id"),
)

rollup_dirty = Table(
    "rollup_dirty",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("day", Date, primary_key=True),
)
