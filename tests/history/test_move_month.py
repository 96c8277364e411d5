"""A closed month moves out and back: counted, added up, read as if it had stayed, whatever breaks in between."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select

from billing_center.errors import OutOfRange
from billing_center.history import copy_rows, whole
from billing_center.history.history_month import MonthState, Totals, of_month, totals_of, why_open
from billing_center.history.restore_month import ask_move, ask_restore
from billing_center.runs.run import RunState
from schema import partitions_postgresql
from schema.tables.charges import charge, usage_rollup
from schema.tables.history import MOVES, charge_history, usage_event_history
from schema.tables.usage import usage_event
from tests.history.conftest import JANUARY, Past, moment

A, B = "a-20260101", "b-20260101"
FIVE_USES = {
    "usage_event": ("MOVED", 5, "5.00", "0.00"),  # five messages; callers gave no amount
    "usage_filtered": ("MOVED", 0, "0.00", "0.00"),
    "charge": ("MOVED", 5, "5.00", "0.50"),  # 5 x 0.10
}


def test_a_closed_month_moves_and_every_reader_sees_what_it_saw(past: Past) -> None:
    before = past.seen(A, B)
    assert [(line.line.amount, len(line.charges)) for line in before[1].lines] == [(Decimal("0.30"), 3)]
    assert past.job("move_history").done
    assert past.states() == FIVE_USES
    assert (past.count(usage_event), past.count(usage_event_history)) == (0, 5)
    assert (past.count(charge), past.count(charge_history)) == (0, 5)
    assert (past.count(usage_event, date(2026, 2, 1)), past.count(charge, date(2026, 2, 1))) == (1, 1)
    assert past.seen(A, B) == before
    assert past.job("reconcile").done
    assert not past.rows_of_differences()


def test_a_second_run_finds_nothing(past: Past) -> None:
    past.job("move_history")
    state = past.states()
    ran = past.job("move_history")
    assert ran.run is not None and ran.run.items == 0
    assert past.states() == state


@pytest.mark.parametrize("steps", [1, 2, 4, 6])
def test_a_process_that_goes_down_after_any_step_is_followed_by_another(past: Past, steps: int) -> None:
    before = past.seen(A, B)
    left = [steps]

    def goes_down() -> bool:
        left[0] -= 1
        return left[0] < 0

    past.job("move_history", replace(past.context, leave=goes_down))
    assert past.seen(A, B) == before
    assert past.job("move_history").done
    assert past.states() == FIVE_USES
    assert past.seen(A, B) == before


@pytest.mark.parametrize("fails_at", range(1, 4))
def test_a_step_that_breaks_in_its_middle_changes_nothing(
    past: Past, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    before = past.seen(A, B)
    calls = [0]

    def breaking(original: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            calls[0] += 1
            if calls[0] == fails_at:
                raise ZeroDivisionError("between copying and deleting, between detaching and attaching")
            return original(*arguments, **named)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(copy_rows, "delete", breaking(copy_rows.delete))
        patch.setattr(partitions_postgresql, "attach", breaking(partitions_postgresql.attach))
        ran = past.job("move_history")
    assert ran.run is not None and ran.run.state is RunState.FAILED
    assert past.seen(A, B) == before
    assert past.job("move_history").done
    assert past.states() == FIVE_USES
    assert past.seen(A, B) == before


def test_a_row_that_did_not_arrive_fails_the_move_and_nothing_is_deleted(past: Past) -> None:
    past.job("move_history")

    def lose_one(work: Any) -> None:
        one = work.connection.execute(select(charge_history.c.cause_id).limit(1)).scalar_one()
        work.connection.execute(delete(charge_history).where(charge_history.c.cause_id == one))

    past.center.transact("test", lose_one)
    past.use("late", "a", moment(1, 20))
    past.bill()
    past.on(4, 1)
    past.bill()
    ran = past.job("move_history")
    assert ran.run is not None and ran.run.state is RunState.FAILED
    assert "holds 5 rows, quantity 5.000000, amount 0.500000 instead of 6 rows" in ran.run.error


def test_a_month_that_is_not_closed_stays(past: Past) -> None:
    past.use("waits", "", moment(1, 9))  # nobody is known to pay: it is parked
    past.job("rate_usage")
    past.job("move_history")
    assert past.states() == {}
    with past.center.reading() as work:
        assert why_open(work.connection, JANUARY) == "uses of 2026-01 wait to be rated"
        assert why_open(work.connection, date(2026, 2, 1)) == ""
    with pytest.raises(OutOfRange, match="uses of 2026-01 wait"):
        past.center.transact("test", lambda work: ask_move(work, JANUARY))


def test_a_period_without_invoice_keeps_its_months(past: Past) -> None:
    past.on(3, 2)
    past.use("open", "a", moment(3, 1))
    past.job("rate_usage")
    with past.center.reading() as work:
        assert why_open(work.connection, date(2026, 3, 1)).startswith("payer a is not invoiced yet")
        assert why_open(work.connection, JANUARY) == ""


def test_a_late_fact_of_a_moved_month_stays_until_it_is_invoiced_and_follows(past: Past) -> None:
    past.job("move_history")
    past.use("late", "a", moment(1, 20))
    past.bill()
    assert (past.count(usage_event), past.count(charge)) == (1, 1)
    with past.center.reading() as work:
        known = totals_of(work.connection, whole.charge, whole.charge.c.day <= date(2026, 1, 31))
    assert known == Totals(6, Decimal(6), Decimal("0.60"))
    past.on(4, 1)
    past.bill()  # it is on the invoice of March
    assert past.job("move_history").done
    assert past.states() == {
        "usage_event": ("MOVED", 6, "6.00", "0.00"),
        "usage_filtered": ("MOVED", 0, "0.00", "0.00"),
        "charge": ("MOVED", 6, "6.00", "0.60"),
    }
    rolled = [row for row in past.rows(usage_rollup) if row.day == date(2026, 1, 20)]
    assert [(row.charges, row.amount) for row in rolled] == [(1, Decimal("0.10"))]


def test_roll_ups_of_a_moved_month_are_computed_from_all_its_charges(past: Past) -> None:
    past.job("move_history")
    past.use("late", "a", moment(1, 6))  # a has two charges of that day in history
    past.bill()
    rolled = [row for row in past.rows(usage_rollup) if row.day == date(2026, 1, 6) and row.payer_id == "a"]
    assert [(row.charges, row.amount) for row in rolled] == [(3, Decimal("0.30"))]


def test_a_month_is_restored_and_stays_until_it_is_moved_again(past: Past) -> None:
    before = past.seen(A, B)
    past.job("move_history")
    past.use("late", "a", moment(1, 20))
    past.bill()
    past.center.transact("olga", lambda work: ask_restore(work, JANUARY))
    assert past.job("move_history").done
    assert {state for state, *_ in past.states().values()} == {"HOT"}
    assert [past.count(table) for table in MOVES] == [6, 0, 6]
    assert not any(past.has(history) for history in MOVES.values())
    past.on(4, 1)
    past.bill()
    past.job("move_history")
    assert past.count(charge) == 6
    past.center.transact("olga", lambda work: ask_move(work, JANUARY))
    past.job("move_history")
    assert past.states()["charge"] == ("MOVED", 6, "6.00", "0.60")
    assert past.seen(A, B)[1:] == before[1:]


def test_only_what_is_in_history_is_restored(past: Past) -> None:
    with pytest.raises(OutOfRange, match="2026-01 is not in history"):
        past.center.transact("olga", lambda work: ask_restore(work, JANUARY))


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_restoration_that_breaks_off_goes_on(past: Past, steps: int) -> None:
    before = past.seen(A, B)
    past.job("move_history")
    past.center.transact("olga", lambda work: ask_restore(work, JANUARY))
    left = [steps]

    def goes_down() -> bool:
        left[0] -= 1
        return left[0] < 0

    past.job("move_history", replace(past.context, leave=goes_down))
    assert past.seen(A, B) == before
    past.job("move_history")
    assert [past.count(table) for table in MOVES] == [5, 0, 5]
    with past.center.reading() as work:
        assert {one.state for one in of_month(work.connection, JANUARY).values()} == {MonthState.HOT}
    assert past.seen(A, B) == before
