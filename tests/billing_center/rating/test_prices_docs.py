"""Every table of docs/prices.md is what rating says, in the order that stands there and backwards."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import indent
from zoneinfo import ZoneInfo

import pytest

from billing_center.catalog.catalog_rules import plan_versions, value_of
from billing_center.catalog.read_catalog import read_catalog
from billing_center.rating.facts import Meters, OrderDay, PeriodOfDay, PlanKind, Terms, Use
from billing_center.rating.price_version import Product
from billing_center.rating.rate_day import rate_day
from billing_center.rating.rate_use import rate_use

PAGE = Path(__file__).parents[3] / "docs" / "prices.md"
WORKED = re.compile(
    r"^```yaml\n(unit:.*?)^```\n\n\| uses \| price \|\n\| --- \| --- \|\n((?:\|[^\n]*\n)+)",
    re.DOTALL | re.MULTILINE,
)
MONTHS = re.compile(
    r"^```yaml\nplan: month\n(.*?)^```\n\n\| month \| active days [^\n]*\n\|[- |]+\|\n((?:\|[^\n]*\n)+)",
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


MONTH_CASES = [
    (block, *(cell.strip() for cell in row.strip("|").split("|")))
    for block, table in MONTHS.findall(PAGE.read_text(encoding="utf-8"))
    for row in table.splitlines()
]


def version_of(block: str, plan: str = "per_use") -> Product:
    text = HEAD.replace("per_use", plan) + indent(block, " " * 10)
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
    assert len(MONTH_CASES) >= 12


@pytest.mark.parametrize(("block", "uses", "price"), CASES)
def test_a_row_is_what_rating_says(block: str, uses: str, price: str) -> None:
    product, pieces = version_of(block), uses.split(";")
    assert price_of(product, pieces) == Decimal(price)
    assert price_of(product, pieces[::-1]) == Decimal(price)


@pytest.mark.parametrize(("block", "month", "active_days", "charges", "together"), MONTH_CASES)
def test_a_month_is_what_rating_says(
    block: str, month: str, active_days: str, charges: str, together: str
) -> None:
    product = version_of(block, "month")
    [version] = product.versions
    stretches = [part.split("-") for part in active_days.removesuffix(" end").split(",")]
    active = {day for part in stretches for day in range(int(part[0]), int(part[-1]) + 1)}
    start, last = date.fromisoformat(f"{month}-01"), max(active)
    whole = monthrange(start.year, start.month)[1]
    ends = active_days.endswith(" end")
    terms = Terms("CNY", PeriodOfDay(start, whole, start + timedelta(whole)))
    meters, made = Meters(), []
    for day in range(min(active), (last if ends else whole) + 1):
        fact = OrderDay(
            "o", "boss", "p", PlanKind.MONTH, start.replace(day=day), start.replace(day=min(active)),
            active=day in active, last=ends and day == last,
        )  # fmt: skip
        made += rate_day(fact, product=product, version=version, terms=terms, promotion=None, meters=meters)
    assert (len(made), sum(c.amount for c in made)) == (int(charges), Decimal(together))
