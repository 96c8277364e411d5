"""Oracle: which driver a URL means, how connections are made, and what their sessions say. Nothing here connects.

Everything is set on purpose, with its reason beside it; docs/oracle.md tells a DBA the same. The pool is
SQLAlchemy's, as on the other databases: one way to hold, test and give back connections.
"""

from importlib.util import find_spec
from typing import Any

import structlog
from sqlalchemy import URL, Connection, Engine, create_engine, event

BATCH_ERRORS = "billing_batch_errors"
"""Execution option: a list that takes the errors of single rows, while the other rows of the batch go in."""

STATEMENT_CACHE = 400
"""Open cursors kept per connection: the program sends some 400 different statements, and the drivers' own 20 would
have most of them parsed again and again. Below the server's OPEN_CURSORS, which docs/oracle.md asks to be 1000."""
ARRAY_SIZE = 500
"""Rows per round trip of a query: a chunk of a job reads 500 to 2,000 rows, so one to four trips."""
PREFETCH = ARRAY_SIZE + 1
"""Rows that come with the answer to the execute. One more than the array: then the end is known without a trip."""
RECYCLE_S = 1800
"""Connections are closed after half an hour: firewalls and IDLE_TIME of a profile cut idle ones without a word."""
CONNECT_ARGUMENTS = {"tcp_connect_timeout": 10.0, "expire_time": 2, "program": "billing-center"}
"""Give up dialling after 10 s instead of 60; a probe every 2 minutes shows a dead server; a name for V$SESSION."""

SESSION = {
    "TIME_ZONE": "+00:00",  # instants are bound without a zone and mean UTC; the server adds the session's
    "NLS_SORT": "BINARY",  # keys are walked in the order of their bytes, which is that of their indexes
    "NLS_COMP": "BINARY",  # and are equal only when every byte is
    "NLS_NUMERIC_CHARACTERS": ".,",  # decimals pass as text in places: never a decimal comma
    "NLS_LENGTH_SEMANTICS": "CHAR",  # a text of 64 is 64 characters, Chinese ones too
    "NLS_DATE_FORMAT": "YYYY-MM-DD HH24:MI:SS",  # for whoever looks at the session; the program binds dates
    "NLS_TIMESTAMP_TZ_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF6 TZH:TZM",
}
"""What a session says, whatever the client's environment or a logon trigger has said before."""
ALTER_SESSION = "ALTER SESSION SET " + " ".join(f"{name} = '{value}'" for name, value in SESSION.items())


def with_driver(url: URL) -> URL:
    """The URL with the driver that will be used.

    `oracle://` means oracledb. `oracle+cx_oracle://` means cx_Oracle where it is installed, and else oracledb,
    which is the same project's next version under its new name; a line in the log says so.
    """
    driver = url.drivername.partition("+")[2]
    if not driver:
        return url.set(drivername="oracle+oracledb")
    if driver == "cx_oracle" and find_spec("cx_Oracle") is None:
        structlog.get_logger().info("oracle_driver_renamed", asked="cx_Oracle", used="oracledb")
        return url.set(drivername="oracle+oracledb")
    return url


def engine_arguments(url: URL, *, pool_size: int) -> dict[str, Any]:
    """What `create_engine` is given for a URL of `with_driver`."""
    return {
        "arraysize": ARRAY_SIZE,
        "pool_size": pool_size,
        "max_overflow": 20,  # the doors' threads and the jobs together, when all are busy at once
        "pool_pre_ping": True,  # a connection that died in the pool is found before work begins on it
        "pool_recycle": RECYCLE_S,
        "hide_parameters": True,  # errors must not carry payloads into the log
        "connect_args": {} if url.drivername.endswith("cx_oracle") else dict(CONNECT_ARGUMENTS),
    }


def open_oracle(url: URL, *, pool_size: int, echo: bool) -> Engine:
    """An engine for a URL that begins with `oracle`."""
    chosen = with_driver(url)
    engine = create_engine(chosen, echo=echo, **engine_arguments(chosen, pool_size=pool_size))
    event.listen(engine, "connect", _prepare_session)
    event.listen(engine, "before_cursor_execute", _prefetch)
    event.listen(engine, "do_executemany", _keep_batch_errors)
    return engine


def _prepare_session(connection: Any, record: object) -> None:
    connection.stmtcachesize = STATEMENT_CACHE
    connection.module = "billing-center"  # V$SESSION.MODULE: whose session it is
    with connection.cursor() as cursor:
        cursor.execute(ALTER_SESSION)


def _prefetch(
    connection: Connection, cursor: Any, statement: str, parameters: object, context: object, many: bool
) -> None:
    cursor.prefetchrows = PREFETCH


def _keep_batch_errors(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
    """With BATCH_ERRORS, rows that fail do not keep the others from going in; their errors are kept."""
    kept: list[Any] | None = context.execution_options.get(BATCH_ERRORS)
    if kept is None:
        return None
    cursor.executemany(statement, parameters, batcherrors=True)
    kept.extend(cursor.getbatcherrors())
    return True
