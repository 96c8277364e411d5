"""The catalog that ships: sound, loadable, and priced as billing-rules' worked examples say."""

from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from billing_center.catalog.check_catalog import CatalogCheck, check_catalog
from billing_center.catalog.load_catalog import load_catalog
from billing_center.catalog.quote_price import QuotePrice, quote_price
from billing_center.catalog.snapshot import CatalogSnapshot
from billing_center.center import Center
from billing_center.rating.facts import PlanKind

TEXT = files("billing_center.catalog").joinpath("sample.yaml").read_text(encoding="utf-8")


@pytest.fixture
def database_url(one_database_url: str) -> str:
    """One database only: what is asked here is the sample, not the database."""
    return one_database_url


@pytest.fixture
def shop(center: Center) -> Center:
    """A center with the sample."""
    center.transact("tester", lambda work: load_catalog(work, TEXT, "sample.yaml"))
    return center


def total(shop: Center, product_id: str, count: int, measure: str = "", currency: str = "CNY", **f: str) -> str:
    """A quotation on 2026-03-01."""
    with shop.reading() as work:
        return str(quote_price(work, QuotePrice(product_id, f, measure, Decimal(count), currency)))


def test_it_is_sound_now_and_later() -> None:
    for today in (date(2025, 1, 1), date(2026, 3, 1), date(2030, 1, 1)):
        assert check_catalog(TEXT, today=today) == CatalogCheck((), ())


def test_it_has_the_prices_of_the_worked_examples(shop: Center) -> None:
    with shop.reading() as work:
        seen: CatalogSnapshot = work.catalog
    assert seen.product("mail").product.allowance.days == 7
    assert seen.product("sms").product.allowance.uses == 3
    assert total(shop, "crm", 8, "day") == "16.00"
    assert total(shop, "sms", 2) == "3.00"


def test_it_costs_what_its_comments_say(shop: Center) -> None:
    assert total(shop, "meeting", 1200) == "340.00"
    assert total(shop, "meeting", 20, "hour") == "340.00"
    assert total(shop, "storage", 15, "GB") == "5.00"  # 5 included, one package
    assert total(shop, "storage", 16, "GB") == "10.00"  # a package begun
    assert total(shop, "ocr", 1) == "10.00"
    assert total(shop, "ocr", 1000) == "100.00"
    assert total(shop, "ocr", 1001) == "80.08"
    assert total(shop, "ocr", 100000) == "2000.00"
    assert total(shop, "voice", 1, "minute") == "0.30"
    assert total(shop, "desktop", 2, "hour") == "6.00"
    assert total(shop, "desktop", 2, "hour", cpu="8", memory="32") == "12.00"
    assert total(shop, "desktop", 2, "hour", cpu="16", memory="64", gpu="1") == "30.00"
    assert total(shop, "im", 1, "month", seats="10") == "300.00"
    assert total(shop, "suite", 1, "year") == "3650.00"
    assert total(shop, "suite", 1, "月", "TWD") == "1600.00"
    assert total(shop, "analytics", 3, "month", "USD") == "147.00"
    assert total(shop, "estamp", 7, "", "JPY") == "770"


def test_it_sells_in_every_way(shop: Center) -> None:
    with shop.reading() as work:
        products = work.catalog.products.values()
        promotions = work.catalog.promotions.values()
    assert {v.plan for p in products for v in p.product.versions} == set(PlanKind)
    assert [p.product.product_id for p in products if not p.product.on_sale] == ["fax"]
    assert any(p.real_time for p in products)
    assert any(p.filters for p in products)
    benefits = [
        (bool(p.percent_off), bool(p.amount_off), bool(p.free_days), bool(p.free_uses)) for p in promotions
    ]
    assert {benefit.index(True) for benefit in benefits} == {0, 1, 2, 3}
