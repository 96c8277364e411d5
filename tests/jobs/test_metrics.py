"""The figures of /metrics after a shop's month: worked out by hand, on every database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from billing_center.center import UnitOfWork
from billing_center.clock import SettableClock
from billing_center.metrics.scrape import Scrape
from billing_center.outbox.message import Answer, Outcome
from billing_center.usage.rate_usage import rate_usage as rate_uses
from jobs import issue_invoices, rate_days, rate_usage, send_deductions
from jobs.cycle import run_cycle
from jobs.run_job import AskedBy, run_job
from schema.tables.usage import usage_queue
from tests.jobs.conftest import SHANGHAI, Shop

DAY = date(2026, 3, 1)


class Figures:
    """One look at /metrics, without a memory of the look before."""

    def __init__(self, scrape: Scrape) -> None:
        families = text_string_to_metric_families(scrape.text().decode())
        self._values = {(s.name, frozenset(s.labels.items())): s.value for f in families for s in f.samples}

    def __call__(self, name: str, **labels: str) -> Any:
        return self._values.get((name, frozenset(labels.items())))


@pytest.fixture
def scrape(shop: Shop) -> Scrape:
    return Scrape(shop.center, often_s=0, seldom_s=0)


def test_uses_that_wait_and_the_lag_of_rating(shop: Shop, scrape: Scrape, clock: SettableClock) -> None:
    shop.use("g1", "boss", clock.at)
    clock.at += timedelta(seconds=40)
    shop.use("g2", "boss", clock.at)
    clock.at += timedelta(seconds=50)
    look = Figures(scrape)
    assert (look("billing_uses_queued", state="WAITING"), look("billing_rating_lag_seconds")) == (2, 90)
    assert (look("billing_uses_queued", state="PARKED"), look("billing_uses_queued", state="HELD")) == (0, 0)
    assert look("billing_refused_calls_today") == look("billing_spend_alerts_unseen") == 0
    run_job(shop.context, rate_usage.JOB, DAY)
    look = Figures(scrape)
    assert (look("billing_uses_queued", state="WAITING"), look("billing_rating_lag_seconds")) == (0, 0)


def test_a_poisoned_use_is_counted_where_it_failed_and_where_it_waits(
    shop: Shop, scrape: Scrape, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rate_uses

    def broken(work: UnitOfWork, **asked: Any) -> Any:
        if work.connection.execute(select(usage_queue).where(usage_queue.c.state == "WAITING")).first():
            raise ZeroDivisionError
        return real(work, **asked)

    before = Figures(scrape)
    shop.use("g1", "boss", clock.at)
    monkeypatch.setattr("jobs.rate_usage.rate_usage", broken)
    run_job(shop.context, rate_usage.JOB, DAY)
    look = Figures(scrape)

    def grown(name: str) -> float:
        return look(name, job="rate_usage") - (before(name, job="rate_usage") or 0)

    assert look("billing_uses_queued", state="PARKED") == 1
    # Chunks of 5000, 500, 50, 5 and 1 fail; then the use is passed.
    assert (grown("billing_chunks_failed_total"), grown("billing_items_failed_total")) == (5, 1)
    done = {"job": "rate_usage", "state": "DONE"}
    assert look("billing_runs_closed_total", **done) == (before("billing_runs_closed_total", **done) or 0) + 1


def test_invoices_money_and_messages(shop: Shop, scrape: Scrape, clock: SettableClock) -> None:
    shop.order("o1", "boss", DAY)
    shop.order("o2", "other", DAY)
    clock.at = datetime(2026, 4, 1, 0, 5, tzinfo=SHANGHAI)
    april = date(2026, 4, 1)
    look = Figures(scrape)
    assert look("billing_invoiced_total", currency="CNY") == 0
    run_job(shop.context, rate_days.JOB, april)
    run_job(shop.context, issue_invoices.JOB, april)
    clock.at += timedelta(seconds=7)
    look = Figures(scrape)
    assert look("billing_invoices_issued_total", series="invoice-2026") == 2
    assert look("billing_invoiced_total", currency="CNY") == 186  # twice 31 days at 3.00
    assert look("billing_invoices", state="ISSUED") == 2
    assert look("billing_messages", kind="DEDUCTION", state="WAITING") == 2
    assert look("billing_message_lag_seconds", kind="DEDUCTION") == 7
    shop.answer = Answer(Outcome.REFUSED, "2")
    once = replace(shop.center, settings=shop.center.settings.model_copy(update={"send_tries": 1}))
    refused = look("billing_messages_answered_total", kind="DEDUCTION", outcome="REFUSED") or 0
    run_job(replace(shop.context, center=once), send_deductions.JOB, april, AskedBy.TICK)
    look = Figures(scrape)
    assert look("billing_messages", kind="DEDUCTION", state="WAITING") == 0
    assert look("billing_messages", kind="DEDUCTION", state="HELD") == 2
    assert look("billing_messages_answered_total", kind="DEDUCTION", outcome="REFUSED") == refused + 2
    assert look("billing_invoiced_total", currency="CNY") == 186  # not added twice


def test_days_whose_cycle_is_not_done(shop: Shop, scrape: Scrape, clock: SettableClock) -> None:
    assert Figures(scrape)("billing_cycle_behind_days") == 0  # the cycle of 1 March is due at 00:05
    clock.at += timedelta(minutes=5)
    assert Figures(scrape)("billing_cycle_behind_days") == 1
    assert run_cycle(shop.context, DAY).done
    look = Figures(scrape)
    assert look("billing_cycle_behind_days") == 0
    assert look("billing_reconcile_differences", job="reconcile_invoices") in (None, 0)
    clock.at += timedelta(days=2)
    assert Figures(scrape)("billing_cycle_behind_days") == 2


def test_a_run_that_nobody_drives(shop: Shop, scrape: Scrape, clock: SettableClock) -> None:
    shop.order("o1", "boss", DAY)
    clock.at += timedelta(days=1, minutes=5)
    run_job(replace(shop.context, leave=lambda: True), rate_days.JOB, date(2026, 3, 2))
    look = Figures(scrape)
    assert look("billing_runs", job="rate_days", state="RUNNING") == 1
    assert look("billing_runs_undriven") == 1
    assert (look("billing_run_progress_ratio", job="rate_days"), look("billing_run_items", job="rate_days")) == (
        0,
        0,
    )


@pytest.mark.databases("postgresql")
def test_partitions_that_are_missing(shop: Shop, scrape: Scrape, clock: SettableClock) -> None:
    assert Figures(scrape)("billing_partitions_missing", table="charge") is None  # made through June
    clock.at = datetime(2026, 5, 1, tzinfo=UTC)
    look = Figures(scrape)
    assert look("billing_partitions_missing", table="charge") == 1  # July: two months ahead
    assert look("billing_catch_all_rows", table="charge") == 0
