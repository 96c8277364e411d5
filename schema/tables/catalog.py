"""Products, price versions, promotions, exchange rates, and which file each came from."""

from sqlalchemy import Column, Date, Index, SmallInteger, Table, UniqueConstraint

from schema.tables.base import metadata
from schema.types import Amount, Document, Filled, Flag, Instant, InstantInKey, Words, key

product = Table(
    "product",
    metadata,
    Column("product_id", key(), primary_key=True),
    Column("name", Filled(200), nullable=False),
    Column("on_sale", Flag, nullable=False),
    Column("currency", Filled(3), nullable=False),
    Column("document", Document, nullable=False),  # the product's part of the catalog file, as JSON
    Column("loaded_at", Instant, nullable=False),
)

price_version = Table(
    "price_version",
    metadata,
    Column("version_id", key(100), primary_key=True),
    Column("product_id", key(), nullable=False),
    Column("plan", Filled(12), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("document", Document, nullable=False),
    Column("loaded_at", Instant, nullable=False),
    Index("ix_price_version_product", "product_id", "plan", "valid_from"),
)

promotion = Table(
    "promotion",
    metadata,
    Column("promotion_id", key(), primary_key=True),
    Column("document", Document, nullable=False),
    Column("loaded_at", Instant, nullable=False),
)

redemption = Table(
    "redemption",
    metadata,
    Column("promotion_id", key(), primary_key=True),
    Column("slot", key(80), primary_key=True),  # 1, 2, ... up to the limit: the database counts
    Column("order_id", key(), nullable=False),
    Column("payer_id", key(), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("order_id", "promotion_id", name="uq_redemption_order"),
    Index("ix_redemption_payer", "payer_id"),
)

exchange_rate = Table(
    "exchange_rate",
    metadata,
    Column("currency", Filled(3), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("rate", Amount, nullable=False),  # base currency for one unit
    Column("loaded_at", Instant, nullable=False),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("calendar_id", key(), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("loaded_at", Instant, nullable=False),
)

factor_value = Table(
    "factor_value",
    metadata,
    Column("name", key(40), primary_key=True),
    Column("valid_from", InstantInKey, primary_key=True),
    Column("value", Amount, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
    Column("why", Words(200)),
)

catalog_load = Table(
    "catalog_load",
    metadata,
    Column("load_id", key(26), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
    Column("file_name", Words(400)),
    Column("file_hash", Filled(64), nullable=False),
    Column("changes", Document, nullable=False),
)
