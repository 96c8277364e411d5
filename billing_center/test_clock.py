"""The test clock: the whole system stands at one instant, kept in the database, until it is told to move.

Where it stands in the walk: `bootstrap` chooses the clock here; `clock advance` (another process, or the REST
door) moves it, and every process over the database sees it move. Test facts and real facts never meet in one
database. Design: architecture, "The test clock".
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, Table, bindparam, select, update

from billing_center import bulk
from billing_center.clock import Clock, SystemClock
from billing_center.database import Database
from billing_center.errors import Broken, Busy, ClockRefused, OutOfRange
from billing_center.settings import Settings
from schema.tables.jobs import job_run, system_fact
from schema.tables.orders import payer, service_order
from schema.tables.usage import usage_event

KIND, AT = "clock_kind", "test_clock_at"
REAL, TEST = "real", "test"
DATED: tuple[Table, ...] = (usage_event, service_order, payer, job_run)
"""Tables whose rows are facts of the clock that they were written under."""


class StoredTestClock:
    """The instant that stands in the database, read anew each time: another process may have moved it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        """The instant at which the test clock stands. Raises: DatabaseAway."""
        with self._database.read() as connection:
            at = _fact(connection, AT)
        if at is None:
            raise Broken("the test clock stands nowhere: its row is gone")
        return datetime.fromisoformat(at)

    def move(self, to: datetime) -> datetime:
        """Set the clock forward to an instant and return it. What falls due meanwhile is not run: see `advance`.

        Raises: OutOfRange when it lies before the present instant; Busy when another process moved it.
        """
        to = in_milliseconds(to)
        before = self.now()
        if to < before:
            message = f"the clock stands at {before.isoformat()} and never goes back to {to.isoformat()}"
            raise OutOfRange(message, field="to")
        self._database.transact(lambda connection: _move(connection, before, to))
        return to


def choose_clock(database: Database, settings: Settings) -> Clock:
    """The stored test clock when the setting `test_clock` asks for one, else the machine's. The choice is kept.

    Raises: ClockRefused for the test clock over facts of the real one and the other way round; OutOfRange for a
    setting that is no instant.
    """
    asked = parse_instant(settings.test_clock) if settings.test_clock else None
    with database.read() as connection:
        kind = _fact(connection, KIND)
    if kind is None or (kind == REAL and asked is not None):
        kind = database.transact(lambda connection: _begin(connection, asked))
    if kind == REAL:
        if asked is not None:
            raise ClockRefused("this database holds facts of the real clock: the test clock needs one of its own")
        return SystemClock()
    if asked is None:
        message = "this database lives under the test clock: set BILLING_TEST_CLOCK, or use another database"
        raise ClockRefused(message)
    return StoredTestClock(database)


def require_test_clock(clock: Clock) -> StoredTestClock:
    """The clock, if it is one that can be moved. Raises: ClockRefused."""
    if not isinstance(clock, StoredTestClock):
        raise ClockRefused("the system runs on the real clock, which nobody moves: set BILLING_TEST_CLOCK")
    return clock


def parse_instant(text: str) -> datetime:
    """An ISO instant with its offset, as UTC in milliseconds. Raises: OutOfRange."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise OutOfRange(f"{text!r} is no ISO instant such as 2026-03-01T00:00:00+08:00", field="clock") from None
    if at.tzinfo is None:
        raise OutOfRange(f"{text!r} lacks its offset from UTC, such as +08:00 or Z", field="clock")
    return in_milliseconds(at)


def in_milliseconds(at: datetime) -> datetime:
    """The instant in UTC, cut to milliseconds as every stored instant is."""
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


_FACT = select(system_fact.c.fact).where(system_fact.c.name == bindparam("named"))


def _fact(connection: Connection, name: str) -> str | None:
    fact: str | None = connection.execute(_FACT, {"named": name}).scalar_one_or_none()
    return fact


def _begin(connection: Connection, asked: datetime | None) -> str:
    """Note which clock the database lives under, unless somebody did: returns the kind that it is now."""
    kind = REAL if asked is None else TEST
    if asked is None or not _holds_facts(connection):
        bulk.insert_missing(connection, system_fact, [{"name": KIND, "fact": kind}])
        if asked is not None:
            bulk.put(connection, system_fact, [{"name": KIND, "fact": TEST}], replace=["fact"])
            bulk.insert_missing(connection, system_fact, [{"name": AT, "fact": asked.isoformat()}])
    else:
        bulk.insert_missing(connection, system_fact, [{"name": KIND, "fact": REAL}])
    return _fact(connection, KIND) or REAL


def _holds_facts(connection: Connection) -> bool:
    return any(connection.execute(select(table).limit(1)).first() is not None for table in DATED)


def _move(connection: Connection, before: datetime, to: datetime) -> None:
    statement = (
        update(system_fact)
        .where(system_fact.c.name == AT, system_fact.c.fact == before.isoformat())
        .values(fact=to.isoformat())
    )
    if connection.execute(statement).rowcount != 1:
        raise Busy("another process is moving the clock")
