"""Invoices, their lines and totals per currency, and what the account system said of them."""

from sqlalchemy import Column, Date, Index, Integer, SmallInteger, Table, UniqueConstraint

from schema.tables.base import metadata, only
from schema.types import Amount, Filled, Flag, Instant, Words, key

invoice = Table(
    "invoice",
    metadata,
    Column("invoice_id", key(80), primary_key=True),  # payer and period: the bill's identity by construction
    Column("invoice_no", Words(20)),  # without gaps per year, given at the end of the run
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("cust_id", Words(64)),
    Column("cust_name", Words(200)),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("state", Filled(8), nullable=False),
    Column("base_currency", Filled(3), nullable=False),
    Column("base_amount", Amount, nullable=False),
    Column("billed_on", Date, nullable=False),
    Column("due_day", Date, nullable=False),
    Column("control_day", Date, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("flagged", Flag, nullable=False),
    Column("run_id", key(100), nullable=False),
    UniqueConstraint("payer_id", "period_start", name="uq_invoice_period"),
    UniqueConstraint("invoice_no", name="uq_invoice_no"),
    Index("ix_invoice_state", "state", "shard", "control_day"),  # what was paid long ago costs nothing
    Index("ix_invoice_unnumbered", "invoice_no", "payer_id", "period_start", **only("invoice_no IS NULL")),
)

invoice_total = Table(
    "invoice_total",
    metadata,
    Column("invoice_id", key(80), primary_key=True),
    Column("currency", Filled(3), primary_key=True),
    Column("amount", Amount, nullable=False),
    Column("list_amount", Amount, nullable=False),
    Column("rate", Amount, nullable=False),
    Column("base_amount", Amount, nullable=False),
)

invoice_line = Table(
    "invoice_line",
    metadata,
    Column("invoice_id", key(80), primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("order_id", key(), nullable=False),
    Column("order_code", key(), nullable=False),
    Column("product_id", key(), nullable=False),
    Column("product_name", Filled(200), nullable=False),
    Column("currency", Filled(3), nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("amount", Amount, nullable=False),  # money: the currency's minor unit
    Column("list_amount", Amount, nullable=False),
    Column("rated_amount", Amount, nullable=False),  # the sum of its charges, six decimals
    Column("charges", Integer, nullable=False),
    Column("promotion_ids", Words(400)),  # what took something off it
)

number_series = Table(
    "number_series",
    metadata,
    Column("series", key(20), primary_key=True),
    Column("last_number", Integer, nullable=False),
)

settlement_notice = Table(
    "settlement_notice",
    metadata,
    Column("notice_id", key(26), primary_key=True),
    Column("invoice_id", key(80), nullable=False),
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
    Column("word", Filled(64), nullable=False),
    Column("outcome", Filled(8), nullable=False),
    Column("effect", Filled(10), nullable=False),  # CHANGED, REPEATED, FLAGGED
    Index("ix_settlement_notice_invoice", "invoice_id"),
)
