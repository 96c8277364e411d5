"""The second computation stands apart from the first: a mistake in rating is not made a second time."""

import ast
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import billing_center.reconcile
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.rating import rate_day, rate_use
from billing_center.rating.whole_numbers import whole_price
from billing_center.reconcile.difference import Rule
from billing_center.usage import quick_price
from tests.billing_center.reconcile.conftest import Books
from tests.scenarios.story import Story

FOLDER = Path(billing_center.reconcile.__path__[0])
CATALOG = """
products:
  - {id: sms, name: 短信, currency: CNY, unit: count,
     plans: {per_use: [{valid_from: 2026-01-01, price: {CNY: 0.10}}]}}
  - {id: mail, name: 邮箱, currency: CNY, plans: {day: [{valid_from: 2026-01-01, price: {CNY: 1.00}}]}}
"""


def test_no_rating_code_is_shared() -> None:
    forbidden = (
        "billing_center.rating",
        "billing_center.charge",
        "billing_center.usage",
        "billing_center.invoice",
    )
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith(forbidden)], path.name


def wrong_whole_price(function: Any, unit: Any) -> Any:
    right = whole_price(function, unit)
    return None if right is None else lambda reading: right(reading) + (1 if reading else 0)


@pytest.mark.parametrize(("module", "fact"), [(rate_use, "use "), (rate_day, "order o1 "), (quick_price, "use ")])
def test_a_mistake_in_rating_is_named_from_the_fact_to_the_line(
    center: Center, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, module: object, fact: str
) -> None:
    right = rate_use.growth
    if module is quick_price:
        monkeypatch.setattr(module, "whole_price", wrong_whole_price)
    else:
        monkeypatch.setattr(quick_price.QuickPrices, "of", lambda self, *asked: None)  # all go the long way
        monkeypatch.setattr(module, "growth", lambda *asked: right(*asked) + Decimal("0.000001"))
    story = Story(center, clock)
    story.sell(CATALOG)
    story.install("o1", payer="p", product="mail", start="2026-03-30")
    story.at("2026-03-31 10:00")
    story.use("sms", "3", user="p", payer="p")
    story.at("2026-04-01 12:00")
    found = Books(center).differences()
    assert {one.rule for one in found} == {Rule.CHARGE, Rule.SUM, Rule.LINE}
    assert all(one.subject.startswith(fact) for one in found if one.rule is Rule.CHARGE)
    [line] = [one for one in found if one.rule is Rule.LINE]
    assert line.detail.startswith(f"see {fact}")
    assert (line.expected.split(",")[0], line.found.split(",")[0]) in {
        ("list_amount 0.3", "list_amount 0.300001"), ("rated_amount 0.3", "rated_amount 0.300001"),
        ("rated_amount 2", "rated_amount 2.000002"),
    }  # fmt: skip
