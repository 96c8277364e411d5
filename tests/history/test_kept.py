"""What is kept by policy: history, and what tells a repeated use."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing_center.clock import SettableClock
from billing_center.correction.correct_use import UseNamed, WithdrawUse, withdraw_use
from billing_center.errors import OutOfRange
from billing_center.history.restore_month import ask_move, ask_restore
from billing_center.usage.purge_identities import kept_before
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from schema.tables.charges import charge, running_sum, usage_rollup
from schema.tables.corrections import usage_withdrawal
from schema.tables.history import MOVES
from schema.tables.usage import usage_identity
from tests.history.conftest import JANUARY, Past, moment


def kept_for(past: Past, months: int) -> Past:
    """The same shop, where history is kept for so many full months."""
    settings = past.center.settings.model_copy(update={"history_keep_months": months})
    return Past(replace(past.center, settings=settings), clock=past.clock)


def withdraw(past: Past, guid: str) -> Any:
    command = WithdrawUse(UseNamed(caller="sms", guid=guid), "sent twice by hand")
    return past.center.transact("olga", lambda work: withdraw_use(work, command))


def test_a_use_in_history_is_withdrawn_as_any_other(past: Past) -> None:
    past.job("move_history")
    withdraw(past, "j1")
    assert past.count(charge) == 1  # the withdrawal itself: -0.10 on the day of the use
    assert past.rows(charge, cause="withdrawal")[0].amount == Decimal("-0.10")
    open_sums = [row.amount for row in past.rows(running_sum, payer_id="a", period_start=date(2026, 3, 1))]
    assert open_sums == [Decimal("-0.10")]
    assert past.seen()[0].withdrawn == 1
    past.on(4, 1)
    past.bill()
    past.job("move_history")
    assert past.states()["charge"] == ("MOVED", 6, "4.00", "0.40")  # 5 x 0.10 and -0.10
    assert past.seen()[0].withdrawn == 1


def test_history_is_deleted_when_it_was_kept_long_enough(past: Past) -> None:
    withdraw(past, "j1")
    past.on(4, 1)
    past.bill()
    shop = kept_for(past, 3)
    shop.job("move_history")  # January and February are there; December is the last that may go
    assert shop.states()["charge"][0] == "MOVED"
    shop.on(5, 1)  # now January may
    assert shop.job("move_history").done
    assert shop.states() == {
        "usage_event": ("DROPPED", 5, "5.00", "0.00"),
        "usage_filtered": ("DROPPED", 0, "0.00", "0.00"),
        "charge": ("DROPPED", 6, "4.00", "0.40"),
    }
    assert sum(shop.count(table) for pair in MOVES.items() for table in pair) == 0
    assert shop.rows(usage_withdrawal) == []
    assert shop.states(date(2026, 2, 1))["usage_event"] == ("MOVED", 1, "1.00", "0.00")
    explained = shop.seen("a-20260101")[1]
    assert explained.invoice.base_amount == Decimal("0.30")
    assert [line.charges for line in explained.lines] == [()]
    assert sum(row.charges for row in shop.rows(usage_rollup) if row.day < date(2026, 2, 1)) == 6
    for wish in (ask_restore, ask_move):
        with pytest.raises(OutOfRange):
            shop.center.transact("olga", lambda work, wish=wish: wish(work, JANUARY))


def test_a_deletion_that_breaks_off_goes_on(past: Past) -> None:
    past.job("move_history")
    shop = kept_for(past, 3)
    shop.on(5, 1)
    left = [2]

    def goes_down() -> bool:
        left[0] -= 1
        return left[0] < 0

    shop.job("move_history", replace(shop.context, leave=goes_down))
    shop.job("move_history")
    assert {state for state, *_ in shop.states().values()} == {"DROPPED"}
    assert sum(shop.count(table) for pair in MOVES.items() for table in pair) == 0


def test_a_use_of_a_deleted_month_is_refused(past: Past) -> None:
    shop = kept_for(past, 3)
    shop.on(5, 1)
    assert [type(outcome) for outcome in report(shop, "new", moment(1, 31))] == [OutOfRange]
    assert report(shop, "new", moment(2, 1)) == [None]


def report(shop: Past, guid: str, at: datetime) -> list[Any]:
    command = RecordUsage(
        caller="sms", guid=guid, user_id="u", user_name="", payer_id="a", product_id="sms", product_name="",
        started_at=at, ended_at=at, amount=None, quantity=Decimal(1), unit="",
    )  # fmt: skip
    return shop.center.transact("test", lambda work: record_usages(work, [command]))


def test_a_repeat_is_one_long_after_its_identity_is_purged(past: Past, clock: SettableClock) -> None:
    past.job("move_history")
    assert len(past.rows(usage_identity)) == 6
    clock.at = datetime(2027, 4, 6, 1, tzinfo=UTC)
    past.job("purge")
    assert past.rows(usage_identity) == []
    assert report(past, "j1", moment(1, 6)) == [None]
    with past.center.reading() as work:
        key = (date(2026, 1, 6), "sms", "j1")
        assert list(kept_before(work, [key, (date(2026, 1, 6), "other", "j1")])) == [key]
    assert past.seen()[0].accepted == 6
    assert report(past, "brand new", moment(1, 6)) == [None]
    assert past.seen()[0].accepted == 7
    assert report(past, "brand new", moment(1, 6)) == [None]
    assert past.seen()[0].accepted == 7


def test_identities_are_kept_as_long_as_they_may_be_asked(past: Past, clock: SettableClock) -> None:
    """They are of 5 January to 3 February and came on 1 March 2026; 400 days after 28 February is 4 April 2027."""
    clock.at = datetime(2027, 4, 5, 1, tzinfo=UTC)
    past.job("purge")
    assert len(past.rows(usage_identity)) == 6  # the first day kept is 1 March 2026: what came on it stays
    clock.at = datetime(2027, 4, 6, 1, tzinfo=UTC)
    past.job("purge")
    assert past.rows(usage_identity) == []
