"""Money: exact at the door, rounded in one place, split without loss."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_center.errors import OutOfRange, WrongValue
from billing_center.money import (
    MINOR_DIGITS,
    allocate,
    currency_code,
    exact,
    minor_texts,
    minor_unit,
    plain,
    rated,
    to_minor_unit,
    to_minor_units,
)


@pytest.mark.parametrize(
    ("amount", "currency", "money"),
    [
        ("1.004999", "CNY", "1.00"),
        ("1.005", "CNY", "1.01"),
        ("-1.005", "CNY", "-1.01"),
        ("0.5", "JPY", "1"),
        ("0.499999", "JPY", "0"),
        ("1.0005", "KWD", "1.001"),
    ],
)
def test_a_line_is_rounded_half_up_to_the_minor_unit(amount: str, currency: str, money: str) -> None:
    assert str(to_minor_unit(Decimal(amount), currency)) == money


millionths = st.integers(-(10**18) + 1, 10**18 - 1) | st.integers(-4000, 4000).map(lambda halves: halves * 500)


@given(st.lists(millionths, max_size=5), st.sampled_from(sorted(MINOR_DIGITS)))
def test_whole_millionths_are_rounded_and_written_as_decimals_are(amounts: list[int], currency: str) -> None:
    money = [to_minor_unit(Decimal(one).scaleb(-6), currency) for one in amounts]
    assert [Decimal(one).scaleb(-6) for one in to_minor_units(amounts, currency)] == money
    texts = [plain(one + 0, least_digits=MINOR_DIGITS[currency]) for one in money]
    assert minor_texts(to_minor_units(amounts, currency), currency) == texts


def test_a_price_is_rounded_half_up_at_six_decimals() -> None:
    assert rated(Decimal("0.0000005")) == Decimal("0.000001")
    assert rated(Decimal("-0.0000005")) == Decimal("-0.000001")
    assert rated(Decimal("0.00000049")) == 0


def test_a_float_is_refused_by_name() -> None:
    with pytest.raises(WrongValue, match="useAge must be a decimal"):
        exact(0.1, field="useAge")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e", "", "12,5"])
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(WrongValue):
        exact(text)


@pytest.mark.parametrize("text", ["1000000000000", "-1E+12", "0.0000001"])
def test_digits_that_would_be_lost_are_refused(text: str) -> None:
    with pytest.raises(OutOfRange):
        exact(text)


@pytest.mark.parametrize(("word", "code"), [("RMB", "CNY"), ("rmb ", "CNY"), ("twb", "TWD"), ("HKD", "HKD")])
def test_the_currencies_of_2009_are_understood(word: str, code: str) -> None:
    assert currency_code(word) == code


def test_plain_text_has_no_needless_zeros() -> None:
    assert plain(Decimal("18.750000"), least_digits=2) == "18.75"
    assert plain(Decimal("3.000000"), least_digits=2) == "3.00"
    assert plain(Decimal("1E+3")) == "1000"


def test_a_hundred_over_three_loses_nothing() -> None:
    shares = allocate(Decimal("100.00"), [Decimal(1)] * 3, unit=minor_unit("CNY"))
    assert shares == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]


@given(
    cents=st.integers(min_value=-(10**9), max_value=10**9),
    weights=st.lists(st.decimals(min_value=0, max_value=1000, places=3), min_size=1, max_size=20).filter(any),
)
def test_shares_always_add_up(cents: int, weights: list[Decimal]) -> None:
    total = Decimal(cents).scaleb(-2)
    shares = allocate(total, weights, unit=Decimal("0.01"))
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) <= Decimal("0.01")
