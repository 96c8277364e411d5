"""Advancing the test clock runs what fell due, in order, at the moment it fell due, and only once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from billing_center.center import UnitOfWork
from billing_center.clock import SettableClock
from billing_center.errors import Broken, Busy, ClockRefused, OutOfRange
from billing_center.outbox.message import Answer, Outcome
from billing_center.runs.run import Run
from billing_center.runs.worker import Worker, this_process
from billing_center.test_clock import require_test_clock
from jobs import rate_usage
from jobs.advance_clock import Advanced, advance
from jobs.cycle import CYCLE
from jobs.executor import InThisProcess
from jobs.job import Context, Job
from jobs.run_job import AskedBy, run_job
from schema.tables.charges import charge
from schema.tables.invoices import invoice
from schema.tables.jobs import job_run
from schema.tables.orders import service_order
from tests.jobs.conftest import SHANGHAI, Shop


def at(month: int, day: int, hour: int = 0, minute: int = 5) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def go(shop: Shop, to: datetime) -> Advanced:
    return advance(shop.center, to, shop.senders, shop.watched.append)


def test_cycles_run_in_order_each_at_its_moment(test_shop: Shop) -> None:
    moved = go(test_shop, at(3, 4, 12))
    assert moved.cycles == (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))
    cycles = test_shop.rows(job_run, job=CYCLE)
    assert [row.started_at for row in cycles] == [at(3, day) for day in (1, 2, 3, 4)]
    assert test_shop.center.clock.now() == moved.at == at(3, 4, 12)


@pytest.fixture
def late_shop(test_shop: Shop) -> Shop:
    """The shop with the clock at midnight of 29 March: three days are left of the period."""
    require_test_clock(test_shop.center.clock).move(at(3, 29, 0, 0))
    return test_shop


def test_period_is_used_rated_invoiced_and_deducted(late_shop: Shop) -> None:
    late_shop.order("o1", "boss", date(2026, 3, 29))
    late_shop.use("g1", "boss", at(3, 29, 0, 0))
    go(late_shop, at(4, 1, 0, 4))
    assert late_shop.rows(invoice) == []
    go(late_shop, at(4, 1, 0, 5))
    bills = late_shop.rows(invoice)
    assert [(row.invoice_id, str(row.base_amount), row.state) for row in bills] == [
        ("boss-20260301", "9.100000", "SENT")  # 3 days at 3.00 and one message at 0.10
    ]
    assert [message.message_id for message in late_shop.sent] == ["deduct:boss-20260301"]


def test_unpaid_bill_stops_the_service_on_its_control_day(late_shop: Shop) -> None:
    late_shop.order("o1", "boss", date(2026, 3, 29))
    go(late_shop, at(4, 10, 12))
    assert late_shop.rows(service_order)[0].state == "ACTIVE"
    go(late_shop, at(4, 11, 12))  # ten days after the billing day
    assert late_shop.rows(service_order)[0].state == "SUSPENDED"
    assert [message.kind.value for message in late_shop.sent] == ["DEDUCTION", "CONTROL"]


def test_to_where_it_stands_runs_what_is_due_now(test_shop: Shop) -> None:
    test_shop.use("g1", "boss", test_shop.center.clock.now())
    go(test_shop, at(3, 1, 0, 0))
    assert len(test_shop.rows(charge)) == 1
    assert test_shop.rows(job_run, job=CYCLE) == []


def test_message_refused_is_sent_again_when_its_wait_is_over(late_shop: Shop) -> None:
    late_shop.order("o1", "boss", date(2026, 3, 29))
    late_shop.answer = Answer(Outcome.REFUSED, "2")
    go(late_shop, at(4, 1))
    late_shop.answer = Answer(Outcome.ACCEPTED, "1")
    go(late_shop, at(4, 1) + timedelta(seconds=29))
    assert len(late_shop.sent) == 1
    go(late_shop, at(4, 1) + timedelta(seconds=30))
    assert len(late_shop.sent) == 2


def test_backwards_is_refused_and_runs_nothing(test_shop: Shop) -> None:
    with pytest.raises(OutOfRange, match="never goes back"):
        go(test_shop, at(2, 28))
    assert test_shop.rows(job_run) == []


def test_real_clock_is_not_moved(shop: Shop) -> None:
    with pytest.raises(ClockRefused):
        go(shop, at(3, 2))


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("job", ["rate_days", "issue_invoices", "control_services"])
def test_advance_that_was_killed_is_simply_advanced_again(
    test_shop: Shop, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_shop.order("o1", "boss", date(2026, 3, 1))
    calls = 0

    def killed_on_the_third_day(work: UnitOfWork, **asked: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Killed
        return real(work, **asked)

    module = __import__(f"jobs.{job}", fromlist=[job])
    real = getattr(module, job)
    monkeypatch.setattr(module, job, killed_on_the_third_day)
    monkeypatch.setattr("jobs.job.this_process", lambda: None)
    dead = Worker(this_process().name.rsplit(":", 2)[0] + ":2147483646:aa", this_process().clock)
    monkeypatch.setattr(
        "jobs.advance_clock.Context",
        lambda *a, **k: Context(*a, **{**k, "worker": dead}),
    )
    with pytest.raises(Killed):
        go(test_shop, at(3, 5))
    assert test_shop.center.clock.now() == at(3, 3)
    monkeypatch.undo()
    moved = go(test_shop, at(3, 5))
    assert moved.cycles == (date(2026, 3, 4), date(2026, 3, 5))
    assert {(row.state, row.attempt) for row in test_shop.rows(job_run)} == {("DONE", 1)}
    assert [row.day.day for row in test_shop.rows(charge)] == [1, 2, 3, 4]


def test_failed_cycle_stops_the_clock_there_and_is_finished_by_the_next_advance(
    test_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(work: UnitOfWork, **asked: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("jobs.issue_invoices.issue_invoices", broken)
    with pytest.raises(Broken, match="run cycle:2026-03-01:1 is FAILED"):
        go(test_shop, at(3, 3))
    assert test_shop.center.clock.now() == at(3, 1)
    monkeypatch.undo()
    assert go(test_shop, at(3, 3)).cycles == (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3))


def test_two_advances_at_once_do_not_mix(test_shop: Shop, clock: SettableClock) -> None:
    test_shop.use("g1", "boss", test_shop.center.clock.now())
    other = Worker("south:1:aa", this_process().clock)
    entered: list[int] = []

    def second(progress: object) -> None:
        if not entered:
            entered.append(1)
            with pytest.raises(Busy):
                go(Shop(test_shop.center), at(3, 1, 0, 1))

    class Meddling(InThisProcess):
        def submit(self, context: Context, job: Job, run: Run, tasks: Sequence[int]) -> None:
            second(None)
            super().submit(context, job, run, tasks)

    context = replace(test_shop.context, worker=other, executor=Meddling())
    assert run_job(context, rate_usage.JOB, date(2026, 3, 1), AskedBy.TICK).done
    assert entered and len(test_shop.rows(charge)) == 1
