"""Units convert exactly, and what is metered in pieces costs what it costs at once."""

from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.errors import OutOfRange, ResultCode, Unknown
from billing_center.rating.growth import growth, rated_price
from billing_center.rating.models import Standard, read_model
from billing_center.rating.unit_conversion import UNITS, convert, metered, to_base, unit_of


@pytest.mark.parametrize(
    ("quantity", "unit", "to", "result"),
    [
        ("1.5", "hour", "minute", "90"),
        ("90", "minute", "hour", "1.5"),
        ("1", "天", "小时", "24"),
        ("20", "分钟", "hour", "0.333333"),
        ("1", "second", "day", "0.000012"),  # 0.0000115740... half up
        ("3", "GB", "MB", "3072"),
        ("1", "TB", "KB", "1073741824"),
        ("512", "kb", "Mb", "0.5"),
        ("7", "个", "次", "7"),
        ("7", "", "pieces", "7"),
        ("7", "次", "", "7"),
        ("4", " Page ", "page", "4"),
        ("2.000001", "minutes", "s", "120.00006"),
    ],
)
def test_by_hand(quantity: str, unit: str, to: str, result: str) -> None:
    assert convert(Decimal(quantity), unit, to) == Decimal(result)


@pytest.mark.parametrize(
    ("unit", "to"),
    [("hour", "GB"), ("page", "次"), ("次", "page"), ("fortnight", "day"), ("分钟", ""), ("M", "MB")],
)
def test_other_kinds_and_unknown_words_do_not_convert(unit: str, to: str) -> None:
    with pytest.raises(Unknown) as caught:
        convert(Decimal(1), unit, to)
    assert caught.value.code is ResultCode.UNKNOWN_UNIT


def test_a_blank_unit_is_the_plans_own() -> None:
    assert to_base(Decimal(2), "  ", "hour") == 7200


def test_what_a_meter_could_not_hold_is_refused() -> None:
    with pytest.raises(OutOfRange):
        to_base(Decimal(932), "TB", "TB")
    assert to_base(Decimal(931), "TB", "TB") == Decimal(931) * 1024**3


def test_every_unit_is_a_whole_number_of_base_units() -> None:
    for unit in UNITS.values():
        assert unit.size >= 1
        assert unit.size == int(unit.size)
        assert UNITS[unit.base.casefold()].size == 1


def test_three_uses_of_twenty_minutes_are_one_hour() -> None:
    per_hour = metered(Standard(Decimal("1.00")), unit_of("hour"))
    third = to_base(Decimal(20), "分钟", "小时")
    amounts = [growth(per_hour, third * n, third * (n + 1)) for n in range(3)]
    assert amounts == [Decimal("0.333333"), Decimal("0.333334"), Decimal("0.333333")]
    assert sum(amounts) == 1


def test_a_half_is_found_behind_an_endless_quotient() -> None:
    # 0.0000285 an hour: 20 minutes are 0.0000095 exactly, though 1200/3600 = 0.333... falls short.
    per_hour = metered(Standard(Decimal("0.0000285")), unit_of("hour"))
    assert rated_price(per_hour, Decimal(1200)) == Decimal("0.000010")


def test_a_tiers_edge_holds_in_base_units() -> None:
    tiers = [{"up_to": 3, "price": 1}, {"price": 10}]
    per_hour = metered(read_model({"model": "graduated", "tiers": tiers}), unit_of("hour"))
    assert rated_price(per_hour, Decimal(10800)) == 3
    assert rated_price(per_hour, Decimal(10801)) == Decimal("3.002778")


SIZES = st.sampled_from(["minute", "hour", "day", "MB", "GB", "second"])


@settings(max_examples=60, deadline=None)
@given(SIZES, st.decimals("0", "99", places=6), st.decimals("0", "99999", places=6))
def test_the_price_of_a_reading_is_the_exact_quotient_rounded_half_up(
    unit: str, price: Decimal, q: Decimal
) -> None:
    value = Fraction(price) * Fraction(q) / Fraction(unit_of(unit).size)
    expected = (value * 10**6 + Fraction(1, 2)).__floor__()
    assert rated_price(metered(Standard(price), unit_of(unit)), q) == Decimal(expected).scaleb(-6)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.lists(st.decimals("0", "9999", places=6), min_size=1, max_size=9))
def test_quantities_shown_grow_without_loss(unit: str, pieces: list[Decimal]) -> None:
    base = next(u.base for u in UNITS.values() if u.name == unit)
    readings = [convert(reading, base, unit) for reading in accumulate(pieces, initial=Decimal(0))]
    assert sum(b - a for a, b in pairwise(readings)) == convert(sum(pieces, Decimal(0)), base, unit)
