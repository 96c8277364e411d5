"""Packages of units, bought by orders: charged once, burned first, and past them the plan."""

from decimal import Decimal

import pytest

from billing_center.allowance.show_balances import balances
from billing_center.catalog.quote_price import QuotePrice, quote_price
from billing_center.errors import ConflictingRepeat, NoPrice, OutOfRange
from billing_center.invoice.preview_invoice import preview_invoice
from billing_center.money import plain
from tests.scenarios.story import Story

CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    content_identity: false
    packages:
      - {id: p100, units: 100, price: {CNY: 8.00}, days: 30}
      - {id: p1000, units: 1000, price: {CNY: 60.00}, days: 365, priority: 50}
      - {id: dollars, units: 10, price: {USD: 1.00}}
    plans:
      per_use: [{valid_from: 2026-01-01, price: {CNY: 0.10}}]
      month: [{valid_from: 2026-01-01, price: {CNY: 31.00}}]
promotions:
  - {id: p10, percent_off: 10}
  - {id: minus1, amount_off: {CNY: 1.00}}
"""


def buy(story: Story, order_id: str, package: str = "p100", **more: str) -> None:
    story.install(order_id, payer="boss", product="sms", billing="次", features={"Package": package}, **more)  # type: ignore[arg-type]


def use(story: Story, quantity: str, at: str = "") -> None:
    story.use("sms", quantity, user="boss", payer="boss", at=at)
    story.rate_uses()


def left(story: Story) -> dict[str, str]:
    with story.center.reading() as work:
        granted, _ = balances(work, "boss", work.at)
    return {one.row.grant.grant_id: plain(one.left) + (" expired" if one.expired else "") for one in granted}


def total(story: Story) -> str:
    with story.center.reading() as work:
        found = preview_invoice(work, "boss")
    return plain(sum((line.amount for one in found for line in one.lines), Decimal(0)), least_digits=2)


def test_a_package_is_bought_with_its_order_burned_first_and_billed_on_the_orders_line(story: Story) -> None:
    story.sell(CATALOG)
    for _ in range(2):  # the order system repeats itself
        buy(story, "o1")
    assert (left(story), total(story)) == ({"order:o1": "100"}, "8.00")
    use(story, "60")
    use(story, "60")
    assert (left(story), total(story)) == ({"order:o1": "0"}, "10.00")
    story.at("2026-04-01 12:00")
    assert story.lines("boss-20260301") == [("o1", "sms", "CNY", "10.00")]


def test_two_packages_are_burned_by_priority_then_by_expiry(story: Story) -> None:
    story.sell(CATALOG)
    buy(story, "o1")
    buy(story, "o2", "p1000")
    buy(story, "o3", start="2026-02-20")  # through 21 March, so before o1
    use(story, "1050")
    assert left(story) == {"order:o1": "100", "order:o2": "0", "order:o3": "50"}
    assert total(story) == "76.00"
    story.at("2026-03-22 00:00")
    assert left(story) == {"order:o1": "100", "order:o2": "0", "order:o3": "50 expired"}


def test_a_backdated_package_counts_from_the_orders_start_and_its_price_is_billed_in_the_running_period(
    story: Story,
) -> None:
    story.sell(CATALOG)
    story.install("o0", payer="boss", product="sms", billing="月")
    story.at("2026-04-02 12:00")
    buy(story, "o1", start="2026-03-20")
    with story.center.reading() as work:
        [[bought], _] = balances(work, "boss", work.at)
    assert (str(bought.row.grant.valid_from), str(bought.row.grant.valid_to)) == ("2026-03-20", "2026-04-19")
    [price] = [one for one in story.charges("boss") if one.order_id == "o1"]
    assert (price.day, price.period_start, price.amount) == ("2026-03-20", "2026-04-01", "8.00")


def test_the_promotions_of_the_order_are_taken_off_the_package(story: Story) -> None:
    story.sell(CATALOG)
    buy(story, "o1", promotion="p10,minus1")  # 8.00 x 0.9 - 1.00
    [price] = story.charges("boss")
    assert (price.amount, price.list_amount) == ("6.20", "8.00")


def test_a_pending_order_buys_when_it_opens_and_once(story: Story) -> None:
    story.sell(CATALOG)
    buy(story, "o1", state="PENDING")
    assert (left(story), total(story)) == ({}, "0.00")
    story.at("2026-03-05 12:00")
    for state in ("ACTIVE", "SUSPENDED", "ACTIVE"):
        story.change("o1", state)
    assert (left(story), total(story)) == ({"order:o1": "100"}, "8.00")
    assert [one.day for one in story.charges("boss")] == ["2026-03-05"]


def test_a_pending_order_that_is_cancelled_has_bought_nothing(story: Story) -> None:
    story.sell(CATALOG)
    buy(story, "o1", state="PENDING")
    story.change("o1", "TERMINATED")
    assert (left(story), story.charges("boss")) == ({}, [])


def test_what_was_bought_stays_when_the_order_ends(story: Story) -> None:
    story.sell(CATALOG)
    buy(story, "o1")
    story.change("o1", "TERMINATED")
    use(story, "30")
    assert (left(story), total(story)) == ({"order:o1": "70"}, "8.00")


def test_a_package_that_leaves_the_catalog_keeps_what_was_bought(story: Story) -> None:
    story.sell(CATALOG)
    buy(story, "o1")
    story.sell(CATALOG.replace("{id: p100, units: 100", "{id: p100, units: 200"))
    story.change("o1", "SUSPENDED")
    story.sell(CATALOG.replace("      - {id: p100, units: 100, price: {CNY: 8.00}, days: 30}\n", ""))
    story.change("o1", "ACTIVE")
    assert (left(story), total(story)) == ({"order:o1": "100"}, "8.00")


def test_the_same_order_with_another_package_is_another_order(story: Story) -> None:
    story.sell(CATALOG)
    buy(story, "o1")
    with pytest.raises(ConflictingRepeat):
        buy(story, "o1", "p1000")


@pytest.mark.parametrize(
    ("package", "billing", "error", "field"),
    [
        ("p7", "次", OutOfRange, "specCondition"),
        ("p100", "月", OutOfRange, "billingType"),
        ("dollars", "次", NoPrice, "currency"),
    ],
)
def test_a_package_that_is_not_sold_so_is_refused_and_nothing_is_kept(
    story: Story, package: str, billing: str, error: type[OutOfRange | NoPrice], field: str
) -> None:
    story.sell(CATALOG)
    with pytest.raises(error) as refused:
        story.install("o1", payer="boss", product="sms", billing=billing, features={"package": package})
    assert refused.value.field == field
    assert (left(story), story.charges("boss")) == ({}, [])


def test_a_long_order_id_buys_under_a_digest_of_it(story: Story) -> None:
    story.sell(CATALOG)
    buy(story, "o" * 59)  # its code is five longer, and 64 is the most
    [grant_id] = left(story)
    assert grant_id.startswith("order:") and len(grant_id) == 40


def test_packages_are_quoted_whole(story: Story) -> None:
    story.sell(CATALOG)
    asked = QuotePrice("sms", {"package": "p1000"}, "", Decimal(2), "CNY")
    with story.center.reading() as work:
        assert str(quote_price(work, asked)) == "120.00"
        with pytest.raises(OutOfRange) as refused:
            quote_price(work, QuotePrice("sms", {"package": "p1000"}, "", Decimal("1.5"), "CNY"))
    assert refused.value.field == "count"
