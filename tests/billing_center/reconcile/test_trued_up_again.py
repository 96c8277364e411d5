"""A commitment of a closed period, trued up again: each true-up is what the period lacked when it was booked."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.correction.correct_order import CorrectOrderState, correct_order_state
from billing_center.correction.correct_use import UseNamed, WithdrawUse, withdraw_use
from billing_center.correction.replace_prices import ReplacePrices, replace_prices
from billing_center.correction.rerate_product import RerateProduct, rerate_product
from billing_center.reconcile.difference import Rule
from schema.tables.charges import charge
from tests.billing_center.reconcile.conftest import Books
from tests.scenarios.story import Story

COMMITTED = """
products:
  - id: api
    name: 接口
    currency: CNY
    unit: count
    content_identity: false
    plans:
      per_use:
        - {valid_from: 2026-01-01, meter_per: order, commitment: {CNY: "310.00"}, price: {CNY: "1.00"}}
"""

APRIL = Decimal("113.666667")
"""Not paid, the order was stopped after 11 of 30 days: so much of 310.00."""


@pytest.fixture
def story(center: Center, clock: SettableClock) -> Iterator[Story]:
    """310.00 a month are committed; March had 60 and 40 uses and is closed with a true-up of 210.00."""
    told = Story(center, clock)
    told.sell(COMMITTED)
    told.install("o1", payer="boss", product="api", billing="次")
    for day, count in ((2, "60"), (3, "40")):
        told.at(f"2026-03-{day:02} 10:00")
        told.use("api", count, user="boss", payer="boss", guid=f"g{day}")
    told.at("2026-04-02 10:00")
    yield told


def amounts(books: Books) -> list[Decimal]:
    """What each true-up charges, in the order in which they were booked."""
    rows = books.rows(charge, charge.c.cause == "true_up")
    return [row.amount for row in sorted(rows, key=lambda row: (row.rated_at, row.component))]


def nothing_differs(books: Books) -> bool:
    """And nothing of the true-ups is left out."""
    done = books.reconcile()
    assert done.differences == []
    return not any("commitment" in name or "true-up" in name for name in done.counts)


def withdraw(center: Center, guid: str) -> None:
    command = WithdrawUse(UseNamed(caller="product", guid=guid), "wrong")
    center.transact("operator", lambda work: withdraw_use(work, command))


def test_what_is_withdrawn_is_lacking(story: Story, center: Center) -> None:
    withdraw(center, "g3")
    story.at("2026-05-02 10:00")
    books = Books(center)
    assert sorted(amounts(books)) == [Decimal(40), APRIL, Decimal(210)]
    assert nothing_differs(books)
    row = next(row for row in books.rows(charge, charge.c.cause == "true_up") if row.amount == Decimal(40))
    wrong = {"amount": Decimal(41), "list_amount": Decimal(41), "reading_after": row.reading_after + 1}
    books.set(charge, row, **wrong)
    found = [one for one in books.differences() if one.rule is Rule.CHARGE]
    assert [(one.subject, one.expected, one.found) for one in found] == [
        (
            f"commitment of order o1, period from 2026-03-01, trued up again: {row.component}",
            "amount 40, list_amount 40, reading 250", "amount 41, list_amount 41, reading 251",
        )
    ]  # fmt: skip


def test_every_column_of_it_counts(story: Story, center: Center) -> None:
    withdraw(center, "g3")
    books = Books(center)
    row = next(row for row in books.rows(charge, charge.c.cause == "true_up") if row.amount == Decimal(40))
    spoilt = {
        "amount": Decimal(39), "list_amount": Decimal(39), "quantity": Decimal(1), "user_id": "u",
        "promotion_id": "x", "product_id": "other", "version_id": "other", "meter_scope": "2026-02-01",
        "meter_component": "commitment USD", "reading_after": row.reading_after + 1,
        "period_start": row.period_start + timedelta(1),
    }  # fmt: skip
    for name, value in spoilt.items():
        books.set(charge, row, **{name: value})
        assert Rule.CHARGE in {one.rule for one in books.differences()}, name
        books.set(charge, row, **{name: getattr(row, name)})
    assert nothing_differs(books)


def test_a_late_use_lowers_what_was_lacking(story: Story, center: Center) -> None:
    story.use("api", "50", user="boss", payer="boss", at="2026-03-30 10:00", guid="late")
    story.at("2026-05-02 10:00")
    books = Books(center)
    assert sorted(amounts(books)) == [Decimal(-50), APRIL, Decimal(210)]
    assert nothing_differs(books)


def test_fewer_active_days_lack_less(story: Story, center: Center) -> None:
    """Suspended since the 17th: 160.00 are committed for 16 days of 31, 60.00 lack."""
    command = CorrectOrderState("o1", "SUSPENDED", story.clock.at.replace(month=3, day=16, hour=16), "it was off")
    center.transact("operator", lambda work: correct_order_state(work, command))
    books = Books(center)
    assert amounts(books) == [Decimal(210), Decimal(-150)]
    assert nothing_differs(books)


def test_another_commitment_moves_it_to_another_meter(story: Story, center: Center) -> None:
    """At 2.00 and 410.00 March would have been 200.00 and 210.00."""
    right = COMMITTED.replace("310.00", "410.00").replace('price: {CNY: "1.00"}', 'price: {CNY: "2.00"}')
    center.transact("operator", lambda work: replace_prices(work, ReplacePrices(right, "x.yaml", "last year's")))
    rerate_product(center, "operator", RerateProduct("api", date(2026, 3, 1), date(2026, 3, 31), "last year's"))
    books = Books(center)
    assert sorted(amounts(books)) == [Decimal(-210), Decimal(210), Decimal(210)]
    assert nothing_differs(books)
