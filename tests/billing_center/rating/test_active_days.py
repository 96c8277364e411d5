"""Active days and the day's largest number of accounts, by hand. Modes 2, 3 and 5 of the billing rules."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.rating.active_days import (
    AccountChange,
    StateChange,
    active_intervals,
    largest_accounts,
    was_active,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2026, 3, 2)
BEFORE, AFTER = date(2026, 3, 1), date(2026, 3, 3)


def at(day: int, hour: int = 0, minute: int = 0, *, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=zone).astimezone(UTC)


def on(*when: int) -> StateChange:
    return StateChange(at(*when), True)


def off(*when: int) -> StateChange:
    return StateChange(at(*when), False)


def accounts(number: int, *when: int) -> AccountChange:
    return AccountChange(at(*when), Decimal(number))


def test_an_order_without_history_was_never_active() -> None:
    assert not was_active(DAY, [], SHANGHAI)
    assert largest_accounts(DAY, [], [accounts(5, 1)], SHANGHAI) == 0


def test_active_from_the_day_before_is_active_all_day() -> None:
    assert active_intervals(DAY, [on(1, 9)], SHANGHAI) == [(at(2), at(3))]


def test_several_suspensions_on_one_day_are_one_day() -> None:
    history = [on(1, 9), off(2, 10), on(2, 11), off(2, 12), on(2, 13), off(2, 14)]
    assert active_intervals(DAY, history, SHANGHAI) == [
        (at(2), at(2, 10)),
        (at(2, 11), at(2, 12)),
        (at(2, 13), at(2, 14)),
    ]
    assert was_active(DAY, history, SHANGHAI)
    assert not was_active(AFTER, history, SHANGHAI)


def test_paused_over_midnight_both_days_count_and_a_whole_day_between_does_not() -> None:
    history = [on(1, 9), off(1, 23), on(3, 1)]
    assert was_active(BEFORE, history, SHANGHAI)
    assert not was_active(DAY, history, SHANGHAI)
    assert was_active(AFTER, history, SHANGHAI)


def test_a_change_at_midnight_belongs_to_the_new_day() -> None:
    assert not was_active(BEFORE, [on(2)], SHANGHAI)
    assert was_active(DAY, [on(2)], SHANGHAI)
    assert was_active(BEFORE, [on(1, 9), off(2)], SHANGHAI)
    assert not was_active(DAY, [on(1, 9), off(2)], SHANGHAI)


def test_a_moment_before_midnight_is_enough() -> None:
    history = [StateChange(at(2) - timedelta(microseconds=1), True), off(2)]
    assert was_active(BEFORE, history, SHANGHAI)
    assert not was_active(DAY, history, SHANGHAI)


def test_suspended_and_resumed_at_one_instant_is_not_interrupted() -> None:
    assert active_intervals(DAY, [on(1, 9), off(2, 10), on(2, 10)], SHANGHAI) == [(at(2), at(3))]
    assert active_intervals(DAY, [on(1, 9), off(2), on(2)], SHANGHAI) == [(at(2), at(3))]


def test_resumed_and_suspended_at_one_instant_was_not_active() -> None:
    assert not was_active(DAY, [on(2, 10), off(2, 10)], SHANGHAI)
    assert not was_active(DAY, [on(2), off(2)], SHANGHAI)


def test_history_may_arrive_in_any_order_and_repeat_itself() -> None:
    history = [off(2, 14), on(1, 9), on(1, 10), off(2, 15)]
    assert active_intervals(DAY, history, SHANGHAI) == [(at(2), at(2, 14))]


def test_days_of_23_and_25_hours_are_one_day() -> None:
    # New York: 8 March 2026 has 23 hours; 1 November 2026 has 25.
    begin = StateChange(at(1, 9, zone=NEW_YORK), True)
    [(start, end)] = active_intervals(date(2026, 3, 8), [begin], NEW_YORK)
    assert end - start == timedelta(hours=23)
    [(start, end)] = active_intervals(date(2026, 11, 1), [begin], NEW_YORK)
    assert end - start == timedelta(hours=25)


def test_the_first_hour_of_a_short_day_is_not_the_day_before() -> None:
    resumed = [StateChange(datetime(2026, 3, 8, 5, 0, tzinfo=UTC), True)]  # 00:00 in New York (UTC-5)
    assert was_active(date(2026, 3, 8), resumed, NEW_YORK)
    assert not was_active(date(2026, 3, 7), resumed, NEW_YORK)


def test_worked_example_of_mode_3() -> None:
    changes = [accounts(5, 1, 9), accounts(8, 2, 10), accounts(3, 2, 15)]
    assert largest_accounts(DAY, [on(1, 9)], changes, SHANGHAI) == 8
    assert largest_accounts(AFTER, [on(1, 9)], changes, SHANGHAI) == 3


def test_the_number_at_midnight_carries_over() -> None:
    changes = [accounts(5, 1, 9), accounts(3, 2, 0, 1)]
    assert largest_accounts(DAY, [on(1, 9)], changes, SHANGHAI) == 5


def test_a_number_replaced_at_midnight_does_not_carry_over() -> None:
    changes = [accounts(5, 1, 9), accounts(3, 2)]
    assert largest_accounts(DAY, [on(1, 9)], changes, SHANGHAI) == 3
    assert largest_accounts(BEFORE, [on(1, 9)], changes, SHANGHAI) == 5


def test_accounts_changed_while_suspended_count_only_what_is_left_at_the_resumption() -> None:
    changes = [accounts(2, 1, 9), accounts(9, 2, 11), accounts(4, 2, 12)]
    suspended = [on(1, 9), off(2, 10), on(2, 13)]
    assert largest_accounts(DAY, suspended, changes, SHANGHAI) == 4
    for_good = [on(1, 9), off(2, 10)]
    assert largest_accounts(DAY, for_good, changes, SHANGHAI) == 2
    over_midnight = [on(1, 9), off(2, 10), on(3, 8)]
    assert largest_accounts(DAY, over_midnight, changes, SHANGHAI) == 2
    assert largest_accounts(AFTER, over_midnight, changes, SHANGHAI) == 4


def test_a_number_set_at_the_instant_of_suspension_does_not_count() -> None:
    changes = [accounts(2, 1, 9), accounts(9, 2, 10)]
    assert largest_accounts(DAY, [on(1, 9), off(2, 10)], changes, SHANGHAI) == 2


def test_of_two_numbers_at_one_instant_the_last_recorded_holds() -> None:
    changes = [accounts(9, 2, 10), accounts(3, 2, 10)]
    assert largest_accounts(DAY, [on(1, 9)], changes, SHANGHAI) == 3


MINUTES = st.integers(-1440, 2880)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(MINUTES, st.booleans()), max_size=8),
    st.lists(st.tuples(MINUTES, st.integers(0, 9)), max_size=8),
)
def test_agrees_with_looking_at_every_minute(
    states: list[tuple[int, bool]], numbers: list[tuple[int, int]]
) -> None:
    begin = at(2)
    history = [StateChange(begin + timedelta(minutes=m), active) for m, active in states]
    changes = [AccountChange(begin + timedelta(minutes=m), Decimal(n)) for m, n in numbers]
    largest, active_at_all = 0, False
    for minute in range(1440):
        past = [(m, n, active) for n, (m, active) in enumerate(states) if m <= minute]
        if past and max(past)[2]:
            active_at_all = True
            in_force = [(m, n, number) for n, (m, number) in enumerate(numbers) if m <= minute]
            largest = max(largest, max(in_force)[2] if in_force else 0)
    assert was_active(DAY, history, SHANGHAI) == active_at_all
    assert largest_accounts(DAY, history, changes, SHANGHAI) == largest
