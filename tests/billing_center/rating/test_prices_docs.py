"""Every table of docs/prices.md is what rating says, in the order that stands there and backwards."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import indent
from zoneinfo import ZoneInfo

import pytest

from billing_center.catalog.catalog_rules import plan_versions, value_of
from billing_center.catalog.read_catalog import read_catalog
from billing_center.rating.facts import Meters, PeriodOfDay, Terms, Use
from billing_center.rating.price_version import Product
from billing_center.rating.rate_use import rate_use

PAGE = Path(__file__).parents[3] / "docs" / "prices.md"
WORKED = re.compile(
    r"^```yaml\n(unit:.*?)^```\n\n\| uses \| price \|\n\| --- \| --- \|\n((?:\|[^\n]*\n)+)",
    re.DOTALL | re.MULTILINE,
)
ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 3, 12, tzinfo=ZONE).astimezone(UTC)
TERMS = Terms("CNY", PeriodOfDay(date(2026, 3, 1), 31), {}, date(2026, 3, 1), date(2026, 3, 1))
HEAD = """products:
  - id: p
    name: P
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2026-01-01
"""
CASES = [
    (block, *(cell.strip() for cell in row.strip("|").split("|")))
    for block, table in WORKED.findall(PAGE.read_text(encoding="utf-8"))
    for row in table.splitlines()
]


def version_of(block: str) -> Product:
    text = HEAD + indent(block, " " * 10)
    file = read_catalog(text).file
    [(_, product, plan, entry)] = plan_versions(list(enumerate(file.products)))
    return Product("p", "P", True, "CNY", (value_of(product, plan, entry),))


def price_of(product: Product, uses: list[str]) -> Decimal:
    [version] = product.versions
    meters, total = Meters(), Decimal(0)
    for n, words in enumerate(uses):
        number, _, unit = words.strip().partition(" ")
        use = Use(f"e{n}", "boss", "u", "p", "o", NOON, NOON, Decimal(number), unit)
        charges = rate_use(
            use, product=product, version=version, terms=TERMS, promotion=None, meters=meters, zone=ZONE
        )
        total += sum((c.amount for c in charges), Decimal(0))
    return total


def test_the_page_has_its_tables() -> None:
    assert len(CASES) >= 30


@pytest.mark.parametrize(("block", "uses", "price"), CASES)
def test_a_row_is_what_rating_says(block: str, uses: str, price: str) -> None:
    product, pieces = version_of(block), uses.split(";")
    assert price_of(product, pieces) == Decimal(price)
    assert price_of(product, pieces[::-1]) == Decimal(price)
