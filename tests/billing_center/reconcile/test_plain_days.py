"""The second computation's days: periods, active days, accounts and bands, worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_center.period import BillingDayFrom, BillingSchedule, service_year
from billing_center.reconcile.plain_days import (
    BillingDays,
    active_days,
    active_spans,
    most_accounts,
    shared_out,
    time_per_band,
    year_of_service,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone).astimezone(UTC)


def change(text: str, state: str) -> SimpleNamespace:
    return SimpleNamespace(at=at(text), to_state=state)


def test_a_period_ends_on_the_last_day_of_a_shorter_month() -> None:
    days = BillingDays(31, [])
    assert days.period(date(2026, 2, 28)) == (date(2026, 2, 28), date(2026, 3, 31), 31)
    assert days.period(date(2026, 2, 27)) == (date(2026, 1, 31), date(2026, 2, 28), 28)


def test_a_moved_billing_day_leaves_a_stub_of_the_new_period() -> None:
    days = BillingDays(1, [(date(2026, 4, 1), 20)])
    assert days.period(date(2026, 3, 31)) == (date(2026, 3, 1), date(2026, 4, 1), 31)
    assert days.period(date(2026, 4, 5)) == (date(2026, 4, 1), date(2026, 4, 20), 31)
    assert days.period(date(2026, 4, 20)) == (date(2026, 4, 20), date(2026, 5, 20), 30)


@given(
    st.dates(date(2023, 1, 1), date(2029, 1, 1)),
    st.integers(1, 31),
    st.integers(1, 31),
    st.dates(date(2024, 1, 1)),
)
def test_walking_day_after_day_finds_what_the_calendar_reckons(
    day: date, first: int, later: int, on: date
) -> None:
    schedule = BillingSchedule(first).changed(later, on=min(on, date(2028, 1, 1)))
    changes = [(c.effective_from, c.billing_day) for c in schedule.changes]
    period = schedule.period_of(day)
    assert BillingDays(first, changes).period(day) == (period.start, period.end, period.whole_days)
    year = service_year(day, min(on, date(2028, 1, 1)))
    assert year_of_service(day, min(on, date(2028, 1, 1))) == (year.start, year.days)
    assert all(isinstance(c, BillingDayFrom) for c in schedule.changes)


def test_an_order_is_active_on_the_days_of_some_active_moment() -> None:
    history = [
        change("03-01 10:00", "ACTIVE"), change("03-03 00:00", "SUSPENDED"), change("03-05 23:59", "ACTIVE"),
        change("03-06 00:00", "SUSPENDED"), change("03-08 12:00", "ACTIVE"), change("03-08 12:00", "TERMINATED"),
    ]  # fmt: skip
    days = active_days(active_spans(history), date(2026, 3, 1), date(2026, 3, 31), SHANGHAI)
    assert [day.day for day in days] == [1, 2, 5]


def test_the_most_accounts_count_only_while_the_order_is_active() -> None:
    numbers = [(at("02-20 00:00"), Decimal(5)), (at("03-02 10:00"), Decimal(8)), (at("03-02 15:00"), Decimal(3))]
    all_day = active_spans([change("03-01 00:00", "ACTIVE")])
    evening = active_spans([change("03-02 18:00", "ACTIVE")])
    assert most_accounts(date(2026, 3, 2), all_day, numbers, SHANGHAI) == 8
    assert most_accounts(date(2026, 3, 2), evening, numbers, SHANGHAI) == 3
    assert most_accounts(date(2026, 3, 3), all_day, numbers, SHANGHAI) == 3


NIGHT = {"name": "night", "start": "22:00", "end": "08:00", "weekdays": list(range(7))}


def test_a_use_is_split_where_it_crosses_a_band() -> None:
    assert time_per_band(at("03-01 21:00"), at("03-02 09:30"), [NIGHT], SHANGHAI) == {
        None: timedelta(hours=2.5), "night": timedelta(hours=10)
    }  # fmt: skip


def test_a_night_of_summer_time_has_nine_hours() -> None:
    whole_night = (at("03-28 22:00", BERLIN), at("03-29 08:00", BERLIN))
    assert time_per_band(*whole_night, [NIGHT], BERLIN) == {"night": timedelta(hours=9)}


@pytest.mark.parametrize("quantity", ["1", "0.000001", "7.5"])
def test_what_is_shared_out_adds_up(quantity: str) -> None:
    parts = shared_out(Decimal(quantity), [timedelta(hours=1)] * 3)
    assert sum(parts) == Decimal(quantity)
    assert parts == sorted(parts, reverse=True)
