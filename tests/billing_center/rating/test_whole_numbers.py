"""Prices in whole numbers say what the decimals say, to the last millionth; what they cannot say they leave."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.rating.growth import rated_price
from billing_center.rating.models import MODELS, read_model
from billing_center.rating.unit_conversion import convert, metered, unit_of
from billing_center.rating.whole_numbers import from_millionths, in_units, millionths, whole_price

PRICES = st.decimals("0", "9999", places=12).map(str)
SIZES = st.decimals("0.000001", "500", places=6).map(str)
QUICK = ("standard", "graduated", "volume", "stairstep", "package")
UNITS = ("", "minute", "hour", "day", "MB", "TB", "page")


@st.composite
def tiers(draw: st.DrawFn, *, flat: bool) -> list[dict[str, object]]:
    edges = sorted(draw(st.sets(st.decimals("0.000001", "300", places=6), max_size=4)))
    rows: list[dict[str, object]] = [*({"up_to": str(edge)} for edge in edges), {}]
    for row in rows:
        row["price"] = draw(PRICES)
        if flat and draw(st.booleans()):
            row["flat"] = draw(PRICES)
    return rows


OWN = {
    "standard": st.fixed_dictionaries({"price": PRICES}),
    "graduated": st.fixed_dictionaries({"tiers": tiers(flat=True)}),
    "volume": st.fixed_dictionaries({"tiers": tiers(flat=True)}),
    "stairstep": st.fixed_dictionaries({"tiers": tiers(flat=False)}),
    "package": st.fixed_dictionaries({"price": PRICES, "size": SIZES}, optional={"free": SIZES}),
}
LIMITS = st.fixed_dictionaries(
    {}, optional={"included": SIZES, "minimum": PRICES, "cap": st.decimals("9999", "99999", places=2).map(str)}
)
READINGS = st.one_of(
    st.integers(0, 10**15),
    st.decimals("0", "400", places=6).map(millionths),
    st.integers(0, 400).map(lambda n: n * 10**6),
)


@pytest.mark.parametrize("name", QUICK)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whole_numbers_say_what_decimals_say(name: str, data: st.DataObject) -> None:
    function = read_model({"model": name} | data.draw(OWN[name]) | data.draw(LIMITS))
    unit = unit_of(data.draw(st.sampled_from(UNITS)))
    price = whole_price(function, unit)
    assert price is not None
    for reading in data.draw(st.lists(READINGS, min_size=1, max_size=12)):
        long = rated_price(metered(function, unit), from_millionths(reading))
        assert from_millionths(price(reading)) == long, (function, unit.name, reading)


def test_by_hand() -> None:
    price = whole_price(read_model({"model": "standard", "price": "0.005"}), unit_of("minute"))
    assert price is not None
    assert price(90_000_000) == 7_500  # 90 s are 1.5 minutes: 0.0075
    assert price(100_000) == 8  # 0.1 s: 0.00000833.. is 0.000008
    assert price(18_000) == 2  # 0.018 s: 0.0000015 is a true half, and goes up
    assert in_units(100_000, 60) == 1_667


@pytest.mark.parametrize("name", sorted(set(MODELS) - set(QUICK)))
def test_every_other_model_goes_the_long_way(name: str) -> None:
    parameters = {
        "percentage": {"percent": "2.5"},
        "graduated_percentage": {"tiers": [{"percent": "2.5"}]},
        "prorated": {"price": "30"},
    }[name]
    assert whole_price(read_model({"model": name} | parameters), unit_of("")) is None


def test_what_each_use_is_asked_goes_the_long_way() -> None:
    function = read_model({"model": "standard", "price": "1", "event_fee": "0.5"})
    assert whole_price(function, unit_of("")) is None


@given(st.decimals("0", "999999999", places=6), st.sampled_from(["second", "minute", "hour", "day"]))
def test_readings_for_people_are_those_of_the_rules(seconds: Decimal, unit: str) -> None:
    assert from_millionths(in_units(millionths(seconds), int(unit_of(unit).size))) == convert(
        seconds, "second", unit
    )


def test_a_seventh_decimal_is_refused() -> None:
    assert millionths(Decimal("-1.500000")) == -1_500_000
    with pytest.raises(ValueError, match="six decimals"):
        millionths(Decimal("0.0000001"))
