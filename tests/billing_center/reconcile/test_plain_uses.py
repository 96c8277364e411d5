"""Plain uses are settled together; uses with one wrong column, or one wrong fact, are not, and it is said why."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.correction.correct_use import UseNamed, WithdrawUse, withdraw_use
from billing_center.reconcile.difference import Rule
from schema.tables.charges import charge, meter
from schema.tables.orders import first_opening
from schema.tables.usage import usage_event
from tests.billing_center.reconcile.conftest import COMPARED, Books, left
from tests.billing_center.reconcile.test_plain_runs import wrong
from tests.scenarios.story import Story

CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    content_identity: false
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices: [{currency: CNY, model: graduated, tiers: [{up_to: 50, price: 0.10}, {price: 0.07}]}]
  - id: call
    name: 电话
    currency: CNY
    unit: minute
    content_identity: false
    plans:
      per_use:
        - {valid_from: 2026-01-01, valid_to: 2026-03-15, meter_per: order, price: {CNY: 0.30}}
        - {valid_from: 2026-03-15, meter_per: order, price: {CNY: 0.20}}
  - id: fax
    name: 传真
    currency: CNY
    unit: page
    content_identity: false
    free: {uses: 1}
    plans: {per_use: [{valid_from: 2026-01-01, price: {CNY: 1.00}}]}
"""


@pytest.fixture
def books(center: Center, clock: SettableClock) -> Iterator[Books]:
    """Three uses each of two products in March and one in April; one product under an order, one without."""
    story = Story(center, clock)
    story.sell(CATALOG)
    story.install("calls", payer="boss", product="call", billing="次")
    for day, count, minutes in (
        ("03-02", "30", "1.5"), ("03-09", "40", "0.007"), ("03-20", "5", "3"), ("04-02", "7", "2"),
    ):  # fmt: skip
        story.at(f"2026-{day} 10:00")
        story.use("sms", count, user="u", payer="boss", guid=f"s{day}")
        story.use("call", minutes, user="boss", payer="boss", guid=f"c{day}")
    story.at("2026-04-11 10:00")
    yield Books(center)


def use_of(books: Books, guid: str) -> Any:
    return books.find(usage_event, usage_event.c.guid == guid)


def charge_of(books: Books, guid: str) -> Any:
    return books.find(charge, charge.c.cause_id == use_of(books, guid).event_id)


def test_uses_of_plain_products_are_settled(books: Books) -> None:
    assert left(books.center) == (8, 0)
    assert books.differences() == []


def test_every_column_of_a_use_counts(books: Books) -> None:
    row = charge_of(books, "s03-09")
    for name in COMPARED:
        books.set(charge, row, **{name: wrong(getattr(row, name))})
        assert books.differences(), name
        assert left(books.center)[1] > 0, name
        books.set(charge, row, **{name: getattr(row, name)})
    assert books.differences() == []


def test_two_uses_whose_amounts_are_exchanged_are_named_both(books: Books) -> None:
    """Their sum is what it should be."""
    one, other = charge_of(books, "s03-02"), charge_of(books, "s03-09")
    books.set(charge, one, amount=other.amount, list_amount=other.list_amount)
    books.set(charge, other, amount=one.amount, list_amount=one.list_amount)
    found = [each.subject for each in books.differences()]
    assert found == [f"use {one.cause_id} on 2026-03-02: CNY", f"use {other.cause_id} on 2026-03-09: CNY"]


SAYS: dict[str, list[Any]] = {
    "quantity": [Decimal(41), None], "unit": ["minute"], "user_id": ["v"], "product_id": ["call"],
    "payer_id": ["nobody", ""], "amount": [Decimal(4)],
}  # fmt: skip


def test_a_use_that_says_something_else_is_named(books: Books) -> None:
    row = use_of(books, "s03-09")
    for name, value in ((name, value) for name, values in SAYS.items() for value in values):
        books.set(usage_event, row, **{name: value})
        found = books.differences()
        assert any(f"use {row.event_id}" in one.subject + one.detail for one in found), name
        books.set(usage_event, row, **{name: getattr(row, name)})


def test_a_use_that_is_gone_is_named(books: Books) -> None:
    row = charge_of(books, "s03-02")
    books.drop(usage_event, use_of(books, "s03-02"))
    assert [one.detail for one in books.differences() if one.rule is Rule.CHARGE] == [
        f"there is no such use; use {row.cause_id} is not there"
    ]


def test_a_second_charge_of_a_use_is_named(books: Books) -> None:
    row = charge_of(books, "s03-09")
    books.add(charge, row, component="CNY:events")
    assert f"use {row.cause_id} on 2026-03-09: CNY:events" in {one.subject for one in books.differences()}


def test_a_charge_that_is_gone_leaves_its_meter_torn(books: Books) -> None:
    books.drop(charge, charge_of(books, "s03-09"))
    assert Rule.METER in {one.rule for one in books.differences()}


def test_a_meter_that_reads_something_else_is_named(books: Books) -> None:
    row = books.find(meter, meter.c.product_id == "sms", meter.c.component == "CNY")
    books.set(meter, row, reading=row.reading + 1)
    [found] = books.differences()
    assert (found.rule, found.detail) == (Rule.METER, "3 charges grow it")


def test_the_opening_of_a_product_that_is_only_used_is_compared(books: Books) -> None:
    row = books.find(first_opening, first_opening.c.product_id == "sms")
    books.set(first_opening, row, day=row.day + timedelta(1))
    assert [one.subject for one in books.differences()] == ["product sms"]
    books.drop(first_opening, books.find(first_opening, first_opening.c.product_id == "sms"))
    [found] = books.differences()
    assert (found.subject, found.expected, found.found) == ("product sms", "2026-03-02", "nothing")


def test_a_withdrawn_use_takes_its_product_out_and_no_other(books: Books) -> None:
    withdrawn = WithdrawUse(UseNamed(caller="product", guid="s03-09"), "counted twice")
    books.center.transact("operator", lambda work: withdraw_use(work, withdrawn))
    assert books.differences() == []
    charges, rest = left(books.center)
    assert rest == len(books.rows(charge, charge.c.product_id == "sms"))
    assert charges - rest == 4
    row = charge_of(books, "s03-02")
    books.set(charge, row, amount=row.amount + 1, list_amount=row.list_amount + 1)
    assert Rule.CHARGE in {one.rule for one in books.differences()}
