"""What the reconciliation found: every difference of a run, and how much it compared."""

from sqlalchemy import Column, Index, Integer, SmallInteger, Table

from schema.tables.base import metadata
from schema.types import Document, Filled, Words, key

reconcile_difference = Table(
    "reconcile_difference",
    metadata,
    Column("run_id", key(100), primary_key=True),
    Column("difference_id", key(26), primary_key=True),
    Column("payer_id", key(), nullable=False),  # '-' for what belongs to no payer
    Column("shard", SmallInteger, nullable=False),
    Column("rule", Filled(20), nullable=False),
    Column("subject", Words(300)),  # the row: a charge, a sum, an invoice line
    Column("expected", Words(1000)),
    Column("found", Words(1000)),
    Column("detail", Document),  # the raw facts behind it, as far as they are known
    Index("ix_reconcile_difference_payer", "payer_id", "run_id"),
)

reconcile_count = Table(
    "reconcile_count",
    metadata,
    Column("run_id", key(100), primary_key=True),
    Column("name", key(100), primary_key=True),  # payers, charges, invoices; 'left out: parked no_price'
    Column("shard", SmallInteger, primary_key=True),  # the first of the task that counted
    Column("counted", Integer, nullable=False),
)
