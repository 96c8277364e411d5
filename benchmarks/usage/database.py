"""An empty database for one run, removed at its end: on PostgreSQL by its own name, on SQLite a file."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

SQLITE = "sqlite"


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """The URL of a new database: `server` is `sqlite`, or the URL of any database of a PostgreSQL server."""
    if server == SQLITE:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            yield f"sqlite:///{folder}/billing.db"
        return
    url = make_url(server)
    url = url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"billing_bench_{getpid()}"
    drop = text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    with admin.connect() as connection:
        connection.execute(drop)
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(drop)
        admin.dispose()
