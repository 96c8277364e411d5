"""Prices replaced and a product rated anew: the difference is booked, once, and nothing else moves."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.catalog.load_catalog import load_catalog
from billing_center.correction.correct_use import UseNamed, WithdrawUse, withdraw_use
from billing_center.correction.replace_prices import ReplacePrices, replace_prices
from billing_center.correction.report import Correction
from billing_center.correction.rerate_product import RerateProduct, rerate_product
from billing_center.errors import CatalogInvalid, OutOfRange
from billing_center.order.change_state import ChangeOrderState, change_order_state
from schema.tables.charges import charge

RIGHT = """
products:
  - id: tiered
    name: graduated
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices:
            - currency: CNY
              model: graduated
              tiers: [{up_to: "10", price: "0.50"}, {price: "0.20"}]
  - id: desk
    name: by day
    currency: CNY
    plans:
      day:
        - valid_from: 2026-01-01
          price: {CNY: "2.50"}
"""


def mend(shop: Any, text: str = RIGHT) -> Correction:
    command = ReplacePrices(text, "right.yaml", "the price list had last year's prices")
    made: Correction = shop.act(lambda work: replace_prices(work, command))
    return made


def rerate(shop: Any, product: str, first: date, last: date, *, dry_run: bool = False, **more: Any) -> Correction:
    command = RerateProduct(product, first, last, "last year's prices", **more)
    return rerate_product(shop.center, "operator", command, dry_run=dry_run)


MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def test_replaced_prices_change_nothing_until_a_re_rating_is_asked_for(shop: Any, at: Any) -> None:
    """12 minutes: 10 + 2 x 0.333333; anew 10 x 0.50 + 2 x 0.20. Two days of a desk: 4.00; anew 5.00."""
    shop.use("a", "tiered", "12", at(2))
    shop.order("o", "desk", day=1)
    shop.rate()
    shop.days(date(2026, 3, 2))
    before = shop.sums()
    assert shop.charged() == {"CNY": Decimal("14.666666")}
    assert len(mend(shop).notes) == 3
    assert shop.sums() == before
    shown = rerate(shop, "tiered", *MARCH, dry_run=True)
    assert shown.totals() == {"CNY": Decimal("5.4") - Decimal("10.666666")} and shop.sums() == before
    assert rerate(shop, "tiered", *MARCH).totals() == shown.totals()
    assert rerate(shop, "desk", *MARCH).totals() == {"CNY": Decimal(1)}
    assert shop.charged() == {"CNY": Decimal("10.4")}


def test_running_it_twice_books_nothing_the_second_time(shop: Any, at: Any) -> None:
    for n in range(5):
        shop.use(f"u{n}", "tiered", "3", at(2 + n))
    shop.rate()
    mend(shop)
    first = rerate(shop, "tiered", *MARCH)
    assert first.totals() == {"CNY": Decimal("6") - Decimal("11.666665")}
    booked = (shop.sums(), shop.meters(), shop.count(charge))
    assert rerate(shop, "tiered", *MARCH).repeated
    again = rerate(shop, "tiered", *MARCH, correction_id="once-more")
    assert (again.repeated, again.differences) == (False, ())
    assert (shop.sums(), shop.meters(), shop.count(charge)) == booked


def test_only_the_range_of_days_is_rated_anew_as_if_the_version_had_begun_there(shop: Any, at: Any) -> None:
    """8 minutes on the 2nd stay at 1.00, 8 on the 9th are the first 8 of the new version: 4.00."""
    shop.use("a", "tiered", "8", at(2))
    shop.use("b", "tiered", "8", at(9))
    shop.rate()
    mend(shop)
    rerate(shop, "tiered", date(2026, 3, 5), date(2026, 3, 31))
    assert shop.charged() == {"CNY": Decimal(12)}
    shop.use("c", "tiered", "4", at(10))  # goes on in the new version's meter: 2 x 0.50 + 2 x 0.20
    shop.rate()
    assert shop.charged() == {"CNY": Decimal("13.4")}


def test_a_closed_period_is_corrected_on_the_open_one_and_only_for_the_payer_asked_for(shop: Any, at: Any) -> None:
    shop.use("a", "tiered", "8", at(2))
    shop.use("b", "tiered", "8", at(2), payer_id="other")
    shop.rate()
    shop.clock.at = at(2, month=4)
    shop.issue(date(2026, 4, 1))
    mend(shop)
    made = rerate(shop, "tiered", *MARCH, payer_id="boss")
    assert [(d.payer_id, d.period_start, d.amount) for d in made.differences] == [
        ("boss", date(2026, 4, 1), Decimal(-4))
    ]
    assert {(k[0], k[1]): v[1] for k, v in shop.sums().items()} == {
        ("boss", "2026-03-01"): Decimal(8),
        ("boss", "2026-04-01"): Decimal(-4),
        ("other", "2026-03-01"): Decimal(8),
    }


def test_a_use_can_be_withdrawn_after_it_was_re_rated_and_a_withdrawn_one_is_not_re_rated(
    shop: Any, at: Any
) -> None:
    shop.use("a", "tiered", "8", at(2))
    shop.use("b", "tiered", "5", at(2))
    shop.rate()
    shop.act(lambda work: withdraw_use(work, WithdrawUse(UseNamed(caller="door", guid="b"), "wrong")))
    mend(shop)
    rerate(shop, "tiered", *MARCH)
    assert shop.charged() == {"CNY": Decimal(4)}
    shop.act(lambda work: withdraw_use(work, WithdrawUse(UseNamed(caller="door", guid="a"), "wrong")))
    assert shop.charged() == {"CNY": Decimal(0)} and shop.sums() == {} and shop.meters() == {}


def test_prices_can_be_replaced_again_and_the_file_loads_as_what_the_catalog_holds(shop: Any, at: Any) -> None:
    shop.use("a", "tiered", "8", at(2))
    shop.rate()
    mend(shop)
    loaded = shop.act(lambda work: load_catalog(work, RIGHT, "right.yaml"))
    assert (loaded.added, loaded.changed) == (0, 0)
    mend(shop, RIGHT.replace('"0.50"', '"0.60"'))
    rerate(shop, "tiered", *MARCH)
    assert shop.charged() == {"CNY": Decimal("4.8")}
    with shop.center.reading() as work:
        versions = [v.version_id for v in work.catalog.product("tiered").product.versions]
        causes = sorted(work.connection.execute(select(charge.c.cause)).scalars())
    first = "tiered/per_use/2026-01-01"
    assert versions == [first, f"{first}~2", f"{first}~3"]
    assert causes == ["rerate_use", "rerate_use", "use"]  # what was taken back, and what was entered


def test_what_is_no_replacement_is_refused(shop: Any, at: Any) -> None:
    mend(shop)
    with pytest.raises(OutOfRange, match="no other prices"):
        shop.act(lambda w: replace_prices(w, ReplacePrices(RIGHT, "right.yaml", "again", "another-id")))
    with pytest.raises(OutOfRange, match="its end stays"):
        ended = RIGHT.replace("          prices:", "          valid_to: 2026-09-01\n          prices:", 1)
        mend(shop, ended.replace('"0.50"', '"0.70"'))
    with pytest.raises(CatalogInvalid):
        mend(shop, "products: [{id: x}]")
    with pytest.raises(OutOfRange):
        rerate(shop, "tiered", date(2026, 3, 2), date(2026, 3, 1))


def test_a_month_charged_in_advance_is_rated_anew_whole_and_once(shop: Any, at: Any) -> None:
    """31.00 in advance, 62.00 is right; the 5th and 6th were not active: 29 days of each."""
    shop.order("o", "early", "月")
    for day, word in ((4, "SUSPENDED"), (7, "ACTIVE")):
        shop.clock.at = at(day)
        shop.act(lambda work, word=word: change_order_state(work, ChangeOrderState("o", word)))
    shop.clock.at = at(20)
    shop.days(date(2026, 3, 19))
    assert shop.charged() == {"CNY": Decimal(29)}
    again = rerate(shop, "early", date(2026, 3, 10), date(2026, 3, 31))
    assert again.differences == ()  # the same price: nothing, though every day was taken back and rated again
    right = CATALOG_OF_EARLY.format(price="62.00")
    mend(shop, right)
    assert rerate(shop, "early", date(2026, 3, 1), date(2026, 3, 2)).totals() == {"CNY": Decimal(29)}
    assert rerate(shop, "early", *MARCH).differences == ()
    assert shop.charged() == {"CNY": Decimal(58)}
    shop.act(lambda work: change_order_state(work, ChangeOrderState("o", "TERMINATED")))
    shop.days(date(2026, 3, 31))
    assert shop.charged() == {"CNY": Decimal(36)}  # 18 days of 2.00: what is given back is of the new version


CATALOG_OF_EARLY = """
products:
  - id: early
    name: in advance
    currency: CNY
    plans:
      month:
        - {{valid_from: 2026-01-01, in_advance: true, price: {{CNY: "{price}"}}}}
"""
