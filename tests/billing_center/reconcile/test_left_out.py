"""Terms that the second computation does not work out: named and counted, never a difference, never in silence."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from billing_center.allowance.grant_allowance import BuyPackage, GrantAllowance, buy_package, grant_allowance
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.correction.correct_use import UseNamed, WithdrawUse, withdraw_use
from billing_center.reconcile.difference import Rule
from schema.tables.charges import charge, running_sum
from schema.tables.usage import usage_event
from tests.billing_center.reconcile.conftest import Books
from tests.scenarios.story import Story

CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    content_identity: false
    packages: [{id: p100, units: 100, price: {CNY: 8.00}, days: 30}]
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices: [{currency: CNY, model: graduated, tiers: [{up_to: 50, price: 0.10}, {price: 0.07}]}]
  - id: call
    name: 电话
    currency: CNY
    unit: minute
    content_identity: false
    plans: {per_use: [{valid_from: 2026-01-01, included: {units: 100, carry_over: 1}, price: {CNY: 0.30}}]}
  - id: seat
    name: 坐席
    currency: CNY
    plans:
      month: [{valid_from: 2026-01-01, in_advance: true, price: {CNY: 310.00}}]
      day: [{valid_from: 2026-01-01, commitment: {CNY: 100.00}, price: {CNY: 2.00}}]
      year: [{valid_from: 2026-01-01, proration: months_of_30, price: {CNY: 360.00}}]
"""


def test_a_first_use_that_is_still_parked_has_opened_the_product(center: Center, clock: SettableClock) -> None:
    story = Story(center, clock)
    story.sell("""
products:
  - id: fax
    name: 传真
    currency: CNY
    unit: page
    free: {days: 7}
    plans: {per_use: [{valid_from: 2026-03-05, price: {CNY: 1.00}}]}
""")
    story.at("2026-03-02 10:00")
    story.use("fax", user="u", payer="p")
    for day in (8, 9):
        story.at(f"2026-03-{day:02} 10:00")
        story.use("fax", user="u", payer="p")
    story.at("2026-03-10 10:00")
    # the use of the 2nd has no price and waits; its seven free days end with the 8th all the same
    assert story.days_charged("p") == {"03-09": "1.00"}
    done = Books(center).reconcile()
    assert done.differences == []
    assert [name for name in done.counts if name.startswith("left out")] == ["left out: parked no_price"]


@pytest.fixture
def books(center: Center, clock: SettableClock) -> Iterator[Books]:
    """Six weeks with packages, credits, included units, days in advance, a commitment and a withdrawn use."""
    story = Story(center, clock)
    story.sell(CATALOG)
    for order_id, billing in (("advance", "月"), ("committed", "日"), ("year", "年")):
        story.install(order_id, payer="boss", product="seat", billing=billing)
    story.install("texts", payer="boss", product="sms", billing="次")
    package = BuyPackage("boss", "sms", "p100")
    center.transact("operator", lambda work: buy_package(work, package))
    credit = GrantAllowance("boss", amount=Decimal("5.50"), currency="CNY", why="sorry")
    center.transact("operator", lambda work: grant_allowance(work, credit))
    for day, count, minutes in ((2, "80", "60"), (9, "70", "70"), (20, "13", "1.5")):
        story.at(f"2026-03-{day:02} 10:00")
        story.use("sms", count, user="boss", payer="boss", guid=f"s{day}")
        story.use("call", minutes, user="boss", payer="boss", guid=f"c{day}")
    story.change("advance", "SUSPENDED")
    story.at("2026-03-25 10:00")
    withdrawn = WithdrawUse(UseNamed(caller="product", guid="s9"), "counted twice")
    center.transact("operator", lambda work: withdraw_use(work, withdrawn))
    story.at("2026-04-11 10:00")
    yield Books(center)


def test_what_is_left_out_is_named_and_counted(books: Books) -> None:
    done = books.reconcile()
    assert done.differences == []
    left_out = {name.removeprefix("left out: ") for name in done.counts if name.startswith("left out: ")}
    assert left_out == {
        "charges by package", "charges by true_up", "charges by what was granted or included",
        "facts that were corrected", "orders charged in advance", "withdrawn",
    }  # fmt: skip
    assert done.counts["left out: withdrawn"] == 1


def test_the_rest_of_a_use_is_still_recomputed(books: Books) -> None:
    use = books.find(usage_event, usage_event.c.guid == "c9")
    row = books.find(charge, charge.c.cause_id == use.event_id, charge.c.component == "CNY")
    assert (row.quantity, row.amount) == (Decimal(30), Decimal(9))  # 60 + 70 minutes, 100 of them included
    books.set(charge, row, amount=row.amount + 1)
    assert [one.rule for one in books.differences()] == [Rule.CHARGE]


def test_sums_and_lines_of_what_is_left_out_are_still_compared(books: Books) -> None:
    for order_id in ("advance", "committed"):
        row = books.find(running_sum, running_sum.c.order_id == order_id)
        books.set(running_sum, row, amount=row.amount + 1)
    assert [one.rule for one in books.differences()] == [Rule.SUM, Rule.SUM]
