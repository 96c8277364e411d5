"""The first N days free move with the first opening, when what had opened the product never was."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.correction.correct_order import CorrectOrderState, correct_order_state
from billing_center.correction.correct_use import CorrectUse, UseNamed, WithdrawUse, correct_use, withdraw_use
from schema.tables.orders import first_opening

TRIAL = """
products:
  - id: trial
    name: free at first
    currency: CNY
    unit: count
    free: {days: 7}
    plans:
      per_use:
        - {valid_from: 2026-01-01, price: {CNY: "1.00"}}
      day:
        - {valid_from: 2026-01-01, price: {CNY: "2.00"}}
"""


@pytest.fixture
def trial(shop: Any) -> Any:
    shop.load(TRIAL)
    return shop


def use(shop: Any, guid: str, when: Any) -> None:
    shop.tick()
    shop.use(guid, "trial", "1", when)
    shop.rate()


def withdraw(shop: Any, guid: str) -> Any:
    return shop.act(lambda work: withdraw_use(work, WithdrawUse(UseNamed(caller="door", guid=guid), "wrong")))


def opening(shop: Any) -> date | None:
    with shop.center.reading() as work:
        found = work.connection.execute(select(first_opening.c.day)).scalars().all()
    return found[0] if found else None


def test_without_the_first_use_the_free_days_begin_with_the_next_one(trial: Any, at: Any) -> None:
    """Uses on the 1st, 5th, 9th and 13th, 7 days free from the 1st: 2.00. From the 5th, 5 to 11 free: 1.00."""
    for day in (1, 5, 9, 13):
        use(trial, f"u{day}", at(day))
    assert (opening(trial), trial.charged()) == (date(2026, 3, 1), {"CNY": Decimal(2)})
    made = withdraw(trial, "u1")
    assert made.notes[-1] == "the first opening was 2026-03-01, and is 2026-03-05"
    assert (opening(trial), trial.charged()) == (date(2026, 3, 5), {"CNY": Decimal(1)})
    withdraw(trial, "u13")
    assert (opening(trial), trial.charged()) == (date(2026, 3, 5), {"CNY": Decimal(0)})
    for day in (5, 9):
        withdraw(trial, f"u{day}")
    assert opening(trial) is None and trial.sums() == {} and trial.meters() == {}


def test_the_first_use_was_on_another_day(trial: Any, at: Any) -> None:
    """The use of the 1st was of the 4th: 4 to 10 are free instead of 1 to 7. The 12th is left: 1.00."""
    for day in (1, 8, 12):
        use(trial, f"u{day}", at(day))
    assert trial.charged() == {"CNY": Decimal(2)}
    named = UseNamed(caller="door", guid="u1")
    trial.act(lambda work: correct_use(work, CorrectUse(named, "a wrong clock", started_at=at(4))))
    assert (opening(trial), trial.charged()) == (date(2026, 3, 4), {"CNY": Decimal(1)})


def test_an_order_opens_the_product_as_well(trial: Any, at: Any) -> None:
    """The order is active from the 3rd: its days to the 9th are free then, at 2.00 a day 11 of 18 are charged.

    With the use of the 1st the 8th and 9th were charged too: 26.00. Without it 22.00.
    """
    use(trial, "u1", at(1))
    trial.tick()
    trial.order("o1", "trial", day=3)
    trial.days(date(2026, 3, 20))
    assert trial.charged() == {"CNY": Decimal(26)}
    withdraw(trial, "u1")
    assert (opening(trial), trial.charged()) == (date(2026, 3, 3), {"CNY": Decimal(22)})


def test_an_activation_dated_back_brings_the_free_days_forward(trial: Any, at: Any) -> None:
    """Pending from the 1st, active from the 10th: 10 to 16 free, 17 to 20 charged: 8.00. A use on the 18th: 1.00.

    Active from the 5th after all: 5 to 11 free, 12 to 20 charged: 18.00 and 1.00.
    """
    trial.clock.at = at(10)
    trial.order("o1", "trial", state="PENDING", day=1)
    act = CorrectOrderState("o1", "ACTIVE", at(10), "it was on")
    trial.act(lambda work: correct_order_state(work, act))
    trial.clock.at = at(20)
    trial.days(date(2026, 3, 20))
    use(trial, "u", at(18))
    assert (opening(trial), trial.charged()) == (date(2026, 3, 10), {"CNY": Decimal(9)})
    earlier = CorrectOrderState("o1", "ACTIVE", at(5), "it was on earlier")
    trial.act(lambda work: correct_order_state(work, earlier))
    assert (opening(trial), trial.charged()) == (date(2026, 3, 5), {"CNY": Decimal(19)})
