"""What an Oracle URL means and what connections, sessions and cursors are told, without a server of Oracle."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url
from structlog.testing import capture_logs

from schema.engine import open_engine
from schema.oracle import (
    ALTER_SESSION,
    ARRAY_SIZE,
    CONNECT_ARGUMENTS,
    PREFETCH,
    RECYCLE_S,
    SESSION,
    STATEMENT_CACHE,
    engine_arguments,
    with_driver,
)

SERVICE = "billing:secret@db.example:1521/?service_name=BILLING"


def dialled(engine: Engine) -> dict[str, Any]:
    """What the driver's `connect` would be given."""
    found: dict[str, Any] = {}

    class Hung(Exception):
        """The dialling stops here."""

    @event.listens_for(engine, "do_connect")
    def dial(dialect: Any, record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        found.update(named)
        raise Hung

    with pytest.raises(Hung):
        engine.connect()
    return found


@pytest.mark.parametrize("scheme", ["oracle", "oracle+oracledb"])
def test_oracle_means_oracledb(scheme: str) -> None:
    engine = open_engine(f"{scheme}://{SERVICE}")
    assert (engine.dialect.name, engine.dialect.driver) == ("oracle", "oracledb")
    assert engine.dialect.loaded_dbapi.__name__ == "oracledb"


def test_cx_oracle_that_is_not_installed_is_oracledb_and_the_log_says_so_once() -> None:
    with capture_logs() as logs:
        engine = open_engine(f"oracle+cx_oracle://{SERVICE}")
    assert engine.dialect.driver == "oracledb"
    assert logs == [
        {"event": "oracle_driver_renamed", "asked": "cx_Oracle", "used": "oracledb", "log_level": "info"}
    ]


def test_cx_oracle_is_used_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cx_Oracle.py").write_text("version = '8.3.0'\n")
    monkeypatch.syspath_prepend(tmp_path)
    with capture_logs() as logs:
        chosen = with_driver(make_url(f"oracle+cx_oracle://{SERVICE}"))
    assert (chosen.drivername, logs) == ("oracle+cx_oracle", [])
    assert engine_arguments(chosen, pool_size=5)["connect_args"] == {}  # its connect knows none of oracledb's


def test_what_the_pool_and_the_dialect_are_told() -> None:
    engine = open_engine(f"oracle://{SERVICE}", pool_size=7)
    pool: Any = engine.pool
    assert (pool.size(), pool._max_overflow, pool._recycle, pool._pre_ping) == (7, 20, RECYCLE_S, True)
    assert engine.dialect.arraysize == ARRAY_SIZE  # type: ignore[attr-defined]
    assert engine.hide_parameters


def test_how_a_server_is_dialled() -> None:
    told = dialled(open_engine(f"oracle://{SERVICE}"))
    assert told.pop("dsn").endswith("(CONNECT_DATA=(SERVICE_NAME=BILLING)))")
    assert told == {"user": "billing", "password": "secret", **CONNECT_ARGUMENTS}


def test_a_session_speaks_utc_and_bytes() -> None:
    assert SESSION["TIME_ZONE"] == "+00:00"
    assert (SESSION["NLS_SORT"], SESSION["NLS_COMP"]) == ("BINARY", "BINARY")
    assert ALTER_SESSION.startswith("ALTER SESSION SET TIME_ZONE = '+00:00' NLS_SORT = 'BINARY'")


def test_every_session_and_cursor_is_prepared(h2_database_url: str) -> None:
    engine, cursors = open_engine(h2_database_url), []

    @event.listens_for(engine, "after_cursor_execute")
    def executed(connection: Any, cursor: Any, *rest: Any) -> None:
        cursors.append((cursor.arraysize, cursor.prefetchrows))

    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM dual").all()
        session: Any = connection.connection.driver_connection
        assert (session.stmtcachesize, session.module) == (STATEMENT_CACHE, "billing-center")
        assert session.settings == [ALTER_SESSION]
    assert cursors[-1] == (ARRAY_SIZE, PREFETCH)
    engine.dispose()
