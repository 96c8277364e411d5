"""Free uses are settled with those after them; with one wrong column, or one charge too few, they are not."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from schema.tables.catalog import product
from schema.tables.charges import charge, meter
from schema.tables.orders import first_opening
from schema.tables.usage import usage_event
from tests.billing_center.reconcile.conftest import COMPARED, SEED, Books, left
from tests.billing_center.reconcile.test_plain_uses import CATALOG
from tests.billing_center.reconcile.test_settle import found_of, long_way, other
from tests.scenarios.story import Story

FREE = """
products:
  - id: call
    name: 电话
    currency: CNY
    unit: minute
    content_identity: false
    free: {uses: 3}
    plans: {per_use: [{valid_from: 2026-01-01, meter_per: order, price: {CNY: 0.30}}]}
"""


@pytest.fixture
def books(center: Center, clock: SettableClock) -> Iterator[Books]:
    """Three minutes are free: the second use has the last of them, and the seconds of two uses are not exact."""
    story = Story(center, clock)
    story.sell(FREE)
    story.install("calls", payer="boss", product="call", billing="次")
    for day, minutes in (("03-02", "1.000003"), ("03-09", "3.5"), ("03-20", "0.007"), ("04-02", "2")):
        story.at(f"2026-{day} 10:00")
        story.use("call", minutes, user="boss", payer="boss", guid=day)
    story.at("2026-04-11 10:00")
    yield Books(center)


def charges_of(books: Books, guid: str) -> dict[str, Any]:
    """By component."""
    use = books.find(usage_event, usage_event.c.guid == guid)
    return {row.component: row for row in books.rows(charge, charge.c.cause_id == use.event_id)}


def test_what_is_free_is_settled_with_what_is_not(books: Books) -> None:
    assert left(books.center) == (5, 0)
    assert books.differences() == []
    assert set(charges_of(books, "03-09")) == {"allowance", "CNY"}


def test_a_whole_product_that_was_free_so_far_is_settled(center: Center, clock: SettableClock) -> None:
    story = Story(center, clock)
    story.sell(CATALOG)
    for day in (2, 3):
        story.at(f"2026-03-{day:02} 10:00")
        story.use("fax", user="u", payer="boss")
        story.at(f"2026-03-{day + 1:02} 09:00")
        books = Books(center)
        assert left(books.center) == (day - 1, 0)
        assert books.differences() == []
    assert story.days_charged("boss") == {"03-03": "1.00"}
    assert date(2026, 3, 2) == books.find(first_opening).day


def test_every_column_is_told_as_the_long_way_tells_it(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(SEED)
    spoilt, quick = [], []
    for row in books.rows(charge):
        for name in COMPARED:
            spoilt.append((row, name, other(getattr(row, name), dice)))
    for row, name, value in spoilt:
        books.set(charge, row, **{name: value})
        quick.append(found_of(books, "boss"))
        assert quick[-1], (row.component, name)
        books.set(charge, row, **{name: getattr(row, name)})
    long_way(monkeypatch)
    for (row, name, value), found in zip(spoilt, quick, strict=True):
        books.set(charge, row, **{name: value})
        assert found == found_of(books, "boss"), (row.component, name)
        books.set(charge, row, **{name: getattr(row, name)})


@pytest.mark.parametrize("guid", ["03-02", "03-09", "03-20"])
def test_a_charge_too_few_is_told_as_the_long_way_tells_it(
    books: Books, monkeypatch: pytest.MonkeyPatch, guid: str
) -> None:
    for row in charges_of(books, guid).values():
        books.drop(charge, row)
        quick = found_of(books, "boss")
        assert quick
        with monkeypatch.context() as patched:
            long_way(patched)
            assert quick == found_of(books, "boss")
        books.add(charge, row)


def test_a_use_that_says_something_else_is_named(books: Books) -> None:
    row = books.find(usage_event, usage_event.c.guid == "03-09")
    for quantity in (Decimal(1), Decimal("1.999997"), Decimal("3.500001"), Decimal(0)):
        books.set(usage_event, row, quantity=quantity)
        assert any(f"use {row.event_id}" in one.subject + one.detail for one in books.differences()), quantity


def test_a_use_before_the_last_free_one_goes_the_long_way(books: Books) -> None:
    """What was left then decides it. A clock of another node may be ten minutes off."""
    row, free = charges_of(books, "03-20")["CNY"], charges_of(books, "03-09")["allowance"]
    for minutes, differs in ((0, False), (-1, False), (-11, True)):
        books.set(charge, row, rated_at=free.rated_at + timedelta(minutes=minutes))
        assert (left(books.center)[1] > 0) == (minutes < 0)
        assert bool(books.differences()) == differs
    books.set(charge, row, rated_at=datetime(2026, 3, 21, tzinfo=free.rated_at.tzinfo))
    assert books.differences() == []


def test_a_meter_of_free_uses_that_reads_something_else_is_named(books: Books) -> None:
    row = books.find(meter, meter.c.component == "allowance")
    books.set(meter, row, reading=row.reading - 1)
    [found] = books.differences()
    assert (found.subject.split()[-1], found.detail) == ("allowance", "2 charges grow it")


def test_free_uses_that_changed_go_the_long_way(center: Center, clock: SettableClock, books: Books) -> None:
    story = Story(center, clock)
    story.sell(FREE.replace("uses: 3", "uses: 5"))
    assert books.find(product)
    assert left(books.center) == (5, 5)
    assert books.differences() == []
