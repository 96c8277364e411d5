"""Uses that cross the edges of bands, on the wall clock of the business zone."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.errors import OutOfRange
from billing_center.rating.bands import overlapping_bands, split_quantity, time_in_bands
from billing_center.rating.price_version import Band

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = Band("night", time(22), time(6))
DAY = Band("day", time(6), time(22))
WEEKEND = Band("weekend", time(0), time(0), frozenset({5, 6}))
FRIDAY_NIGHT = Band("friday night", time(22), time(6), frozenset({4}))


def at(day: int, hour: int, minute: int = 0, *, month: int = 3, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


def hours(**by_band: float) -> dict[str, timedelta]:
    return {name: timedelta(hours=count) for name, count in by_band.items()}


def test_a_use_over_one_edge_is_split_there() -> None:
    assert time_in_bands(at(2, 21), at(2, 23, 30), [NIGHT, DAY], SHANGHAI) == hours(day=1, night=1.5)


def test_parts_come_in_the_order_of_first_touch() -> None:
    assert list(time_in_bands(at(2, 21), at(2, 23), [NIGHT, DAY], SHANGHAI)) == ["day", "night"]
    assert list(time_in_bands(at(2, 5), at(2, 23), [NIGHT, DAY], SHANGHAI)) == ["night", "day"]


def test_an_edge_belongs_to_the_band_that_begins() -> None:
    assert time_in_bands(at(2, 22), at(2, 22), [NIGHT, DAY], SHANGHAI).keys() == {"night"}
    assert time_in_bands(at(2, 21), at(2, 22), [NIGHT, DAY], SHANGHAI) == hours(day=1)
    assert time_in_bands(at(2, 6), at(2, 6), [NIGHT, DAY], SHANGHAI).keys() == {"day"}


def test_a_band_over_midnight_holds_the_small_hours() -> None:
    assert time_in_bands(at(2, 2), at(2, 7), [NIGHT], SHANGHAI) == {
        "night": timedelta(hours=4),
        None: timedelta(hours=1),
    }


def test_the_weekday_of_a_night_is_that_of_its_evening() -> None:
    # 2026-03-06 is a Friday.
    assert time_in_bands(at(7, 0), at(7, 7), [FRIDAY_NIGHT], SHANGHAI) == {
        "friday night": timedelta(hours=6),
        None: timedelta(hours=1),
    }
    assert time_in_bands(at(6, 0), at(6, 7), [FRIDAY_NIGHT], SHANGHAI).keys() == {None}


def test_of_overlapping_bands_the_first_wins() -> None:
    begin, end = at(7, 21), at(7, 23)
    assert time_in_bands(begin, end, [WEEKEND, NIGHT], SHANGHAI) == hours(weekend=2)
    assert time_in_bands(begin, end, [NIGHT, WEEKEND], SHANGHAI) == hours(weekend=1, night=1)


def test_a_use_of_several_days_touches_each_band_again() -> None:
    assert time_in_bands(at(2, 0), at(4, 0), [NIGHT, DAY], SHANGHAI) == hours(night=16, day=32)


def test_nights_of_summer_time_count_the_hours_that_they_have() -> None:
    # New York: 02:00 to 03:00 is missing on 8 March, 01:00 to 02:00 comes twice on 1 November.
    short = time_in_bands(at(7, 22, zone=NEW_YORK), at(8, 6, zone=NEW_YORK), [NIGHT], NEW_YORK)
    assert short == hours(night=7)
    begin, end = at(31, 22, month=10, zone=NEW_YORK), at(1, 6, month=11, zone=NEW_YORK)
    assert time_in_bands(begin, end, [NIGHT], NEW_YORK) == hours(night=9)


def test_bands_that_meet_in_the_missing_hour_still_tile() -> None:
    early, late = Band("early", time(0), time(2, 30)), Band("late", time(2, 30), time(0))
    begin, end = at(8, 0, zone=NEW_YORK), at(9, 0, zone=NEW_YORK)
    found = time_in_bands(begin, end, [early, late], NEW_YORK)
    assert None not in found
    assert sum(found.values(), timedelta(0)) == timedelta(hours=23)


def test_a_use_that_ends_before_it_starts_or_never_is_refused() -> None:
    with pytest.raises(OutOfRange):
        time_in_bands(at(2, 2), at(2, 1), [NIGHT], SHANGHAI)
    with pytest.raises(OutOfRange):
        time_in_bands(at(2, 2), at(2, 2) + timedelta(days=3661), [NIGHT], SHANGHAI)


def test_overlaps_are_found_over_midnight_and_over_the_week() -> None:
    assert overlapping_bands([NIGHT, DAY]) == []
    assert overlapping_bands([NIGHT, WEEKEND, DAY]) == [("night", "weekend"), ("weekend", "day")]
    sunday = Band("sunday night", time(23), time(1), frozenset({6}))
    monday = Band("monday", time(0), time(0), frozenset({0}))
    assert overlapping_bands([sunday, monday]) == [("sunday night", "monday")]
    assert overlapping_bands([Band("tuesday", time(0), time(0), frozenset({1})), sunday]) == []


def test_a_quantity_is_shared_without_loss() -> None:
    third = timedelta(hours=1)
    assert split_quantity(Decimal(1), [third, third, third]) == [
        Decimal("0.333334"),
        Decimal("0.333333"),
        Decimal("0.333333"),
    ]


@settings(max_examples=60, deadline=None)
@given(st.decimals("0", "99999", places=6), st.lists(st.integers(0, 10**9), min_size=1).filter(any))
def test_shares_add_up_to_the_quantity(quantity: Decimal, microseconds: list[int]) -> None:
    parts = split_quantity(quantity, [timedelta(microseconds=m) for m in microseconds])
    assert sum(parts) == quantity
    assert all(part >= 0 for part in parts)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10 * 86_400), st.integers(1, 3 * 86_400), st.sampled_from([SHANGHAI, NEW_YORK]))
def test_time_in_bands_adds_up_and_agrees_with_looking_at_single_instants(
    start_s: int, length_s: int, zone: ZoneInfo
) -> None:
    begin = at(1, 0) + timedelta(seconds=start_s)
    end = begin + timedelta(seconds=length_s)
    bands = [FRIDAY_NIGHT, NIGHT, Band("noon", time(11, 30), time(13))]
    found = time_in_bands(begin, end, bands, zone)
    assert sum(found.values(), timedelta(0)) == end - begin
    seen = set()
    for n in range(8):
        local = (begin + n * (end - begin) / 8).astimezone(zone)
        clock, weekday = local.time(), local.weekday()
        night_of = weekday if clock >= time(22) else (weekday - 1) % 7
        is_night = clock >= time(22) or clock < time(6)
        is_noon = time(11, 30) <= clock < time(13)
        seen.add(
            "friday night" if is_night and night_of == 4 else "night" if is_night else "noon" if is_noon else None
        )
    assert seen <= found.keys()
