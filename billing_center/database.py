"""Connections and units of work: one call, one group of calls, or one chunk of a job is one transaction.

Stores and rules never commit or connect. A lost race (deadlock, serialization failure, lock time-out) is
tried again here, at the edge of the unit of work, and nowhere else.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from billing_center.errors import Busy, DatabaseAway
from schema.engine import READ_ONLY
from schema.statistics import refresh_statistics

T = TypeVar("T")

LOST_RACE = {"40001", "40P01", "55P03", "ORA-00060", "ORA-08177", "ORA-00054"}
"""Deadlock, serialization failure and lock time-out, as PostgreSQL and Oracle name them."""


class Database:
    """One database. Opens transactions; knows which failures are worth another try."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def kind(self) -> str:
        """'sqlite', 'postgresql' or 'oracle'."""
        return self.engine.dialect.name

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at its end and rolls back when left by an error.

        Raises: DatabaseAway when no connection can be had; Busy when a race was lost.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise _named(error) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads. Raises: DatabaseAway."""
        try:
            with self.engine.connect().execution_options(**{READ_ONLY: True}) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise _named(error) from error

    def transact(self, work: Callable[[Connection], T], *, tries: int = 5) -> T:
        """Do the work in one transaction; a lost race is tried again from the start.

        The work must do nothing outside the transaction. Raises: DatabaseAway, Busy after the last try.
        """
        for left in range(tries - 1, -1, -1):
            try:
                with self.write() as connection:
                    return work(connection)
            except DatabaseAway:
                raise
            except Busy:
                if left == 0:
                    raise
        raise AssertionError("unreachable")

    def refresh_statistics(self) -> list[str]:
        """Tell the planner of the tables that changed much; their names. Raises: DatabaseAway, Busy.

        See `schema.statistics`.
        """
        try:
            return refresh_statistics(self.engine)
        except DBAPIError as error:
            raise _named(error) from error

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _named(error: DBAPIError) -> Exception:
    """The domain's word for a failure of the database: worth another try, away, or a bug (as it is)."""
    origin = error.orig
    state = getattr(origin, "sqlstate", None) or str(origin).partition(":")[0].strip()
    if state in LOST_RACE or "database is locked" in str(origin):
        return Busy("another transaction was faster")
    if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
        if "no such table" in str(origin) or "no such column" in str(origin):
            return error
        return DatabaseAway("the database cannot be reached")
    return error
