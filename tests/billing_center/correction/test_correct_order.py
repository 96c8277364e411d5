"""States and account numbers dated back: days that were decided are decided again, by difference."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.correction.correct_order import (
    CorrectAccounts,
    CorrectOrderState,
    correct_accounts,
    correct_order_state,
)
from billing_center.correction.report import Correction
from billing_center.errors import ForbiddenTransition, OutOfRange, Refused, Unknown
from billing_center.order.change_state import ChangeOrderState, change_order_state
from billing_center.order.state import OrderState
from billing_center.order.store import find_order
from schema.tables.orders import order_state_change


def state(shop: Any, word: str, since: Any, **more: Any) -> Correction:
    command = CorrectOrderState("o", word, since, "the order system had forgotten to say so", **more)
    made: Correction = shop.act(lambda work: correct_order_state(work, command))
    return made


def order(shop: Any) -> Any:
    with shop.center.reading() as work:
        return find_order(work.connection, "o")


def test_days_after_a_backdated_end_are_taken_back(shop: Any, at: Any) -> None:
    """Ten days at 2.00; it had ended on the 4th at noon: four days stay."""
    shop.order("o", "desk")
    shop.days(date(2026, 3, 10))
    assert shop.charged() == {"CNY": Decimal(20)}
    made = state(shop, "TERMINATED", at(4))
    assert made.totals() == {"CNY": Decimal(-12)} and shop.charged() == {"CNY": Decimal(8)}
    assert (order(shop).state, order(shop).ended_day) == (OrderState.TERMINATED, date(2026, 3, 4))
    shop.days(date(2026, 3, 15))
    assert shop.charged() == {"CNY": Decimal(8)}
    assert state(shop, "TERMINATED", at(4)).repeated


def test_days_that_were_active_after_all_are_charged(shop: Any, at: Any) -> None:
    """Suspended at 9:00 on the 3rd by mistake, and undone: the 4th to the 10th are charged."""
    shop.order("o", "desk")
    shop.clock.at = at(3, 9)
    shop.act(lambda work: change_order_state(work, ChangeOrderState("o", "SUSPENDED")))
    shop.clock.at = at(20)
    shop.days(date(2026, 3, 10))
    assert shop.charged() == {"CNY": Decimal(6)}
    assert state(shop, "ACTIVE", at(3, 9)).totals() == {"CNY": Decimal(14)}
    assert shop.charged() == {"CNY": Decimal(20)} and order(shop).state is OrderState.ACTIVE
    with shop.center.reading() as work:
        assert len(work.connection.execute(select(order_state_change)).all()) == 3


def test_a_change_dated_back_holds_up_to_the_next_one(shop: Any, at: Any) -> None:
    """Suspended from the 3rd on, resumed on the 8th as recorded: the 4th to the 7th are taken back."""
    shop.order("o", "desk")
    for day, word in ((6, "SUSPENDED"), (8, "ACTIVE")):
        shop.clock.at = at(day)
        shop.act(lambda work, word=word: change_order_state(work, ChangeOrderState("o", word)))
    shop.clock.at = at(20)
    shop.days(date(2026, 3, 10))
    assert shop.charged() == {"CNY": Decimal(18)}  # all but the 7th
    made = state(shop, "SUSPENDED", at(3))
    assert made.totals() == {"CNY": Decimal(-6)} and order(shop).state is OrderState.ACTIVE


def test_a_month_and_a_closed_period_follow_the_same_rule(shop: Any, at: Any) -> None:
    """31.00 a month; it ended on 10 March, which is known in April: 21 days back, on the April invoice."""
    shop.order("o", "desk", "月")
    shop.clock.at = at(2, month=4)
    shop.days(date(2026, 3, 31))
    shop.issue(date(2026, 4, 1))
    made = state(shop, "TERMINATED", at(10))
    assert [(d.period_start, d.amount) for d in made.differences] == [(date(2026, 4, 1), Decimal(-21))]


def test_what_cannot_have_been_is_refused(shop: Any, at: Any) -> None:
    shop.order("o", "desk", day=5)
    shop.clock.at = at(8)
    shop.act(lambda work: change_order_state(work, ChangeOrderState("o", "SUSPENDED")))
    shop.clock.at = at(20)
    for word, since, error in (
        ("TERMINATED", at(6), ForbiddenTransition),  # it was suspended afterwards
        ("ACTIVE", at(6), ForbiddenTransition),  # it was
        ("SUSPENDED", at(4), OutOfRange),  # before its start
        ("TERMINATED", at(21), OutOfRange),  # ahead
        ("asleep", at(9), Refused),
    ):
        with pytest.raises(error):
            state(shop, word, since)
    with pytest.raises(Unknown):
        shop.act(lambda w: correct_order_state(w, CorrectOrderState("nobody", "ACTIVE", at(9), "why")))


def test_account_numbers_dated_back_are_charged_by_difference(shop: Any, at: Any) -> None:
    """No account known, 5 from the 2nd on, known on the 10th: 9 days x 5 x 1.00; then 7 from the 6th on."""
    shop.order("o", "desk", is_quota=True)
    shop.days(date(2026, 3, 10))
    assert shop.charged() == {"CNY": Decimal(0)}
    five = CorrectAccounts("boss", "desk", 5, at(2, 0), "the first number was lost")
    assert shop.act(lambda work: correct_accounts(work, five)).totals() == {"CNY": Decimal(45)}
    seven = CorrectAccounts("boss", "desk", 7, at(6), "and the second")
    assert shop.act(lambda work: correct_accounts(work, seven)).totals() == {"CNY": Decimal(10)}
    assert shop.act(lambda work: correct_accounts(work, seven)).repeated
    assert shop.charged() == {"CNY": Decimal(55)}
    with pytest.raises(Unknown):
        shop.act(lambda w: correct_accounts(w, CorrectAccounts("nobody", "desk", 1, at(6), "why")))


def test_a_month_charged_in_advance_is_decided_again_whole(shop: Any, at: Any) -> None:
    """31.00 on the first day. It had ended on the 10th: 21 days back; it had not at all: they are charged."""
    shop.order("o", "early", "月")
    shop.days(date(2026, 3, 19))
    assert shop.charged() == {"CNY": Decimal(31)}
    assert state(shop, "TERMINATED", at(10)).totals() == {"CNY": Decimal(-21)}
    assert shop.charged() == {"CNY": Decimal(10)}
    assert state(shop, "ACTIVE", at(10)).totals() == {"CNY": Decimal(21)}
    assert state(shop, "SUSPENDED", at(15)).totals() == {"CNY": Decimal(-4)}  # 16th to 19th; later days to come
    shop.days(date(2026, 3, 31))
    assert shop.charged() == {"CNY": Decimal(15)}
