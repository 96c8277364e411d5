"""The database that `--database h2` stands for."""

import os
import shutil
from collections.abc import Iterator

import pytest

from schema.engine import open_engine
from schema.migrate import upgrade
from tests.oracle.h2_dialect import H2_JAR, h2_server, h2_url


@pytest.fixture(scope="session")
def h2_port(pytestconfig: pytest.Config) -> Iterator[int]:
    """A Java process with H2, for the whole session."""
    if not H2_JAR.exists() or shutil.which("java") is None:
        missing = f"H2 ({H2_JAR}, Debian: libh2-java) or Java is not installed"
        if pytestconfig.getoption("--oracle-sql") == "rewrite":
            pytest.exit(f"{missing}: the golden text would lose what is skipped", returncode=3)
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI skips nothing: {missing}")
        pytest.skip(missing)
    with h2_server() as port:
        yield port


@pytest.fixture(scope="session")
def h2_database_url(h2_port: int) -> str:
    """A migrated database in H2's memory, behind SQLAlchemy's Oracle dialect."""
    url = h2_url(h2_port, "billing")
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return url
