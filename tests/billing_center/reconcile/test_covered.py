"""Packages, credits, included units, days in advance, commitments, withdrawals: worked out a second time."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from billing_center.allowance.grant_allowance import BuyPackage, GrantAllowance, buy_package, grant_allowance
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.correction.correct_use import UseNamed, WithdrawUse, withdraw_use
from billing_center.money import plain
from billing_center.reconcile.difference import Difference, Rule
from schema.tables.allowances import allowance_grant
from schema.tables.charges import charge, meter, running_sum
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
    for order_id, payer, billing in (
        ("advance", "boss", "月"), ("committed", "firm", "日"), ("year", "gifted", "年"),
    ):  # fmt: skip
        story.install(order_id, payer=payer, product="seat", billing=billing)
    story.install("texts", payer="boss", product="sms", billing="次")
    package = BuyPackage("boss", "sms", "p100")
    center.transact("operator", lambda work: buy_package(work, package))
    credit = GrantAllowance("gifted", amount=Decimal("5.50"), currency="CNY", why="sorry")
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


def test_nothing_of_it_is_left_out_any_more(books: Books) -> None:
    done = books.reconcile()
    assert done.differences == []
    assert [name for name in done.counts if name.startswith("left out: ")] == ["left out: withdrawn"]


def test_the_rest_of_a_use_is_still_recomputed(books: Books) -> None:
    use = books.find(usage_event, usage_event.c.guid == "c9")
    row = books.find(charge, charge.c.cause_id == use.event_id, charge.c.component == "CNY")
    assert (row.quantity, row.amount) == (Decimal(30), Decimal(9))  # 60 + 70 minutes, 100 of them included
    books.set(charge, row, amount=row.amount + 1)
    assert [one.rule for one in books.differences()] == [Rule.CHARGE]


def test_sums_of_days_in_advance_and_of_a_commitment_are_compared(books: Books) -> None:
    for order_id in ("advance", "committed"):
        row = books.find(running_sum, running_sum.c.order_id == order_id)
        books.set(running_sum, row, amount=row.amount + 1)
    assert [one.rule for one in books.differences()] == [Rule.SUM, Rule.SUM]


def _only(books: Books, rule: Rule) -> Difference:
    """The one difference of the rule; sums, lines and meters above a wrong charge follow from it."""
    found = [one for one in books.differences() if one.rule is rule]
    assert len(found) == 1, found
    return found[0]


def test_a_day_that_was_not_given_back_is_named(books: Books) -> None:
    """Suspended on the 20th of 31: each day after it gives 10.00 back."""
    rows = books.rows(charge, charge.c.cause_id == "advance", charge.c.quantity < Decimal(0))
    assert (rows[0].day, rows[0].amount, rows[0].quantity) == (date(2026, 3, 21), Decimal(-10), Decimal(-1))
    books.drop(charge, rows[0])
    found = _only(books, Rule.CHARGE)
    assert (found.subject, found.found) == ("order advance on 2026-03-21: CNY", "nothing")
    assert found.expected == "amount -10, quantity -1"


def test_a_month_in_advance_that_was_charged_too_much_is_named(books: Books) -> None:
    row = books.find(charge, charge.c.cause_id == "advance", charge.c.quantity > Decimal(1))
    assert (row.day, row.amount, row.quantity) == (date(2026, 3, 1), Decimal(310), Decimal(31))
    books.set(charge, row, amount=Decimal(311))
    found = _only(books, Rule.CHARGE)
    assert (found.expected, found.found) == ("amount 310", "amount 311")


def test_how_far_is_charged_in_advance_is_compared(books: Books) -> None:
    row = books.find(meter, meter.c.component == "paid-until", meter.c.scope == "2026-03-01")
    books.set(meter, row, reading=Decimal(30))
    found = _only(books, Rule.METER)
    assert (found.expected, found.found) == ("31", "30")


def test_a_true_up_is_what_the_period_lacked(books: Books) -> None:
    """31 days at 2.00 are 62.00; committed are 100.00."""
    row = books.find(charge, charge.c.cause == "true_up")
    assert row.amount == Decimal(38)
    books.set(charge, row, amount=Decimal(39), list_amount=Decimal(39), reading_after=Decimal(39))
    found = _only(books, Rule.CHARGE)
    assert (found.subject, found.expected, found.found) == (
        "commitment of order committed, period from 2026-03-01", "amount 38", "amount 39",
    )  # fmt: skip
    assert found.detail == "committed 100, charged 62"


def test_a_true_up_that_is_missing_is_named(books: Books) -> None:
    books.drop(charge, books.find(charge, charge.c.cause == "true_up"))
    found = _only(books, Rule.CHARGE)
    assert (found.expected, found.found) == ("amount 38", "amount 0")


def test_a_package_costs_what_the_catalog_said(books: Books) -> None:
    row = books.find(charge, charge.c.cause == "package")
    books.set(charge, row, amount=Decimal("8.01"))
    found = _only(books, Rule.GRANT)
    assert (found.expected, found.found) == ("amount 8", "amount 8.01")


def test_a_grant_that_grew_is_named(books: Books) -> None:
    row = books.find(allowance_grant, allowance_grant.c.kind == "MONEY")
    books.set(allowance_grant, row, quantity=Decimal(6))
    found = [one for one in books.differences() if one.rule is Rule.GRANT]
    assert [(one.expected, one.found) for one in found] == [("quantity 11/2", "quantity 6")]


def test_units_taken_from_a_package_are_compared(books: Books) -> None:
    """80 of 100 on the 2nd; the 70 of the 9th took 20 and were withdrawn; the 13 of the 20th took 13 of those."""
    use = books.find(usage_event, usage_event.c.guid == "s20")
    row = next(r for r in books.rows(charge, charge.c.cause_id == use.event_id) if r.cause == "rerate_use")
    books.drop(charge, row)
    assert Rule.CHARGE in {one.rule for one in books.differences()}


def test_included_units_taken_too_little_are_named(books: Books) -> None:
    """100 minutes a month: 60 on the 2nd, 40 of the 70 on the 9th."""
    use = books.find(usage_event, usage_event.c.guid == "c9")
    row = books.find(charge, charge.c.cause_id == use.event_id, charge.c.component.startswith("included:"))
    assert (row.quantity, row.reading_before, row.reading_after) == (Decimal(40), Decimal(3600), Decimal(6000))
    books.set(charge, row, reading_after=Decimal(5940), quantity=Decimal(39))
    found = [(one.expected, one.found) for one in books.differences() if one.rule is Rule.CHARGE]
    assert ("quantity 40, meter growth 2400", "quantity 39, meter growth 2340") in found
    # and the use of the 20th, which found nothing left, should have taken the minute
    assert ("amount 0, quantity 1", "nothing") in found


def test_granted_money_is_compared(books: Books) -> None:
    """360.00 a year in 360 parts are 1.00 a day: five days take 1.00 of the 5.50, the sixth what is left."""
    rows = books.rows(charge, charge.c.amount < Decimal(0), charge.c.meter_component.startswith("grant:"))
    assert [plain(row.amount) for row in rows] == ["-1", "-1", "-1", "-1", "-1", "-0.5"]
    books.set(charge, rows[5], amount=Decimal(-1))
    found = _only(books, Rule.CHARGE)
    assert (found.expected, found.found) == ("amount -0.5", "amount -1")


def test_a_withdrawn_use_of_which_something_is_left_is_named(books: Books) -> None:
    row = books.find(charge, charge.c.cause == "withdrawal", charge.c.amount < Decimal(0))
    books.drop(charge, row)
    found = [one for one in books.differences() if one.rule is Rule.CHARGE]
    assert len(found) == 1 and found[0].expected == "nothing"
    assert found[0].subject.endswith(", after corrections")


def test_a_difference_is_the_growth_of_its_meter(books: Books) -> None:
    row = books.find(charge, charge.c.cause == "withdrawal", charge.c.amount < Decimal(0))
    books.set(charge, row, amount=row.amount - Decimal("0.01"))
    found = _only(books, Rule.CHARGE)
    assert found.expected == f"amount {plain(row.amount)}"
