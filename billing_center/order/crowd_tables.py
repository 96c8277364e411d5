"""Where the order-days of a crowd stand while the database rates them: temporary tables of the connection.

No other connection sees them, and nothing in them outlives the transaction. A connection makes them once; on
PostgreSQL they are written to no log.
"""

from sqlalchemy import Column, Connection, Date, Integer, MetaData, SmallInteger, Table, delete
from sqlalchemy.schema import CreateTable

from schema.types import Amount, Document, Filled, Words, key

METERS = 2
"""Meters that an order-day of a crowd lets grow at most: that of its price, and that of its list price."""

_metadata = MetaData()


def _temporary(name: str, *columns: Column[object]) -> Table:
    return Table(name, _metadata, *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DELETE ROWS")


def _readings(name: str) -> list[Column[object]]:
    return [Column(f"{name}{n}", Amount) for n in range(METERS)]


crowd_payer = _temporary(
    "crowd_payer",
    Column("payer_id", key()),
    Column("currency", Filled(3)),
    Column("billing_day", SmallInteger),
    Column("closed_until", Date),
)
"""The payers of a chunk. Their rows are locked."""

ASKED = (
    "product_id", "plan", "promotion_id", "features", "currency", "billing_day", "anchor", "accounts", "opening",
)  # fmt: skip
"""What a question consists of, beside the day: see `crowd_question.questions`."""

crowd_question = _temporary(
    "crowd_question",
    Column("question", Integer),
    Column("product_id", key()),
    Column("plan", Filled(12)),
    Column("promotion_id", key(200)),
    Column("features", Document),
    Column("currency", Filled(3)),
    Column("billing_day", SmallInteger),
    Column("anchor", Date),
    Column("accounts", Amount),
    Column("opening", Date),
    *(Column(f"scope{n}", Filled(10)) for n in range(METERS)),
    *(Column(f"version{n}", key(100)) for n in range(METERS)),
    *(Column(f"component{n}", key(100)) for n in range(METERS)),
)
"""The questions, and the meters of an order that their answers depend on."""

crowd_day = _temporary(
    "crowd_day",
    Column("question", Integer),
    Column("order_id", key()),
    Column("payer_id", key()),
    Column("shard", SmallInteger),
    *_readings("reading"),
)
"""The order-days: what each asks, and what its meters read before."""

crowd_answer = _temporary(
    "crowd_answer",
    Column("question", Integer),
    *_readings("reading"),
    *_readings("grown"),
    Column("component", key(100)),
    Column("product_id", key()),
    Column("user_id", key()),
    Column("currency", Filled(3)),
    Column("quantity", Amount),
    Column("amount", Amount),
    Column("list_amount", Amount),
    Column("metered", SmallInteger),  # 0: the charge has no meter
    Column("meter_scope", Filled(10)),
    Column("meter_component", Filled(100)),
    Column("reading_before", Amount),
    Column("reading_after", Amount),
    Column("version_id", key(100)),
    Column("promotion_id", key(200)),
    Column("note", Words(200)),
    Column("period_start", Date),
    Column("period_end", Date),
)
"""The one charge of an order-day that asks this while its meters read so, and what they read then."""


def empty_tables(connection: Connection) -> None:
    """Make them where this connection has not yet, and empty them."""
    for table in _metadata.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        if connection.dialect.name == "sqlite":  # elsewhere the commit before has emptied them
            connection.execute(delete(table))
