"""The day in order; days that were missed; a day that broke off; two schedulers that want the same one."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from billing_center.clock import SettableClock
from billing_center.errors import OutOfRange
from billing_center.runs.close_run import stop_run
from billing_center.runs.run import RunState
from billing_center.runs.show_runs import recent_runs
from billing_center.runs.worker import Worker
from billing_center.settings import Settings
from jobs.cycle import (
    CYCLE,
    catch_up,
    continue_cycle,
    days_due,
    moment_of,
    moments_between,
    run_cycle,
)
from jobs.job import Progress
from jobs.registry import STEPS
from schema.tables.charges import charge
from schema.tables.jobs import job_run
from tests.jobs.conftest import SHANGHAI, Shop

MARCH_1, MARCH_2, MARCH_3 = (date(2026, 3, n) for n in (1, 2, 3))
DATED = ["rate_days", "roll_up", "issue_invoices", "control_services", "reconcile_invoices", "purge"]


def at(day: int, hour: int = 0, minute: int = 5) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def broken(*args: object, **named: object) -> object:
    raise ZeroDivisionError("the step as a whole")


def test_steps_run_in_the_order_of_the_day(shop: Shop, clock: SettableClock) -> None:
    shop.order("o1", "boss", MARCH_1)
    shop.use("g1", "boss", at(1))
    clock.at = at(2)
    ran = run_cycle(shop.context, MARCH_2)
    assert ran.run is not None and ran.run.state is RunState.DONE
    assert [job for _, job in shop.steps()] == [
        "rate_usage", "rate_days", "roll_up", "issue_invoices", "control_services", "reconcile_invoices", "purge"
    ]  # fmt: skip
    assert sorted(row.cause for row in shop.rows(charge)) == ["day", "use"]
    assert [step.job_id for step in STEPS if step.job_id in DATED] == DATED


def test_done_day_is_nobodys_and_is_run_again_by_hand(shop: Shop, clock: SettableClock) -> None:
    shop.order("o1", "boss", MARCH_1)
    clock.at = at(2)
    run_cycle(shop.context, MARCH_2)
    assert not run_cycle(shop.context, MARCH_2).yours
    again = run_cycle(shop.context, MARCH_2, again=True)
    assert again.run is not None and (again.run.attempt, again.run.state) == (2, RunState.DONE)
    assert len(shop.rows(charge)) == 1


def test_day_that_has_not_begun_is_refused(shop: Shop) -> None:
    with pytest.raises(OutOfRange):
        run_cycle(shop.context, MARCH_2)


def test_two_schedulers_wanting_one_day_run_each_step_once(shop: Shop, clock: SettableClock) -> None:
    shop.order("o1", "boss", MARCH_1)
    clock.at = at(2)
    machine = shop.context.worker.clock
    contexts = [replace(shop.context, worker=Worker(f"node{n}:1:aa", machine)) for n in range(4)]
    barrier = threading.Barrier(4)
    mine: list[bool] = []

    def scheduler(number: int) -> None:
        barrier.wait()
        mine.append(run_cycle(replace(contexts[number]), MARCH_2).yours)

    threads = [threading.Thread(target=scheduler, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mine) == [False, False, False, True]
    runs = shop.rows(job_run)
    assert sorted(row.job for row in runs) == sorted([CYCLE, *DATED])
    assert {row.state for row in runs} == {"DONE"} and {row.attempt for row in runs} == {1}
    assert len(shop.rows(charge)) == 1


def test_fresh_database_begins_with_today_once_its_moment_has_come(shop: Shop, clock: SettableClock) -> None:
    clock.at = at(1, 0, 4)
    assert days_due(shop.center) == []
    clock.at = at(1, 0, 5)
    assert days_due(shop.center) == [MARCH_1]
    clock.at = at(1, 23, 59)
    assert days_due(shop.center) == [MARCH_1]


def test_missed_days_are_caught_up_in_order(shop: Shop, clock: SettableClock) -> None:
    shop.order("o1", "boss", MARCH_1)
    clock.at = at(1)
    assert catch_up(shop.context) == [MARCH_1]
    clock.at = at(4, 0, 4)
    assert days_due(shop.center) == [MARCH_2, MARCH_3]
    assert catch_up(shop.context) == [MARCH_2, MARCH_3]
    assert catch_up(shop.context) == []
    days = [day for day, job in shop.steps() if job == "rate_days"]
    assert days == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert [row.day for row in shop.rows(charge)] == [MARCH_1, MARCH_2]


def test_step_that_fails_as_a_whole_stops_the_day_and_a_later_try_finishes_it(
    shop: Shop, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.at = at(1)
    monkeypatch.setattr("jobs.issue_invoices.issue_invoices", broken)
    assert catch_up(shop.context) == []
    assert shop.steps()[-1] == ("2026-03-01", "issue_invoices")
    cycle = shop.rows(job_run, job=CYCLE)[0]
    assert cycle.state == "FAILED" and cycle.error.startswith("run issue_invoices:2026-03-01:1 is FAILED")
    monkeypatch.undo()
    shop.watched.clear()
    assert catch_up(shop.context, retry=False) == []
    assert catch_up(shop.context) == [MARCH_1]
    assert [job for _, job in shop.steps()] == [
        "issue_invoices",
        "control_services",
        "reconcile_invoices",
        "purge",
    ]
    assert {row.attempt for row in shop.rows(job_run)} == {1}


def test_failed_aggregation_is_told_and_the_day_goes_on(
    shop: Shop, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.at = at(1)
    monkeypatch.setattr("jobs.roll_up.roll_up", broken)
    assert catch_up(shop.context) == [MARCH_1]
    states = {row.job: row.state for row in shop.rows(job_run)}
    assert states["roll_up"] == "FAILED" and states[CYCLE] == states["issue_invoices"] == "DONE"


def test_broken_off_day_goes_on_where_it_broke_off(
    shop: Shop, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(work: object, **asked: object) -> object:
        raise Killed

    clock.at = at(1)
    monkeypatch.setattr("jobs.issue_invoices.issue_invoices", killed)
    gone = replace(shop.context, worker=Worker("south:1:aa", SettableClock(at(1))))
    with pytest.raises(Killed):
        run_cycle(gone, MARCH_1)
    monkeypatch.undo()
    shop.watched.clear()
    next_node = replace(shop.context, worker=Worker("north:1:aa", SettableClock(at(1) + timedelta(seconds=61))))
    ran = run_cycle(next_node, MARCH_1)
    assert ran.yours and ran.run is not None and ran.run.state is RunState.DONE
    assert [job for _, job in shop.steps()] == [
        "issue_invoices",
        "control_services",
        "reconcile_invoices",
        "purge",
    ]


def test_process_that_goes_down_leaves_the_day_to_the_next(shop: Shop, clock: SettableClock) -> None:
    clock.at = at(1)
    asked = iter([False] * 4 + [True] * 100)
    left = run_cycle(replace(shop.context, leave=lambda: next(asked)), MARCH_1)
    assert left.run is not None and left.run.state is RunState.RUNNING
    ran = continue_cycle(replace(shop.context, worker=Worker("north:1:aa", clock)), left.run.run_id)
    assert ran.yours and ran.done


def test_stopped_day_waits_for_a_person(shop: Shop, clock: SettableClock) -> None:
    clock.at = at(1)

    def stop(progress: Progress) -> None:
        if progress.job == "rate_days":
            shop.center.transact(
                "operator", lambda work: stop_run(work, "cycle:2026-03-01:1", shop.context.worker)
            )

    assert catch_up(replace(shop.context, watch=stop)) == []
    with shop.center.reading() as work:
        runs = {run.job: run.state for run in recent_runs(work)}
    assert runs == {CYCLE: RunState.STOPPED, "rate_days": RunState.DONE}
    assert catch_up(shop.context) == []
    assert continue_cycle(shop.context, "cycle:2026-03-01:1", retry=True).done


def test_moments_follow_the_business_time_zone_and_its_daylight_saving() -> None:
    berlin = Settings(timezone="Europe/Berlin", schedule_cycle="03:30")
    assert moment_of(date(2026, 3, 28), berlin) == datetime(2026, 3, 28, 2, 30, tzinfo=UTC)
    assert moment_of(date(2026, 3, 29), berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    found = list(moments_between(at(1, 0, 5), at(3, 0, 5), Settings()))
    assert [m.astimezone(SHANGHAI) for m in found] == [at(2), at(3)]
