"""Quotations: worked out by hand, refused in the contract's words. Today is 2026-03-01, a month of 31 days."""

from decimal import Decimal

import pytest

from billing_center.catalog.load_catalog import load_catalog
from billing_center.catalog.quote_price import QuotePrice, quote_price
from billing_center.center import Center
from billing_center.errors import MissingField, NoPrice, OutOfRange, Refused, ResultCode, WrongValue

FILE = """
products:
  - id: sms
    name: SMS
    currency: CNY
    unit: count
    free: {uses: 3}
    plans:
      per_use:
        - {valid_from: 2025-01-01, valid_to: 2026-04-01, price: {CNY: 1.50, JPY: 30}}
        - {valid_from: 2026-04-01, price: {CNY: 9}}
  - id: desktop
    name: Desktop
    currency: CNY
    unit: hour
    plans:
      per_use:
        - valid_from: 2025-01-01
          prices:
            - {currency: CNY, price: 6.00}
            - {currency: CNY, price: 15.00, when: {cpu: 8, memory: 32}}
            - {currency: USD, price: 2.00, when: {cpu: 8}}
  - id: crm
    name: CRM
    currency: CNY
    plans:
      account_day: [{valid_from: 2025-01-01, price: {CNY: 2.00}}]
      month: [{valid_from: 2025-01-01, price: {CNY: 310.00}}]
      year: [{valid_from: 2025-01-01, price: {CNY: 3650.00}}]
  - id: fax
    name: Fax
    on_sale: false
    currency: CNY
    unit: count
    plans:
      per_use: [{valid_from: 2025-01-01, price: {CNY: 0.50}}]
"""


@pytest.fixture
def shop(center: Center) -> Center:
    """A center with the catalog above."""
    center.transact("tester", lambda work: load_catalog(work, FILE, "shop.yaml"))
    return center


def ask(
    center: Center,
    product_id: str,
    count: str | None,
    measure: str = "",
    currency: str = "CNY",
    **features: str,
) -> Decimal:
    """Ask for a price."""
    number = None if count is None else Decimal(count)
    with center.reading() as work:
        return quote_price(work, QuotePrice(product_id, features, measure, number, currency))


RIGHT = [
    ("sms", "5", "", "CNY", "7.50"),  # an allowance belongs to a payer, not to a quotation
    ("sms", "5", "次", "RMB", "7.50"),
    ("sms", "7", "", "JPY", "210"),
    ("crm", "16", "day", "CNY", "32.00"),  # sixteen account-days
    ("crm", "3", "日", "CNY", "6.00"),
    ("crm", "2", "月", "CNY", "620.00"),
    ("crm", "1.5", "month", "CNY", "465.00"),
    ("crm", "1", "Year", "CNY", "3650.00"),
    ("desktop", "2", "", "CNY", "12.00"),
    ("desktop", "2", "hour", "CNY", "12.00"),
    ("desktop", "100", "minute", "CNY", "10.00"),  # 1 hour 40 minutes at 6.00, without rounding the hours
    ("desktop", "1", "秒", "CNY", "0.001667"),
]


def test_a_quotation_is_worked_out(shop: Center) -> None:
    found = [(*asked, str(ask(shop, *asked))) for *asked, _ in RIGHT]
    assert found == RIGHT


def test_features_choose_the_price(shop: Center) -> None:
    assert ask(shop, "desktop", "2", cpu="8") == Decimal(12)
    assert ask(shop, "desktop", "2", CPU="8", memory="32", colour="red") == Decimal(30)
    assert ask(shop, "desktop", "30", "minute", cpu="8", memory="32") == Decimal("7.5")
    assert ask(shop, "desktop", "2", currency="USD", cpu="8") == Decimal(4)


WRONG = [
    ("", "1", "", "CNY", MissingField, ResultCode.MISSING_FIELD, "productKey"),
    ("sms", None, "", "CNY", MissingField, ResultCode.MISSING_FIELD, "count"),
    ("sms", "1", "", " ", MissingField, ResultCode.MISSING_FIELD, "currency"),
    ("sms", "0", "", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "count"),
    ("sms", "-1", "", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "count"),
    ("sms", "1e12", "", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "count"),
    ("sms", "0.0000001", "", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "count"),
    ("sms", "NaN", "", "CNY", WrongValue, ResultCode.WRONG_TYPE, "count"),
    ("sms", "1", "", "XYZ", OutOfRange, ResultCode.OUT_OF_RANGE, "currency"),
    ("nothing", "1", "", "CNY", Refused, ResultCode.UNKNOWN_PRODUCT, "productKey"),
    ("nothing", "0", "", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "count"),
    ("fax", "1", "", "CNY", Refused, ResultCode.PRODUCT_NOT_ON_SALE, "productKey"),
    ("sms", "1", "furlong", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "measureUnits"),
    ("sms", "1", "hour", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "measureUnits"),
    ("crm", "1", "", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "measureUnits"),
    ("desktop", "999999999", "day", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "measureUnits"),
    ("desktop", "999999999999", "hour", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "count"),
    ("sms", "1", "月", "CNY", OutOfRange, ResultCode.OUT_OF_RANGE, "measureUnits"),
    ("sms", "1", "", "USD", NoPrice, ResultCode.NO_PRICE, "currency"),
    ("desktop", "1", "", "USD", NoPrice, ResultCode.NO_PRICE, "featureList"),
    ("desktop", "1", "minute", "HKD", NoPrice, ResultCode.NO_PRICE, "currency"),
    ("desktop", "1", "minute", "USD", NoPrice, ResultCode.NO_PRICE, "featureList"),
]


def test_a_wrong_question_names_the_field_and_the_rule(shop: Center) -> None:
    for product_id, count, measure, currency, error, code, field in WRONG:
        with pytest.raises(error) as refused:
            ask(shop, product_id, count, measure, currency)
        assert (refused.value.code, refused.value.field) == (code, field), (product_id, count, measure, currency)
