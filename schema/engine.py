"""Opening a database: what differs between SQLite, PostgreSQL and Oracle when connecting, in one place.

Oracle has a module of its own (`schema.oracle`). SQLite: write-ahead log, synchronous FULL (what was committed
survives a power cut), BEGIN IMMEDIATE for writers, so that two writers wait for each other instead of failing half
way.
"""

from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from schema.oracle import open_oracle

FRESH_S = 1.0
"""Seconds after its last work for which a connection is taken to stand."""

_LAST_USED = "billing_last_used"

READ_ONLY = "billing_read_only"
"""Execution option of a connection that only reads: SQLite then takes no write lock."""


def open_engine(url: str, *, pool_size: int = 10, echo: bool = False) -> Engine:
    """An engine for any of the three databases. Nothing connects before it is used.

    `postgresql://` means psycopg 3, `oracle://` oracledb; a file of SQLite gets its folder made. Errors never show
    parameters: they would carry payloads into the log.
    """
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "oracle":
        return open_oracle(parsed, pool_size=pool_size, echo=echo)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, echo=echo, pool_size=pool_size, max_overflow=20, hide_parameters=True)
        _prepare_sqlite(engine)
        return engine
    engine = create_engine(parsed, echo=echo, pool_size=pool_size, max_overflow=20, hide_parameters=True)
    _in_utc(engine)
    _ping_after_a_pause(engine)
    return engine


def _in_utc(engine: Engine) -> None:
    """Sessions of PostgreSQL speak UTC, whatever the server's own zone: psycopg then reads an instant in a quarter
    of the time, and nobody converts it afterwards."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.execute("SET TimeZone TO 'UTC'")
        connection.commit()


def _ping_after_a_pause(engine: Engine) -> None:
    """A connection that died in the pool is found before work begins on it, as by `pool_pre_ping`.

    One that worked within the last `FRESH_S` is not asked: for the door's group commit, and for the chunks of a
    job, that would be one round trip more in each transaction.
    """

    @event.listens_for(engine, "checkin")
    def given_back(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_LAST_USED] = monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        last_used = record.info.get(_LAST_USED)
        if last_used is None or monotonic() - last_used < FRESH_S:  # new, or worked just now
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # this one and all others are opened anew


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "temp_store=MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
