"""A PostgreSQL database that was dumped and restored with its own tools is the same, and sound."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, func, make_url, select, text

from billing_center.center import Center
from billing_center.database import Database
from billing_center.database_check.run_checks import CHECKS, run_checks
from schema.engine import open_engine
from schema.migrate import current_revision, newest_revision
from schema.tables import metadata
from tests.billing_center.database_check.conftest import SCOPE

pytestmark = pytest.mark.databases("postgresql")


@pytest.fixture
def restored(living: Center, tmp_path: object) -> Iterator[Engine]:
    """The books of `living`, dumped and restored into a fresh database."""
    if shutil.which("pg_dump") is None or shutil.which("pg_restore") is None:
        reason = "pg_dump and pg_restore are not installed (Debian: postgresql-client)"
        pytest.fail(f"CI skips nothing: {reason}") if os.environ.get("CI") == "true" else pytest.skip(reason)
    url = make_url(living.settings.database_url)
    fresh, dump = url.set(database=f"{url.database}_restored"), f"{tmp_path}/billing.dump"
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {fresh.database}"))
        connection.execute(text(f"CREATE DATABASE {fresh.database}"))
    names = [
        url.set(drivername="postgresql").render_as_string(False),
        fresh.set(drivername="postgresql").render_as_string(False),
    ]
    subprocess.run(["pg_dump", "-Fc", "-f", dump, "-d", names[0]], check=True)
    subprocess.run(["pg_restore", "--exit-on-error", "--no-owner", "-d", names[1], dump], check=True)
    engine = open_engine(fresh.render_as_string(False))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {fresh.database} WITH (FORCE)"))
    admin.dispose()


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_what_was_dumped_and_restored_is_sound(living: Center, restored: Engine) -> None:
    assert current_revision(restored) == newest_revision()
    found = counts(restored)
    assert found == counts(living.database.engine)
    assert found["charge"] > 60
    checked = run_checks(Database(restored), CHECKS, SCOPE, lambda name, done: None)
    assert [(one.check.name, one.findings) for one in checked] == [(check.name, ()) for check in CHECKS]
