"""Amounts with their currency's digits, exactly; counts that say when they stopped counting."""

from decimal import Decimal

import pytest

from billing_center.bounded_count import BoundedCount
from web.console.amounts import counted, money, quantity


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234.5", "CNY", "1,234.50 CNY"),
        ("0.000001", "CNY", "0.000001 CNY"),
        ("-18.750000", "USD", "−18.75 USD"),
        ("-0.5", "HKD", "−0.50 HKD"),
        ("1500", "JPY", "1,500 JPY"),
        ("1.5", "KWD", "1.500 KWD"),
        ("999999999999.999999", "CNY", "999,999,999,999.999999 CNY"),
    ],
)
def test_an_amount_has_its_currencys_digits_and_loses_none(amount: str, currency: str, shown: str) -> None:
    assert money(Decimal(amount), currency) == shown


def test_a_quantity_is_its_shortest_text() -> None:
    assert [quantity(Decimal("30.000000")), quantity(Decimal("1000.5")), quantity(None)] == ["30", "1,000.5", ""]


def test_a_count_says_when_there_is_more() -> None:
    assert [counted(7), counted(BoundedCount(1234)), counted(BoundedCount(10_000, more=True))] == [
        "7",
        "1,234",
        "10,000+",
    ]
