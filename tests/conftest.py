"""What every test may ask for: an empty migrated center on SQLite and, where a server runs, on PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.ids import CountingIds
from billing_center.settings import Settings
from schema.engine import open_engine
from schema.migrate import upgrade
from schema.tables import metadata

_configure = structlog.configure


def _configure_for_now(*arguments: Any, **options: Any) -> None:
    """Loggers of modules must not keep what one test has set up."""
    _configure(*arguments, **options | {"cache_logger_on_first_use": False})


structlog.configure = _configure_for_now
SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 1, tzinfo=SHANGHAI)
IN_CI = os.environ.get("CI") == "true"
PEOPLE = ("postgres", "root")


@pytest.fixture(autouse=True)
def _silent_logs() -> None:
    """Whatever the test before has set up, logs begin silent."""
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())


def _postgres_server() -> str | None:
    """The URL of a running PostgreSQL: the one the environment names, else one on this machine."""
    named = os.environ.get("BILLING_TEST_POSTGRES_URL")
    urls = [named] if named else [f"postgresql+psycopg://{user}@127.0.0.1:5432/postgres" for user in PEOPLE]
    for url in urls:
        engine = create_engine(url, connect_args={"connect_timeout": 3})
        try:
            with engine.connect():
                return url
        except OperationalError:
            continue
        finally:
            engine.dispose()
    return None


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of this session's own on the running server, migrated, dropped at the end."""
    server = _postgres_server()
    if server is None:
        if IN_CI:
            pytest.fail("CI skips nothing: no PostgreSQL is running")
        pytest.skip("no PostgreSQL is running (set BILLING_TEST_POSTGRES_URL)")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"billing_test_{os.getpid()}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = server.rpartition("/")[0] + "/" + name
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies."""
    path = tmp_path_factory.mktemp("template") / "billing.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty migrated database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "billing.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    engine = open_engine(url)
    _empty(engine)
    engine.dispose()
    return url


def _empty(engine: Engine) -> None:
    """Deleting is quicker than truncating while the tables are small."""
    deletes = "; ".join(f"DELETE FROM {table.name}" for table in metadata.sorted_tables)
    with engine.begin() as connection:
        connection.exec_driver_sql(deletes)


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The default settings over the test's database."""
    return Settings(database_url=database_url)


@pytest.fixture
def clock() -> SettableClock:
    """A clock that stands at the first moment of 1 March 2026 in Shanghai."""
    return SettableClock(START)


@pytest.fixture
def center(settings: Settings, clock: SettableClock) -> Iterator[Center]:
    """A center on an empty migrated database, with a clock that stands still and ids that count."""
    opened = open_center(settings, clock=clock, ids=CountingIds())
    yield opened
    opened.database.close()
