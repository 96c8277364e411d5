"""Days that are alike are settled in runs; a run with one wrong column is not, and says what differs."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.reconcile.difference import Rule
from schema.tables.charges import charge
from schema.tables.orders import account_change
from tests.billing_center.reconcile.conftest import COMPARED, Books, left
from tests.scenarios.story import Story

CATALOG = """
products:
  - id: mail
    name: 邮箱
    currency: CNY
    plans:
      day:
        - {valid_from: 2026-01-01, valid_to: 2026-03-20, price: {CNY: 1.00}}
        - {valid_from: 2026-03-20, price: {CNY: 2.00}}
      month: [{valid_from: 2026-01-01, price: {CNY: 310.00}}]
"""

ACCOUNTS = """
products:
  - id: crm
    name: 客户管理
    currency: CNY
    plans: {account_day: [{valid_from: 2026-01-01, prices: [
      {currency: CNY, model: graduated, tiers: [{up_to: 20, price: 2.00}, {price: 1.70}]}]}]}
"""


def wrong(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, Decimal):
        return value + 1
    return value + timedelta(1) if isinstance(value, date) else f"{value[:-1]}x"


def test_every_column_of_a_run_counts(center: Center, clock: SettableClock) -> None:
    """31 days of March and 10 of April, twice: by the day under two prices, by the month."""
    story = Story(center, clock)
    story.sell(CATALOG)
    story.install("o1", payer="boss", product="mail", billing="日")
    story.install("o2", payer="boss", product="mail", billing="月")
    story.at("2026-04-11 12:00")
    books = Books(center)
    assert left(center) == (82, 0)
    assert books.differences() == []
    [row] = books.rows(charge, charge.c.order_id == "o1", charge.c.day == date(2026, 3, 25))
    for name in COMPARED:
        right = getattr(row, name)
        books.set(charge, row, **{name: wrong(right)})
        assert books.differences(), name
        books.set(charge, row, **{name: right})
    books.drop(charge, row)
    assert [one.found for one in books.differences() if one.subject == "order o1 on 2026-03-25: CNY"] == [
        "nothing"
    ]
    books.add(charge, row)
    books.add(charge, row, component="CNY:2")
    assert books.differences()


def test_every_column_of_days_by_accounts_counts(center: Center, clock: SettableClock) -> None:
    """The most accounts of a day count, and none count on days before the first number."""
    story = Story(center, clock)
    story.sell(ACCOUNTS)
    story.install("o1", payer="boss", product="crm", billing="日", quota=True)
    for moment, number in (("03-03 09:00", 8), ("03-07 10:00", 12), ("03-07 18:00", 3)):
        story.at(f"2026-{moment}")
        story.accounts("boss", "crm", number)
    story.at("2026-03-11 12:00")
    books = Books(center)
    assert left(center) == (10, 0)
    assert books.differences() == []
    rows = books.rows(charge, charge.c.order_id == "o1")
    assert [int(row.quantity) for row in rows] == [0, 0, 8, 8, 8, 8, 12, 3, 3, 3]
    for name in COMPARED:
        for row in rows[2], rows[6]:
            books.set(charge, row, **{name: wrong(getattr(row, name))})
            assert books.differences(), name
            books.set(charge, row, **{name: getattr(row, name)})
    number = books.rows(account_change)[-1]
    books.set(account_change, number, accounts=number.accounts + 1)
    assert {one.subject for one in books.differences() if one.rule is Rule.CHARGE} == {
        f"order o1 on 2026-03-{day:02}: CNY" for day in (8, 9, 10)
    }


def test_a_correction_takes_an_order_out_of_its_run(center: Center, clock: SettableClock) -> None:
    story = Story(center, clock)
    story.sell(CATALOG)
    story.install("o1", payer="boss", product="mail", billing="日", promotion="")
    story.at("2026-03-11 12:00")
    books = Books(center)
    row = books.find(charge, charge.c.day == date(2026, 3, 5))
    taken_back = {"quantity": -row.quantity, "amount": -row.amount, "list_amount": -row.list_amount}
    books.add(charge, row, cause="rerate_day", component="CNY#c1", **taken_back)
    assert {one.subject.partition(",")[0] for one in books.differences()} >= {"order o1 on 2026-03-05"}
