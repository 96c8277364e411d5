"""What every test may ask for: an empty migrated center on SQLite and, where a server runs, on PostgreSQL.

`--database h2` runs the same tests in SQLAlchemy's Oracle dialect on H2 (tests/oracle), and with
BILLING_TEST_ORACLE_URL `--database oracle` runs them on that server.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.ids import CountingIds
from billing_center.settings import Settings
from schema.engine import open_engine
from schema.migrate import upgrade
from schema.partitions import PARTITIONED, make_partition
from schema.tables import metadata

pytest_plugins = ["tests.oracle.h2_fixtures", "tests.oracle.golden_plugin"]
_configure = structlog.configure


def _configure_for_now(*arguments: Any, **options: Any) -> None:
    """Loggers of modules must not keep what one test has set up."""
    _configure(*arguments, **options | {"cache_logger_on_first_use": False})


structlog.configure = _configure_for_now
SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 1, tzinfo=SHANGHAI)
DATABASES = ("sqlite", "postgresql", "h2", "oracle")
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


def _of_another_language(connection: Connection) -> str:
    """Words that make a database order texts as English people do, who put `a` before `B`: no rule may need it."""
    icu = connection.execute(text("SELECT count(*) FROM pg_collation WHERE collprovider = 'i'")).scalar_one()
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if not icu or version < 150_000:
        return ""
    return "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of this session's own on the running server, migrated, dropped at the end."""
    server = _postgres_server()
    if server is None:
        if IN_CI:
            pytest.fail("CI skips nothing: no PostgreSQL is running")
        pytest.skip("no PostgreSQL is running (set BILLING_TEST_POSTGRES_URL)")
    with made_database("billing_test", on=server) as url:
        engine = open_engine(url)
        upgrade(engine)
        with engine.begin() as connection:
            for table, month in product(PARTITIONED, range(2, 7)):
                make_partition(connection, table.name, date(2026, month, 1))
        engine.dispose()
        yield url


@contextmanager
def made_database(name: str, *, on: str | None = None, like: str = "") -> Iterator[str]:
    """A PostgreSQL database of this process's own, gone afterwards: an empty one `on` the server of a URL, or one
    that is `like` another, which nobody may be connected to."""
    server = (on or like).rpartition("/")[0]
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    name = f"{name}_{os.getpid()}"
    with admin.connect() as connection:
        how = f"TEMPLATE {like.rpartition('/')[2]}" if like else _of_another_language(connection)
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name} {how}"))
    try:
        yield f"{server}/{name}"
    finally:
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


@pytest.fixture(scope="session")
def oracle_url() -> str:
    """The schema on a real Oracle server that the environment names, migrated. Its rows are deleted."""
    url = os.environ.get("BILLING_TEST_ORACLE_URL")
    if url is None:
        pytest.skip("no Oracle server is named (set BILLING_TEST_ORACLE_URL)")
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database`, once or several times."""
    parser.addoption("--database", action="append", choices=DATABASES, help="run on these databases alone")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that asks for a database runs on SQLite and on PostgreSQL, or on those of `--database`.

    Not so a test whose module or folder has a database of its own, by a fixture of the same name; and one that is
    marked `databases(...)` runs on no others.
    """
    fixtures = metafunc._arg2fixturedefs.get("database_url", ())
    if not fixtures or fixtures[-1].baseid not in ("", "tests"):
        return
    chosen = metafunc.config.getoption("database") or ["sqlite", "postgresql"]
    only = metafunc.definition.get_closest_marker("databases")
    marks = {"postgresql": [pytest.mark.postgres]}
    parameters = [
        pytest.param(name, marks=[pytest.mark.database, *marks.get(name, [])])
        for name in chosen
        if only is None or name in only.args
    ]
    metafunc.parametrize("database_url", parameters, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a database is marked so, also where it asks for one alone."""
    for item in items:
        if "one_database_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty migrated database."""
    return _empty_database(request, request.param)


@pytest.fixture
def one_database_url(request: pytest.FixtureRequest) -> str:
    """An empty migrated database for tests that need not run on several: SQLite, or the first of `--database`."""
    return _empty_database(request, (request.config.getoption("database") or ["sqlite"])[0])


def _empty_database(request: pytest.FixtureRequest, kind: str) -> str:
    if kind == "sqlite":
        path = request.getfixturevalue("tmp_path") / "billing.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    fixture = {"postgresql": "postgres_url", "h2": "h2_database_url", "oracle": "oracle_url"}[kind]
    url: str = request.getfixturevalue(fixture)
    engine = open_engine(url)
    _empty(engine)
    engine.dispose()
    return url


def _empty(engine: Engine) -> None:
    """Deleting is quicker than truncating while the tables are small."""
    deletes = [f"DELETE FROM {table.name}" for table in metadata.sorted_tables]
    if engine.dialect.name == "postgresql":
        deletes = ["; ".join(deletes)]
    with engine.begin() as connection:
        for one in deletes:
            connection.exec_driver_sql(one)


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
