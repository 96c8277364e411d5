"""Billing periods tile: computed from the anchor, never from the boundary before."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_center.errors import OutOfRange
from billing_center.period import BillingDayFrom, BillingSchedule, Period, regular_period, service_year

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))
BILLING_DAYS = st.integers(min_value=1, max_value=31)


@pytest.mark.parametrize(
    ("day", "billing_day", "start", "end"),
    [
        (date(2026, 2, 14), 31, date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 2, 28), 31, date(2026, 2, 28), date(2026, 3, 31)),
        (date(2024, 2, 29), 31, date(2024, 2, 29), date(2024, 3, 31)),
        (date(2026, 3, 31), 31, date(2026, 3, 31), date(2026, 4, 30)),
        (date(2026, 1, 1), 1, date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 1, 14), 15, date(2025, 12, 15), date(2026, 1, 15)),
    ],
)
def test_a_period_runs_from_billing_day_to_billing_day(
    day: date, billing_day: int, start: date, end: date
) -> None:
    assert regular_period(day, billing_day) == Period(start, end)


@pytest.mark.parametrize("billing_day", range(1, 32))
def test_periods_tile_for_sixty_years(billing_day: int) -> None:
    period = regular_period(date(2000, 1, 1), billing_day)
    while period.end < date(2060, 1, 1):
        following = regular_period(period.end, billing_day)
        assert following.start == period.end
        assert regular_period(period.end - timedelta(days=1), billing_day) == period
        period = following


def test_a_year_from_29_february_begins_on_28_february_in_common_years() -> None:
    assert service_year(date(2025, 6, 1), date(2024, 2, 29)) == Period(date(2025, 2, 28), date(2026, 2, 28))
    assert service_year(date(2028, 2, 29), date(2024, 2, 29)) == Period(date(2028, 2, 29), date(2029, 2, 28))


@given(day=DAYS, anchor=DAYS)
def test_service_years_tile(day: date, anchor: date) -> None:
    year = service_year(day, anchor)
    assert day in year
    assert service_year(year.end, anchor).start == year.end


def test_a_later_billing_day_leaves_a_stub_that_costs_its_share() -> None:
    """5th to 20th, asked for on 10 March: the running period stays, then fifteen days of 31, then the 20th."""
    schedule = BillingSchedule(5).changed(20, on=date(2026, 3, 10))
    assert schedule.period_of(date(2026, 3, 31)) == Period(date(2026, 3, 5), date(2026, 4, 5), 31)
    stub = schedule.period_of(date(2026, 4, 6))
    assert (stub.start, stub.end, stub.days, stub.whole_days) == (date(2026, 4, 5), date(2026, 4, 20), 15, 31)
    assert schedule.period_of(date(2026, 4, 20)) == Period(date(2026, 4, 20), date(2026, 5, 20), 30)


def test_a_change_that_has_not_taken_effect_is_replaced() -> None:
    schedule = BillingSchedule(5).changed(20, on=date(2026, 3, 10)).changed(5, on=date(2026, 3, 11))
    assert schedule == BillingSchedule(5, [])


@given(
    first=BILLING_DAYS,
    changes=st.lists(st.tuples(st.integers(min_value=0, max_value=400), BILLING_DAYS), max_size=6),
    day=st.integers(min_value=-400, max_value=1500),
)
def test_periods_tile_whatever_the_changes(first: int, changes: list[tuple[int, int]], day: int) -> None:
    schedule, on = BillingSchedule(first), date(2026, 1, 1)
    for wait, billing_day in changes:
        on += timedelta(days=wait)
        before = schedule.period_of(on)
        schedule = schedule.changed(billing_day, on=on)
        assert schedule.period_of(on) == before, "the running period never moves"
    asked = date(2026, 1, 1) + timedelta(days=day)
    period = schedule.period_of(asked)
    assert asked in period
    assert schedule.period_of(period.end).start == period.end
    assert 1 <= period.days <= period.whole_days <= 31


def test_a_billing_day_is_1_to_31() -> None:
    for wrong in (0, 32):
        with pytest.raises(OutOfRange):
            BillingDayFrom(date(2026, 1, 1), wrong)
