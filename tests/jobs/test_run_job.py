"""Asking for a job: by the schedule, as a step of the day, by hand; what is done stays done."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, select

from billing_center.center import UnitOfWork
from billing_center.clock import SettableClock
from billing_center.errors import Busy, ResultCode, Unknown
from billing_center.order.rate_days import rate_days as rate_days_of_orders
from billing_center.runs.run import RunState
from billing_center.runs.show_runs import abandoned_runs, recent_runs, run_report
from billing_center.runs.worker import Worker
from billing_center.usage.rate_usage import rate_usage as rate_uses
from jobs import issue_invoices, rate_days, rate_usage, release_parked, send_controls, send_deductions
from jobs.job import Job
from jobs.registry import JOBS, STEPS, job_named
from jobs.run_job import AskedBy, continue_run, run_job
from schema.tables.charges import charge
from schema.tables.invoices import invoice
from schema.tables.usage import usage_queue
from tests.jobs.conftest import SHANGHAI, Shop

DAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=SHANGHAI)


def test_registry_holds_every_step_of_the_day_once() -> None:
    assert JOBS[: len(STEPS)] == STEPS
    assert len({job.job_id for job in JOBS}) == len(JOBS)
    assert all((job.work is None) != (job.act is None) for job in JOBS)


def test_unknown_job_is_refused_by_name() -> None:
    with pytest.raises(Unknown, match="there are make_partitions, release_parked, rate_usage") as refused:
        job_named("rate_everything")
    assert refused.value.code is ResultCode.UNKNOWN_JOB


@pytest.mark.parametrize("job", [rate_usage.JOB, release_parked.JOB, send_deductions.JOB, send_controls.JOB])
def test_tick_with_nothing_due_makes_no_run(shop: Shop, job: Job) -> None:
    assert run_job(shop.context, job, DAY, AskedBy.TICK).run is None
    with shop.center.reading() as work:
        assert recent_runs(work) == []


def test_tick_rates_what_waits_and_the_next_one_finds_nothing(shop: Shop, clock: SettableClock) -> None:
    clock.at = NOON
    for n in range(3):
        shop.use(f"g{n}", "boss", NOON)
    ran = run_job(shop.context, rate_usage.JOB, DAY, AskedBy.TICK)
    assert ran.run is not None and (ran.run.state, ran.run.items) == (RunState.DONE, 3)
    assert ran.run.run_id == "rate_usage:2026-03-01T12:00:00:1"
    assert {row.run_id for row in shop.rows(charge)} == {ran.run.run_id}
    assert run_job(shop.context, rate_usage.JOB, DAY, AskedBy.TICK).run is None
    shop.use("g9", "boss", NOON)
    again = run_job(shop.context, rate_usage.JOB, DAY, AskedBy.TICK)
    assert again.run is not None and again.run.run_id == "rate_usage:2026-03-01T12:00:00:2"


def test_tick_leaves_a_job_alone_that_another_node_runs(shop: Shop, clock: SettableClock) -> None:
    shop.use("g", "boss", clock.at)
    other = replace(shop.context, worker=Worker("south:1:aa", shop.context.worker.clock), leave=lambda: True)
    left = run_job(other, rate_usage.JOB, DAY, AskedBy.TICK)
    assert left.run is not None and left.run.state is RunState.RUNNING
    ran = run_job(shop.context, rate_usage.JOB, DAY, AskedBy.TICK)
    assert ran.yours  # what a node left behind is continued, not begun anew
    assert ran.run is not None and (ran.run.run_id, ran.run.items) == (left.run.run_id, 1)


def test_days_are_rated_through_the_day_before_and_again_without_harm(shop: Shop, clock: SettableClock) -> None:
    shop.order("o1", "boss", DAY)
    clock.at += timedelta(days=3, minutes=5)
    day = date(2026, 3, 4)
    ran = run_job(shop.context, rate_days.JOB, day)
    assert ran.run is not None and (ran.run.run_id, ran.run.items) == ("rate_days:2026-03-04:1", 1)
    assert [(row.day.day, str(row.amount)) for row in shop.rows(charge)] == [
        (1, "3.000000"), (2, "3.000000"), (3, "3.000000")
    ]  # fmt: skip
    again = run_job(shop.context, rate_days.JOB, day)
    assert again.run is not None and (again.run.run_id, again.run.items) == ("rate_days:2026-03-04:2", 0)
    assert len(shop.rows(charge)) == 3
    assert not run_job(shop.context, rate_days.JOB, day, AskedBy.CYCLE).yours


def test_invoices_are_numbered_and_their_deductions_sent(shop: Shop, clock: SettableClock) -> None:
    for n in range(3):
        shop.order(f"o{n}", f"boss{n}", DAY)
    clock.at = datetime(2026, 4, 1, 0, 5, tzinfo=SHANGHAI)
    april = date(2026, 4, 1)
    run_job(shop.context, rate_days.JOB, april)
    small = replace(shop.center, settings=shop.center.settings.model_copy(update={"chunk_size": 2}))
    ran = run_job(replace(shop.context, center=small), issue_invoices.JOB, april)
    assert ran.run is not None and ran.run.items == 3
    assert [row.invoice_no for row in shop.rows(invoice)] == [f"2026-{n:09d}" for n in (1, 2, 3)]
    assert {str(row.base_amount) for row in shop.rows(invoice)} == {"93.000000"}  # 31 days at 3.00
    sent = run_job(shop.context, send_deductions.JOB, april, AskedBy.TICK)
    assert sent.run is not None and (sent.run.state, sent.run.items) == (RunState.DONE, 3)
    assert sorted(m.message_id for m in shop.sent) == [f"deduct:boss{n}-20260301" for n in range(3)]
    assert run_job(shop.context, send_deductions.JOB, april, AskedBy.TICK).run is None


def test_messages_without_a_sender_wait_and_make_no_run(shop: Shop, clock: SettableClock) -> None:
    shop.order("o1", "boss", DAY)
    clock.at = datetime(2026, 4, 1, 0, 5, tzinfo=SHANGHAI)
    for job in (rate_days.JOB, issue_invoices.JOB):
        run_job(shop.context, job, date(2026, 4, 1))
    deaf = replace(shop.context, senders={})
    assert run_job(deaf, send_deductions.JOB, date(2026, 4, 1), AskedBy.TICK).run is None
    assert run_job(shop.context, send_deductions.JOB, date(2026, 4, 1), AskedBy.TICK).run is not None


def test_poisoned_order_stops_no_other(shop: Shop, clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        shop.order(f"o{n}", f"boss{n}", DAY)
    clock.at += timedelta(days=1, minutes=5)
    real = rate_days_of_orders

    def poisoned(work: UnitOfWork, **asked: Any) -> Any:
        done = real(work, **asked)
        if work.connection.execute(select(charge.c.day).where(charge.c.order_id == "o2")).first():
            raise ZeroDivisionError("o2")
        return done

    monkeypatch.setattr("jobs.rate_days.rate_days", poisoned)
    ran = run_job(shop.context, rate_days.JOB, date(2026, 3, 2))
    assert ran.run is not None and (ran.run.state, ran.run.items, ran.run.failures) == (RunState.DONE, 4, 1)
    assert [row.order_id for row in shop.rows(charge)] == ["o0", "o1", "o3", "o4"]
    with shop.center.reading() as work:
        assert [f.subject for f in run_report(work, ran.run.run_id).failures] == ["o2"]
    monkeypatch.setattr("jobs.rate_days.rate_days", rate_days_of_orders)
    run_job(shop.context, rate_days.JOB, date(2026, 3, 2))
    assert [row.order_id for row in shop.rows(charge)] == ["o0", "o1", "o2", "o3", "o4"]


def test_poisoned_use_is_parked_and_the_others_are_rated(
    shop: Shop, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        shop.use(f"g{n}", "boss", clock.at)
    doomed = shop.rows(usage_queue)[2].event_id
    real = rate_uses

    def poisoned(work: UnitOfWork, **asked: Any) -> Any:
        waiting = [row.event_id for row in work.connection.execute(_waiting()) if row.state == "WAITING"]
        if doomed in waiting[: asked["limit"]]:
            raise ZeroDivisionError("this one")
        return real(work, **asked)

    monkeypatch.setattr("jobs.rate_usage.rate_usage", poisoned)
    ran = run_job(shop.context, rate_usage.JOB, DAY)
    assert ran.run is not None and (ran.run.state, ran.run.items, ran.run.failures) == (RunState.DONE, 4, 1)
    left = shop.rows(usage_queue)
    assert [(row.event_id, row.state, row.reason, row.tries) for row in left] == [(doomed, "PARKED", "broken", 1)]


@pytest.mark.parametrize(("of_shard", "batches"), [(0, [2, 2, 1]), (4, [4, 1]), (100, [5, 0])])
def test_a_batch_of_rating_ends_with_its_shard(
    shop: Shop, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, of_shard: int, batches: list[int]
) -> None:
    for n in range(5):
        shop.use(f"g{n}", "boss", clock.at)
    sizes = {"usage_batch": 2, "usage_shard_batch": of_shard}
    small = replace(shop.center, settings=shop.center.settings.model_copy(update=sizes))
    done: list[int] = []

    def noted(work: UnitOfWork, **asked: Any) -> int:
        done.append(rate_uses(work, **asked))
        return done[-1]

    monkeypatch.setattr("jobs.rate_usage.rate_usage", noted)
    ran = run_job(replace(shop.context, center=small), rate_usage.JOB, DAY)
    assert ran.run is not None and (ran.run.state, ran.run.items) == (RunState.DONE, 5)
    assert [n for n in done if n] == [n for n in batches if n] and shop.rows(usage_queue) == []


def _waiting() -> Select[Any]:
    return select(usage_queue).order_by(usage_queue.c.event_id)


def test_busy_database_leaves_the_run_for_the_next_asker(
    shop: Shop, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.order("o1", "boss", DAY)
    clock.at += timedelta(days=1, minutes=5)

    def busy(work: UnitOfWork, **asked: Any) -> Any:
        raise Busy("not now")

    monkeypatch.setattr("jobs.rate_days.rate_days", busy)
    with pytest.raises(Busy):
        run_job(shop.context, rate_days.JOB, date(2026, 3, 2))
    monkeypatch.undo()
    with shop.center.reading() as work:
        left = abandoned_runs(work, shop.context.worker)
    assert [run.run_id for run in left] == ["rate_days:2026-03-02:1"]
    ran = continue_run(shop.context, left[0].run_id)
    assert ran.run is not None and (ran.run.state, ran.run.items) == (RunState.DONE, 1)


def test_job_that_breaks_as_a_whole_fails_its_run_and_is_retried(
    shop: Shop, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.order("o1", "boss", DAY)
    clock.at = datetime(2026, 4, 1, 0, 5, tzinfo=SHANGHAI)
    run_job(shop.context, rate_days.JOB, date(2026, 4, 1))

    def broken(work: UnitOfWork, **asked: Any) -> Any:
        raise ZeroDivisionError("numbers")

    monkeypatch.setattr("jobs.issue_invoices.number_after", broken)
    ran = run_job(shop.context, issue_invoices.JOB, date(2026, 4, 1))
    assert ran.run is not None and ran.run.state is RunState.FAILED
    assert ran.run.error == "broken: ZeroDivisionError: see the log for this run"
    monkeypatch.undo()
    retried = continue_run(shop.context, ran.run.run_id, retry=True)
    assert retried.run is not None and retried.run.state is RunState.DONE
    assert [row.invoice_no for row in shop.rows(invoice)] == ["2026-000000001"]
