"""Promotions over an invoice, and bands of holidays: worked out a second time, by hand here."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.money import plain
from billing_center.reconcile.difference import Rule
from schema.tables.catalog import calendar_day, redemption
from schema.tables.charges import charge
from tests.billing_center.reconcile.conftest import Books
from tests.scenarios.story import Story
from tests.scenarios.test_price_shapes import HOLIDAYS
from tests.scenarios.test_promotions import OFFICE


@pytest.fixture
def books(center: Center, clock: SettableClock) -> Iterator[Books]:
    """March and April of an office: 100.00 off three lines of March, 10 % off those of a firm."""
    story = Story(center, clock)
    story.sell(OFFICE)
    story.install("o1", payer="boss", product="api", billing="次", promotion="office")
    story.install("o2", payer="boss", product="mail", billing="月")
    story.install("o3", payer="boss", product="disk", billing="月")
    story.install("f1", payer="firm", product="api", billing="次", promotion="ten,p10")
    story.install("f2", payer="firm", product="mail", billing="月", promotion="ten")
    story.use("api", "33.33", user="boss")
    story.use("api", "100", user="firm")
    story.at("2026-04-01 12:00")
    for payer in ("boss", "firm"):
        story.pay(f"{payer}-20260301")
    story.at("2026-04-20 12:00")
    story.change("f1", "TERMINATED")
    story.change("f2", "TERMINATED")
    story.at("2026-05-02 12:00")
    yield Books(center)


def shares(books: Books) -> list[tuple[str, str, str]]:
    rows = books.rows(charge, charge.c.cause == "promotion")
    return sorted((row.order_id, row.day.isoformat(), plain(row.amount)) for row in rows)


def test_every_share_is_worked_out_again(books: Books) -> None:
    """boss: 33.33, 66.67, 50.00 of 150.00; no api in April, so the three are not together there.

    firm: 10 % of 90.00 + 66.67 is 15.67; of April's 44.45 (20 of 30 days) 4.45.
    """
    assert shares(books) == [
        ("f1", "2026-03-31", "-9"), ("f2", "2026-03-31", "-6.67"), ("f2", "2026-04-30", "-4.45"),
        ("o1", "2026-03-31", "-22.22"), ("o2", "2026-03-31", "-44.45"), ("o3", "2026-03-31", "-33.33"),
    ]  # fmt: skip
    done = books.reconcile()
    assert done.differences == []
    assert [name for name in done.counts if name.startswith("left out")] == []


def test_a_share_with_the_cent_of_another_is_named(books: Books) -> None:
    """The cent left over belongs to o2, whose remainder is the largest."""
    row = books.find(charge, charge.c.cause == "promotion", charge.c.order_id == "o2")
    books.set(charge, row, amount=row.amount + Decimal("0.01"))
    [found] = books.differences()
    assert found.rule is Rule.CHARGE
    assert found.subject == (
        "promotion office over the invoice of the period from 2026-03-01: discount CNY o2 mail"
    )
    assert (found.expected, found.found) == ("amount -44.45", "amount -44.44")


def test_a_share_that_is_missing_is_named(books: Books) -> None:
    books.drop(charge, books.find(charge, charge.c.cause == "promotion", charge.c.order_id == "o3"))
    [found] = books.differences()
    assert (found.expected, found.found) == ("amount -33.33", "nothing")


def test_shares_without_a_promise_are_named(books: Books) -> None:
    books.drop(redemption, books.find(redemption, redemption.c.promotion_id == "office"))
    found = [one for one in books.differences() if one.rule is Rule.CHARGE]
    assert sorted(one.found for one in found) == ["amount -22.22", "amount -33.33", "amount -44.45"]
    assert {one.expected for one in found} == {"nothing"}


def test_bands_of_a_holiday_are_worked_out_again(center: Center, clock: SettableClock) -> None:
    """20:00 to 24:00 before the holiday: 2 x 3.00 + 2 x 2.00. 23:00 to 01:00, into and out of it: 2.00 + 1.00."""
    story = Story(center, clock)
    story.sell(HOLIDAYS)
    story.at("2026-03-05 12:00")
    for begin, hours in (("2026-03-02 20:00", 4), ("2026-03-02 23:00", 2), ("2026-03-03 23:00", 2)):
        story.use("line", str(hours), user="boss", payer="boss", at=begin, minutes=60 * hours)
    story.at("2026-03-12 12:00")
    books = Books(center)
    assert sum(row.amount for row in books.rows(charge)) == Decimal("16.00")
    done = books.reconcile()
    assert done.differences == []
    assert [name for name in done.counts if name.startswith("left out")] == []
    books.drop(calendar_day, books.find(calendar_day, calendar_day.c.day == date(2026, 3, 3)))
    assert {one.rule for one in books.differences()} >= {Rule.CHARGE}
