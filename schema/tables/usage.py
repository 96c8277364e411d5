"""Usage events as they came, what identifies them, and the queue in which they wait to be rated."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, SmallInteger, Table

from schema.tables.base import by_month, metadata, only
from schema.types import Amount, Filled, Flag, Instant, Words, key

usage_event = Table(
    "usage_event",
    metadata,
    Column("event_id", key(26), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("shard", SmallInteger, nullable=False),  # of the payer, else of the user
    Column("caller", Filled(64), nullable=False),
    Column("guid", Words(100)),
    Column("user_id", Filled(64), nullable=False),
    Column("user_name", Words(200)),
    Column("payer_id", Words(64)),  # '' while the payer is to be found
    Column("product_id", key(), nullable=False),
    Column("product_name", Words(200)),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("amount", Amount),
    Column("quantity", Amount),
    Column("unit", Words(20)),
    Column("received_at", Instant, nullable=False),
    Index("ix_usage_event_day", "day"),
    **by_month("event_id"),
)

usage_identity = Table(
    "usage_identity",
    metadata,
    Column("identity", key(40), primary_key=True),  # of (caller, guid), or of the content
    Column("event_id", key(26), nullable=False),
    Column("day", Date, nullable=False),  # the use's: with it the use is found in its month
    Column("content_hash", Filled(32), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("ix_usage_identity_day", "day"),  # what is purged is the oldest
)

usage_import = Table(
    "usage_import",
    metadata,
    Column("digest", key(64), primary_key=True),  # of the file's content: the same file is the same import
    Column("file_name", Words(200)),
    Column("caller", Filled(64), nullable=False),
    Column("lines_done", BigInteger, nullable=False),  # the last line that is decided
    Column("kept", BigInteger, nullable=False),
    Column("repeated", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
)

usage_queue = Table(
    "usage_queue",
    metadata,
    Column("event_id", key(26), primary_key=True),
    Column("day", Date, nullable=False),  # the use's: with it the use is found in its month
    Column("shard", SmallInteger, nullable=False),
    Column("state", Filled(8), nullable=False),  # WAITING, PARKED (tried again by itself), HELD (for a person)
    Column("real_time", Flag, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", Words(30)),
    Column("detail", Words(400)),
    Index(
        "ix_usage_queue_due", "shard", "next_try_at", **only("state = 'WAITING'")
    ),  # as batches take them: none reads what it leaves to the next one
    Index("ix_usage_queue_parked", "shard", "state", "next_try_at", **only("state <> 'WAITING'")),
    Index(
        "ix_usage_queue_real_time", "shard", "event_id", **only("real_time = 1")
    ),  # whatever else waits, these are found at once
    Index(
        "ix_usage_queue_reason", "reason", "state", **only("reason IS NOT NULL")
    ),  # those that wait for something
)

usage_filtered = Table(
    "usage_filtered",
    metadata,
    Column("event_id", key(26), primary_key=True),
    Column("day", Date, primary_key=True),  # day and shard are the use's
    Column("shard", SmallInteger, nullable=False),
    Column("rule", Filled(40), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_usage_filtered_day", "day"),
    **by_month("event_id"),
)
