"""The test clock stands still, is kept in the database, and never meets facts of the real clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from billing_center.clock import SystemClock
from billing_center.database import Database
from billing_center.errors import ClockRefused, OutOfRange
from billing_center.payer.store import NewPayer, make_known
from billing_center.settings import Settings
from billing_center.test_clock import StoredTestClock, choose_clock, parse_instant, require_test_clock
from schema.engine import open_engine
from schema.tables.jobs import system_fact

MARCH = datetime(2026, 2, 28, 16, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(open_engine(database_url))
    yield opened
    opened.close()


def with_clock(text: str) -> Settings:
    return Settings(test_clock=text)


def a_fact(database: Database) -> None:
    met = [NewPayer("p", cust_id="", currency="CNY", billing_day=1)]
    database.transact(lambda connection: make_known(connection, met, at=MARCH))


def test_starts_where_the_setting_says_and_stays_where_it_was_moved(database: Database) -> None:
    clock = choose_clock(database, with_clock("2026-03-01T00:00:00+08:00"))
    assert isinstance(clock, StoredTestClock) and clock.now() == clock.now() == MARCH
    clock.move(MARCH + timedelta(days=1))
    later = choose_clock(database, with_clock("2026-03-01T00:00:00+08:00"))
    assert later.now() == MARCH + timedelta(days=1)


def test_another_process_sees_it_move(database: Database) -> None:
    mine = choose_clock(database, with_clock("2026-03-01T00:00:00+08:00"))
    StoredTestClock(database).move(MARCH + timedelta(milliseconds=1))
    assert mine.now() == MARCH + timedelta(milliseconds=1)


def test_never_goes_back(database: Database) -> None:
    clock = require_test_clock(choose_clock(database, with_clock("2026-03-01T00:00:00+08:00")))
    with pytest.raises(OutOfRange):
        clock.move(MARCH - timedelta(milliseconds=1))
    assert clock.now() == MARCH


def test_is_refused_on_a_database_with_real_facts(database: Database) -> None:
    assert isinstance(choose_clock(database, Settings()), SystemClock)
    a_fact(database)
    with pytest.raises(ClockRefused, match="facts of the real clock"):
        choose_clock(database, with_clock("2026-03-01T00:00:00+08:00"))
    assert isinstance(choose_clock(database, Settings()), SystemClock)


def test_is_refused_on_facts_from_before_any_clock_was_noted(database: Database) -> None:
    a_fact(database)
    database.transact(lambda connection: connection.execute(delete(system_fact)) and None)
    with pytest.raises(ClockRefused):
        choose_clock(database, with_clock("2026-03-01T00:00:00+08:00"))


def test_database_that_was_only_set_up_may_still_get_the_test_clock(database: Database) -> None:
    choose_clock(database, Settings())
    assert isinstance(choose_clock(database, with_clock("2026-03-01T00:00:00+08:00")), StoredTestClock)


def test_real_clock_is_refused_on_a_test_database(database: Database) -> None:
    choose_clock(database, with_clock("2026-03-01T00:00:00+08:00"))
    with pytest.raises(ClockRefused, match="set BILLING_TEST_CLOCK"):
        choose_clock(database, Settings())


@pytest.mark.parametrize("text", ["tomorrow", "2026-03-01", "2026-03-01T00:00:00"])
def test_instant_needs_its_offset(text: str) -> None:
    with pytest.raises(OutOfRange):
        parse_instant(text)


def test_only_the_test_clock_is_moved() -> None:
    with pytest.raises(ClockRefused):
        require_test_clock(SystemClock())
