"""Every model's worked table from its own file, by hand, and what reading parameters refuses."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from billing_center.errors import OutOfRange, Refused
from billing_center.rating.growth import growth, rated_price
from billing_center.rating.models import MODELS, BadParameter, Prorated, read_model, spread

GRADUATED = {
    "model": "graduated",
    "tiers": [{"up_to": 10, "price": "1.00"}, {"up_to": 20, "price": "0.80", "flat": "2.00"}, {"price": "0.50"}],
}
VOLUME = {"model": "volume", "tiers": [{"up_to": "100", "price": "1.00"}, {"price": "0.80"}]}
STAIRSTEP = {
    "model": "stairstep",
    "tiers": [{"up_to": 10, "price": 100}, {"up_to": 50, "price": 300}, {"price": 500}],
}
PACKAGE = {"model": "package", "price": "5.00", "size": 100, "free": 50}
PERCENTAGE = {"model": "percentage", "percent": "2.5", "free": "100.00"}
SHARES = {
    "model": "graduated_percentage",
    "tiers": [{"up_to": 1000, "percent": 3}, {"up_to": 5000, "percent": 2, "flat": "10.00"}, {"percent": 1}],
}
LIMITED = {"model": "standard", "price": "1.00", "included": 10, "minimum": "5.00", "cap": "50.00"}


@pytest.mark.parametrize(
    ("params", "reading", "price"),
    [
        ({"price": "0.30"}, "0", "0"),
        ({"price": "0.30"}, "1", "0.30"),
        ({"price": "0.30"}, "7", "2.10"),
        ({"model": "standard", "price": "0.000000000001"}, "500000", "0.000001"),  # half up at six decimals
        ({"model": "standard", "price": "0.000000000001"}, "499999", "0"),
        (GRADUATED, "0", "0"),
        (GRADUATED, "10", "10"),
        (GRADUATED, "11", "12.80"),
        (GRADUATED, "20", "20"),
        (GRADUATED, "25", "22.50"),
        (VOLUME, "0", "0"),
        (VOLUME, "100", "100"),
        (VOLUME, "100.000001", "80.000001"),  # 80.0000008 half up
        (VOLUME, "101", "80.80"),
        (VOLUME, "125", "100"),
        (STAIRSTEP, "0", "0"),
        (STAIRSTEP, "0.000001", "100"),
        (STAIRSTEP, "10", "100"),
        (STAIRSTEP, "11", "300"),
        (STAIRSTEP, "50", "300"),
        (STAIRSTEP, "51", "500"),
        (PACKAGE, "50", "0"),
        (PACKAGE, "51", "5"),
        (PACKAGE, "150", "5"),
        (PACKAGE, "151", "10"),
        ({"model": "package", "price": "5.00", "size": "1000"}, "2700", "15"),
        ({"model": "prorated", "price": "100.00"}, "3", "300"),
        (PERCENTAGE, "100", "0"),
        (PERCENTAGE, "140", "1"),
        (PERCENTAGE, "1100", "25"),
        (SHARES, "0", "0"),
        (SHARES, "1000", "30"),
        (SHARES, "1001", "40.02"),
        (SHARES, "5000", "120"),
        (SHARES, "6000", "130"),
        (LIMITED, "0", "0"),
        (LIMITED, "1", "5"),
        (LIMITED, "10", "5"),
        (LIMITED, "16", "6"),
        (LIMITED, "60", "50"),
        (LIMITED, "1000", "50"),
    ],
)
def test_worked_tables(params: dict[str, object], reading: str, price: str) -> None:
    assert rated_price(read_model(params), Decimal(reading)) == Decimal(price)


def test_volume_growth_over_an_edge_is_negative() -> None:
    assert growth(read_model(VOLUME), Decimal(100), Decimal(101)) == Decimal("-19.20")


def test_packs_are_counted_on_the_whole_reading() -> None:
    function = read_model({"model": "package", "price": "5.00", "size": "1000"})
    assert growth(function, Decimal(0), Decimal(1400)) == 10
    assert growth(function, Decimal(1400), Decimal(2700)) == 5


def test_a_reading_below_zero_is_the_mirrored_credit() -> None:
    assert growth(read_model(GRADUATED), Decimal(0), Decimal(-11)) == Decimal("-12.80")


@pytest.mark.parametrize(
    ("whole_days", "days", "price"),
    [(30, 7, "23.333333"), (30, 30, "100"), (31, 15, "48.387097"), (365, 365, "100"), (366, 1, "0.273224")],
)
def test_a_whole_period_is_spread_over_its_days(whole_days: int, days: int, price: str) -> None:
    for params in ({"price": "100.00"}, {"model": "prorated", "price": "100.00"}):
        assert rated_price(spread(read_model(params), whole_days), Decimal(days)) == Decimal(price)


def test_limits_of_a_subscription_count_days_and_cap_the_period() -> None:
    function = spread(read_model({"model": "prorated", "price": "60.00", "included": 7, "cap": "40.00"}), 30)
    assert rated_price(function, Decimal(7)) == 0
    assert rated_price(function, Decimal(22)) == 30
    assert rated_price(function, Decimal(30)) == 40


def test_a_tiered_month_is_refused() -> None:
    with pytest.raises(BadParameter, match="month or year"):
        spread(read_model(GRADUATED), 30)
    with pytest.raises(OutOfRange):
        Prorated(Decimal(1)).over(0)


def test_a_true_half_of_a_share_goes_up() -> None:
    # 0.000009 / 18 = 0.0000005 exactly.
    assert rated_price(Prorated(Decimal("0.000009"), 18), Decimal(1)) == Decimal("0.000001")


def test_the_callers_own_precision_does_not_matter() -> None:
    price, reading = Decimal("999999999999.999999"), Decimal("999999999.999999")
    assert rated_price(read_model({"price": str(price)}), reading) == Decimal("999999999999998999000.000000")


@pytest.mark.parametrize(
    ("params", "field", "rule"),
    [
        ({"price": 0.3}, "price", "quote it: '0.3'"),
        ({"price": True}, "price", "decimal number"),
        ({"price": "three"}, "price", "decimal number"),
        ({"price": "NaN"}, "price", "from 0"),
        ({"price": "-1"}, "price", "from 0"),
        ({"price": "1000000000000"}, "price", "below"),
        ({"price": "0.0000000000001"}, "price", "at most 12 decimals"),
        ({"model": "standard"}, "price", "is required"),
        ({"price": "1", "prise": "2"}, "prise", "not a field"),
        ({"model": "magic", "price": "1"}, "model", "must be one of"),
        ({}, "model", "must be one of"),
        ({"model": ["standard"], "price": "1"}, "model", "must be one of"),
        ({"model": "graduated", "tiers": []}, "tiers", "at least one"),
        ({"model": "graduated", "tiers": "10"}, "tiers", "at least one"),
        ({"model": "graduated", "tiers": ["x"]}, "tiers[1]", "must be a mapping"),
        ({"model": "volume", "tiers": [{"up_to": 5, "price": 1}]}, "tiers[1].up_to", "last tier"),
        ({"model": "volume", "tiers": [{"price": 1}, {"price": 1}]}, "tiers[1].up_to", "present in every other"),
        ({"model": "volume", "tiers": [{"up_to": 0, "price": 1}, {"price": 1}]}, "tiers[1].up_to", "above 0"),
        (
            {"model": "volume", "tiers": [{"up_to": 5, "price": 1}, {"up_to": 5, "price": 1}, {"price": 1}]},
            "tiers[2].up_to",
            "above the edge",
        ),
        ({"model": "stairstep", "tiers": [{"price": 1, "flat": 1}]}, "tiers[1].flat", "not a field"),
        ({"model": "graduated", "tiers": [{"price": 1.5}]}, "tiers[1].price", "quote it"),
        ({"model": "package", "price": 1, "size": 0}, "size", "above 0"),
        ({"model": "package", "price": 1, "size": "0.0000001"}, "size", "at most 6 decimals"),
        ({"model": "percentage", "percent": "100.1"}, "percent", "0 to 100"),
        ({"model": "graduated_percentage", "tiers": [{"price": 1}]}, "tiers[1].percent", "required"),
        ({"price": 1, "cap": 1, "minimum": 2}, "cap", "below the minimum"),
        ({"model": "prorated", "price": 1, "whole_days": 30}, "whole_days", "not a field"),
    ],
)
def test_bad_parameters_name_the_field_and_the_rule(params: dict[str, object], field: str, rule: str) -> None:
    with pytest.raises(BadParameter) as caught:
        read_model(params)
    assert isinstance(caught.value, Refused)
    assert caught.value.field == field
    assert field in caught.value.message
    assert rule in caught.value.message


def test_null_fields_are_absent_fields() -> None:
    params = {"model": "volume", "tiers": [{"up_to": None, "price": 1}], "cap": None, "included": None}
    assert read_model(params).to_params() == {"model": "volume", "tiers": [{"price": "1"}]}


def test_the_table_names_the_model_that_its_rows_write() -> None:
    price: dict[str, object] = {"price": "1"}
    examples: dict[str, Mapping[str, object]] = {
        "standard": price,
        "prorated": price,
        "package": PACKAGE,
        "percentage": PERCENTAGE,
        "graduated_percentage": SHARES,
    }
    for name, model in MODELS.items():
        assert model.from_params(examples.get(name, {"tiers": [price]})).to_params()["model"] == name
