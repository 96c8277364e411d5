"""The second computation's prices, worked out by hand; and that it knows every shape that rating knows."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from billing_center.rating.models import MODELS
from billing_center.rating.models.limited import LIMIT_FIELDS
from billing_center.rating.models.per_event import EVENT_FIELDS
from billing_center.rating.unit_conversion import UNITS
from billing_center.reconcile.plain_fees import counted_as, fees_of
from billing_center.reconcile.plain_price import EACH_USE, KNOWN_PARAMETERS, SHAPES, NotKnown, half_up, plain_price
from billing_center.reconcile.plain_units import KINDS, base_units, shown_in

GRADUATED = {"model": "graduated", "tiers": [{"up_to": "10", "price": "1"}, {"price": "0.5", "flat": "2"}]}
VOLUME = {"model": "volume", "tiers": [{"up_to": "100", "price": "1"}, {"price": "0.8"}]}
STAIRS = {"model": "stairstep", "tiers": [{"up_to": "10", "price": "100"}, {"price": "300"}]}
SHARES = {
    "model": "graduated_percentage",
    "tiers": [{"up_to": "1000", "percent": "3"}, {"percent": "2", "flat": "10"}],
}


def test_every_shape_and_every_parameter_is_written_a_second_time() -> None:
    assert set(SHAPES) == set(MODELS)
    assert EVENT_FIELDS == EACH_USE
    assert LIMIT_FIELDS <= KNOWN_PARAMETERS


def test_every_unit_is_written_a_second_time_with_the_same_size() -> None:
    assert {word: size for word, (_, size) in KINDS.items()} == {word: unit.size for word, unit in UNITS.items()}


@pytest.mark.parametrize(
    ("params", "reading", "price"),
    [
        ({"model": "standard", "price": "0.3"}, "7", "2.1"),
        ({"price": "0.3"}, "7", "2.1"),
        (GRADUATED, "10", "10"),
        (GRADUATED, "11", "12.5"),  # 10 x 1 + flat 2 + 1 x 0.5
        (VOLUME, "100", "100"),
        (VOLUME, "101", "80.8"),
        (STAIRS, "10", "100"),
        (STAIRS, "10.5", "300"),
        ({"model": "package", "price": "5", "size": "100", "free": "50"}, "50", "0"),
        ({"model": "package", "price": "5", "size": "100", "free": "50"}, "150.1", "10"),
        ({"model": "percentage", "percent": "2.5", "free": "100"}, "140", "1"),
        (SHARES, "1001", "40.02"),
        ({"price": "1", "included": "10", "minimum": "5", "cap": "50"}, "1", "5"),
        ({"price": "1", "included": "10", "minimum": "5", "cap": "50"}, "16", "6"),
        ({"price": "1", "included": "10", "minimum": "5", "cap": "50"}, "1000", "50"),
        ({"price": "1", "minimum": "5"}, "0", "0"),
        ({"price": "1"}, "-2", "-2"),
    ],
)
def test_a_whole_reading_costs(params: dict[str, Any], reading: str, price: str) -> None:
    assert plain_price(params, Fraction(reading)) == Fraction(price)


def test_a_month_costs_its_share_of_days() -> None:
    assert plain_price({"model": "prorated", "price": "31"}, Fraction(15), spread_over=31) == 15


@pytest.mark.parametrize("params", [{"model": "auction"}, {"price": "1", "surge": "2"}])
def test_what_is_not_written_here_is_said_and_not_guessed(params: dict[str, Any]) -> None:
    with pytest.raises(NotKnown):
        plain_price(params, Fraction(1))


def test_a_half_goes_away_from_zero() -> None:
    halves = [Fraction(1, 2), Fraction(3, 2), Fraction(-1, 2), Fraction(1, 3)]
    assert [half_up(value, 0) for value in halves] == [Decimal(1), Decimal(2), Decimal(-1), Decimal(0)]
    assert str(half_up(Fraction(10, 3), 6)) == "3.333333"


def test_a_use_is_counted_in_increments_and_asked_its_fees() -> None:
    params = {
        "price": "0.25",
        "event_fee": "0.1",
        "free_events": "2",
        "increments": {"first": "60 s", "then": "6 s"},
    }
    assert [counted_as(params, Decimal(s), "minute") for s in (0, 1, 60, 61, 66.5)] == [0, 60, 60, 66, 72]
    [fee] = fees_of({"component": "CNY", "params": params}, Decimal(60), "minute")
    assert [str(fee.price(Decimal(uses))) for uses in (2, 3, 5)] == ["0.000000", "0.100000", "0.300000"]


def test_the_bounds_of_a_use_add_and_take() -> None:
    params = {"model": "percentage", "percent": "2.5", "event_min": "0.1", "event_max": "5"}
    price = {"component": "CNY", "params": params}
    # 0.025 lacks 0.075 of the least; 25.00 exceeds the most by 20.00; 1.00 is within
    growths = [fees_of(price, Decimal(amount), "yuan")[0].growth for amount in (1, 1000, 40)]
    assert growths == [Decimal("0.075"), Decimal(-20), Decimal(0)]


def test_units() -> None:
    assert base_units(Decimal("1.5"), "hour", "minute") == 5400
    assert base_units(Decimal(2), "", "GB") == 2 * 1024 * 1024
    assert base_units(Decimal(1), "MB", "minute") is None
    assert shown_in(Decimal(100), "minute") == Decimal("1.666667")
