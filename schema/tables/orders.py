"""Payers, the mirror of their orders, and the facts that came for them."""

from sqlalchemy import Column, Date, Index, Integer, SmallInteger, Table

from schema.tables.base import ROOM, metadata
from schema.types import Amount, Document, Filled, Flag, Instant, Words, key

payer = Table(
    "payer",
    metadata,
    Column("payer_id", key(), primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("name", Words(200)),
    Column("cust_id", Words(64)),
    Column("currency", Filled(3), nullable=False),
    Column("billing_day", SmallInteger, nullable=False),  # the first one; changes have rows of their own
    Column("grace_days", SmallInteger),  # null: the product's, else the setting's
    Column("closed_until", Date, nullable=False),  # every period that ended by this day is closed
    Column("created_at", Instant, nullable=False),
    Index("ix_payer_shard", "shard", "payer_id"),
)

payer_billing_day = Table(
    "payer_billing_day",
    metadata,
    Column("payer_id", key(), primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("billing_day", SmallInteger, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
)

service_order = Table(
    "service_order",
    metadata,
    Column("order_id", key(), primary_key=True),
    Column("order_code", Filled(64), nullable=False),
    Column("cust_id", Filled(64), nullable=False),
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("product_id", key(), nullable=False),
    Column("plan", Filled(12), nullable=False),
    Column("promotion_id", key(200), nullable=False),  # of a stack: its ids
    Column("promotion_note", Words(200)),
    Column("start_at", Instant, nullable=False),
    Column("start_day", Date, nullable=False),
    Column("features", Document, nullable=False),
    Column("is_quota", Flag, nullable=False),
    Column("state", Filled(12), nullable=False),
    Column("stopped_for", Filled(12), nullable=False),  # ARREARS when arrears stopped it, else '-'
    Column("change_count", Integer, nullable=False),
    Column("facts_hash", Filled(64), nullable=False),
    Column("installed_at", Instant, nullable=False),
    Column("installed_by", Filled(64), nullable=False),
    Column("rated_through", Date, nullable=False),  # the last civil day whose charge has been decided
    Column("ended_day", Date),  # the day it was terminated
    Index("ix_service_order_payer", "payer_id", "product_id", "state"),
    Index("ix_service_order_cust", "cust_id", "product_id"),
    Index("ix_service_order_rating", "shard", "payer_id", "order_id"),
    postgresql_with=ROOM,
)

order_state_change = Table(
    "order_state_change",
    metadata,
    Column("order_id", key(), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("from_state", Filled(12), nullable=False),
    Column("to_state", Filled(12), nullable=False),
    Column("actor", Filled(64), nullable=False),
    Column("reason", Words(200)),
)

account_change = Table(
    "account_change",
    metadata,
    Column("payer_id", key(), primary_key=True),
    Column("product_id", key(), primary_key=True),
    Column("change_id", key(26), primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("accounts", Amount, nullable=False),
    Column("actor", Filled(64), nullable=False),
)

first_opening = Table(
    "first_opening",
    metadata,
    Column("payer_id", key(), primary_key=True),
    Column("product_id", key(), primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("day", Date, nullable=False),
)
