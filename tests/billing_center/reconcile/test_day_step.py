"""The day's invoices are reconciled as a step of the day; what is found is kept for as long as runs' tasks are."""

from datetime import date, timedelta

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.reconcile.show_differences import show_run
from billing_center.runs.run import RunState
from jobs import purge, reconcile_invoices
from jobs.executor import InThisProcess
from jobs.job import Context
from jobs.run_job import run_job
from schema.tables.charges import charge
from schema.tables.orders import service_order
from tests.billing_center.reconcile.conftest import Books
from tests.scenarios.story import Story

CATALOG = """
products:
  - {id: mail, name: 邮箱, currency: CNY, plans: {day: [{valid_from: 2026-01-01, price: {CNY: 1.00}}]}}
"""


def test_only_who_was_billed_is_compared_and_old_findings_go(center: Center, clock: SettableClock) -> None:
    story = Story(center, clock)
    story.sell(CATALOG)
    for payer in ("p1", "p3"):
        story.install(f"o-{payer}", payer=payer, product="mail")
    story.at("2026-04-01 12:00")
    story.install("o-p2", payer="p2", product="mail")  # has no invoice yet
    books = Books(center)
    books.set(charge, books.find(charge, charge.c.payer_id == "p1"), user_id="somebody")
    books.set(service_order, books.find(service_order, service_order.c.payer_id == "p2"), state="SUSPENDED")
    context = Context(center, {}, InThisProcess())
    ran = run_job(context, reconcile_invoices.JOB, date(2026, 4, 1))
    assert ran.run is not None and ran.run.state is RunState.DONE
    run_id = ran.run.run_id
    with center.reading() as work:
        shown = show_run(work, run_id)
    assert [one.payer_id for one in shown.differences] == ["p1"]
    assert shown.counts["payers"] == 2
    clock.at += timedelta(days=89)
    run_job(context, purge.JOB, date(2026, 6, 29))
    with center.reading() as work:
        assert len(show_run(work, run_id).differences) == 1
    clock.at += timedelta(days=2)
    run_job(context, purge.JOB, date(2026, 7, 1))
    with center.reading() as work:
        assert not show_run(work, run_id).differences and not show_run(work, run_id).counts["payers"]
