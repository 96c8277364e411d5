"""Corrections worked out a second time: uses corrected, days re-rated, states dated back; on every database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.correction.correct_order import CorrectOrderState, correct_order_state
from billing_center.correction.correct_use import CorrectUse, UseNamed, correct_use
from billing_center.correction.replace_prices import ReplacePrices, replace_prices
from billing_center.correction.rerate_product import RerateProduct, rerate_product
from billing_center.reconcile.difference import Rule
from schema.tables.charges import charge, meter
from schema.tables.corrections import usage_withdrawal
from schema.tables.orders import order_state_change
from schema.tables.usage import usage_event
from tests.billing_center.reconcile.conftest import Books
from tests.scenarios.story import Story

CATALOG = """
products:
  - {id: desk, name: 工位, currency: CNY, plans: {day: [{valid_from: 2026-01-01, price: {CNY: 2.00}}]}}
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    free: {uses: 10}
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices: [{currency: CNY, model: graduated, tiers: [{up_to: 10, price: 0.10}, {price: PRICE}]}]
  - id: peak
    name: 峰值
    currency: CNY
    unit: count
    plans: {per_use: [{valid_from: 2026-01-01, metered: max, price: {CNY: 3.00}}]}
"""


@pytest.fixture
def books(center: Center, clock: SettableClock) -> Iterator[Books]:
    """Uses of 8, 12 and 5: ten are free, 15 cost 10 x 0.10 + 5 x 0.07 = 1.35. Then everything is corrected.

    The 8 were 2: the first ten free go to 2 and 8 of the 12; 4 and 5 are paid, 0.90. At 0.09 in the second tier
    nothing changes, for nine are in the first. The order was ended on the 12th: of 20 days at 2.00 stay 12.
    The peaks were 4 and 9: 27.00.
    """
    story = Story(center, clock)
    story.sell(CATALOG.replace("PRICE", "0.07"))
    story.install("o", payer="boss", product="desk")
    for day, count in ((2, "8"), (3, "12"), (4, "5")):
        story.at(f"2026-03-{day:02} 10:00")
        story.use("sms", count, user="u", payer="boss", guid=f"s{day}")
        story.use("peak", {2: "4", 3: "9", 4: "6"}[day], user="u", payer="boss", guid=f"p{day}")
    story.at("2026-03-21 10:00")
    correct = CorrectUse(UseNamed(caller="product", guid="s2"), "two, not eight", quantity=Decimal(2))
    center.transact("operator", lambda work: correct_use(work, correct))
    story.at("2026-03-21 11:00")
    prices = ReplacePrices(CATALOG.replace("PRICE", "0.09"), "story.yaml", "a slip")
    center.transact("operator", lambda work: replace_prices(work, prices))
    story.at("2026-03-21 12:00")
    rerate_product(center, "operator", RerateProduct("sms", date(2026, 3, 3), date(2026, 3, 31), "a slip"))
    story.at("2026-03-21 13:00")
    ended = CorrectOrderState("o", "TERMINATED", datetime(2026, 3, 12, 4, tzinfo=UTC), "it had ended")
    center.transact("operator", lambda work: correct_order_state(work, ended))
    story.at("2026-04-01 12:00")
    yield Books(center)


def test_nothing_differs_after_corrections(books: Books) -> None:
    done = books.reconcile()
    assert done.differences == []
    assert [name for name in done.counts if name.startswith("left out")] == ["left out: withdrawn"]
    rows = books.rows(charge)
    total = {name: sum(row.amount for row in rows if row.product_id == name) for name in ("desk", "sms", "peak")}
    assert total == {"desk": Decimal(24), "sms": Decimal("0.90"), "peak": Decimal(27)}
    assert {row.cause for row in rows} == {"use", "withdrawal", "rerate_use", "day", "rerate_day"}


def test_a_day_that_was_not_taken_back_is_named(books: Books) -> None:
    row = books.find(charge, charge.c.cause == "rerate_day", charge.c.day == date(2026, 3, 15))
    assert row.amount == Decimal(-2)
    books.drop(charge, row)
    found = [one for one in books.differences() if one.rule is Rule.CHARGE]
    assert [(one.subject, one.expected) for one in found] == [("order o on 2026-03-15: CNY", "nothing")]


def test_a_change_that_was_moved_leaves_a_day_too_many(books: Books) -> None:
    row = books.find(order_state_change, order_state_change.c.to_state == "TERMINATED")
    books.set(order_state_change, row, at=datetime(2026, 3, 11, 4, tzinfo=UTC))
    found = {one.rule: one for one in books.differences()}
    assert found[Rule.CHARGE].subject == "order o on 2026-03-12: CNY"
    assert (found[Rule.CHARGE].expected, found[Rule.CHARGE].found) == ("nothing", "amount 2, quantity 1")
    assert (found[Rule.ORDER].expected, found[Rule.ORDER].found) == (
        "ended_day 2026-03-11",
        "ended_day 2026-03-12",
    )


def test_a_re_rating_that_left_a_use_behind_is_named(books: Books) -> None:
    """Without the difference of the 4th its five stand under the old version still."""
    use = books.find(usage_event, usage_event.c.guid == "s4")
    for row in books.rows(charge, charge.c.cause_id == use.event_id, charge.c.cause == "rerate_use"):
        books.drop(charge, row)
    found = [one for one in books.differences() if one.rule is Rule.CHARGE]
    assert any("version_id sms/per_use/2026-01-01~2" in one.expected for one in found)
    assert all(use.event_id in one.subject for one in found)


def test_a_withdrawal_that_was_forgotten_is_named(books: Books) -> None:
    use = books.find(usage_event, usage_event.c.guid == "s2")
    gone = books.find(usage_withdrawal)
    assert gone.event_id == use.event_id
    books.drop(usage_withdrawal, gone)
    rules = {one.rule for one in books.differences()}
    assert {Rule.CHARGE, Rule.USE} <= rules  # it should be charged, and another stands in its place


def test_the_largest_use_of_a_period_is_worked_out(books: Books) -> None:
    row = books.find(meter, meter.c.component == "CNY:max")
    assert row.reading == Decimal(9)
    books.set(meter, row, reading=Decimal(8))
    [found] = books.differences()
    assert (found.rule, found.expected, found.found) == (Rule.METER, "9", "8")


def test_a_use_that_let_the_largest_grow_too_much_is_named(books: Books) -> None:
    use = books.find(usage_event, usage_event.c.guid == "p3")
    row = books.find(charge, charge.c.cause_id == use.event_id)
    assert (row.reading_before, row.reading_after, row.amount) == (Decimal(4), Decimal(9), Decimal(15))
    books.set(
        charge, row, reading_after=Decimal(10), quantity=Decimal(6), amount=Decimal(18), list_amount=Decimal(18)
    )
    assert ("9", "grown by 10") in {(one.expected, one.found) for one in books.differences()}
