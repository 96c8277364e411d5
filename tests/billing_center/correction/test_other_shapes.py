"""Withdrawals know no price shape: fees of each use, increments and factors are taken back by rating backwards."""

from decimal import Decimal
from typing import Any

from billing_center.catalog.factors import SetFactor, set_factor
from billing_center.correction.correct_use import UseNamed, WithdrawUse, withdraw_use

CALLS = """
products:
  - id: call
    name: fees of each call
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices:
            - {currency: CNY, price: "0.30", event_fee: "0.10", increments: {first: 60 s, then: 6 s}}
  - id: rush
    name: by demand
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2026-01-01
          factor: demand
          price: {CNY: "2.00"}
"""


def withdraw(shop: Any, guid: str) -> None:
    shop.act(lambda work: withdraw_use(work, WithdrawUse(UseNamed(caller="door", guid=guid), "wrong")))


def test_fees_of_each_use_go_with_it(shop: Any, at: Any) -> None:
    """Two calls of 61 s count 66 s each: 2 x (0.33 + 0.10); one of them: 0.43."""
    shop.load(CALLS)
    for guid in ("a", "b"):
        shop.use(guid, "call", "61", at(2), unit="second")
    shop.rate()
    assert shop.charged() == {"CNY": Decimal("0.86")}
    withdraw(shop, "a")
    assert shop.charged() == {"CNY": Decimal("0.43")}
    withdraw(shop, "b")
    assert shop.charged() == {"CNY": Decimal(0)} and shop.sums() == {} and shop.meters() == {}


def test_a_factor_is_that_of_the_moment_of_use(shop: Any, at: Any) -> None:
    """3 uses at a demand of 1.5: 9.00."""
    shop.load(CALLS)
    shop.act(lambda work: set_factor(work, SetFactor("demand", Decimal("1.5"), at(1))))
    shop.use("a", "rush", "3", at(2))
    shop.rate()
    shop.act(lambda work: set_factor(work, SetFactor("demand", Decimal(4))))
    assert shop.charged() == {"CNY": Decimal(9)}
    withdraw(shop, "a")
    assert shop.charged() == {"CNY": Decimal(0)} and shop.sums() == {}
