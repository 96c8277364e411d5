"""What was granted to payers: units of use and money, by an operator or as packages that were sold."""

from sqlalchemy import Column, Date, Index, SmallInteger, Table

from schema.tables.base import metadata
from schema.types import Amount, Filled, Instant, Words, key

allowance_grant = Table(
    "allowance_grant",
    metadata,
    Column("grant_id", key(40), primary_key=True),  # the same again changes nothing
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("product_id", key(), nullable=False),  # '-': money for any product
    Column("kind", Filled(8), nullable=False),  # UNITS, MONEY
    Column("quantity", Amount, nullable=False),  # in the unit of the product's plan, or money
    Column("currency", Words(3)),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),  # the first day that it no longer holds for
    Column("priority", SmallInteger, nullable=False),
    Column("package_id", Words(40)),  # '' = granted by an operator
    Column("granted_at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
    Column("why", Words(200)),
    Index("ix_allowance_grant_payer", "payer_id", "product_id"),
)
