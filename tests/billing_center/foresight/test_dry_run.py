"""A dry bill run says what would be issued and what differs from the last invoices, and writes nothing."""

import json
from datetime import date
from decimal import Decimal as D

import pytest
from typer.testing import CliRunner

from billing_center.cli.main import app
from billing_center.foresight.dry_run import DryRun, dry_run
from billing_center.foresight.invoice_differences import Kind, differences
from billing_center.foresight.last_invoices import LastInvoice
from billing_center.order.rate_days import rate_days
from tests.scenarios.story import Story

MAY = date(2026, 5, 1)


@pytest.fixture
def months(story: Story) -> Story:
    """March is billed, April has ended and is not: a steady payer, one that grew, one that left, a new one."""
    for payer in ("steady", "grown", "left"):
        story.install(f"o-{payer}", payer=payer, product="mail", billing="月")
    story.use("sms", "8", user="li", payer="left", guid="l")
    story.at("2026-03-31 12:00")
    story.change("o-left", "TERMINATED")
    story.at("2026-04-02 12:00")
    for payer in ("steady", "grown", "left"):
        story.pay(f"{payer}-20260301")
    story.at("2026-04-20 12:00")
    story.use("call", "100", user="li", payer="grown", guid="g")
    story.install("o-new", payer="new", product="mail")
    story.at("2026-04-30 23:00")
    story.rate_uses()
    return story


def run(story: Story, on: date = MAY) -> DryRun:
    return dry_run(story.center, on, keep_invoices=True, watch=lambda payers: None)


def test_it_tells_what_would_be_issued_and_what_differs(months: Story) -> None:
    report = run(months)
    # rated through 29 April: 29/30 of 31.00 is 29.97 (29.966667); grown: 30.00 more; new: 10 days at 2.00
    assert {one.payer_id: one.base_amount for one in report.invoices} == {
        "steady": D("29.97"),
        "grown": D("59.97"),
        "new": D("20.00"),
    }
    assert report.base_amount == D("109.94")
    assert [(t.currency, t.invoices, t.amount) for t in report.totals] == [("CNY", 3, D("109.94"))]
    assert [(d.payer_id, d.product_id, d.kind, d.before, d.after, d.percent) for d in report.differences] == [
        ("grown", "", Kind.UP, D("31.00"), D("59.97"), D("93.5")),
        ("grown", "call", Kind.NEW, D("0"), D("30.00"), None),
        ("left", "", Kind.GONE, D("31.50"), D("0"), None),
        ("new", "", Kind.NEW, D("0"), D("20.00"), None),
    ]
    assert (report.waiting_uses, report.undecided_orders) == (0, 3)


def test_it_is_what_the_bill_run_then_issues(months: Story) -> None:
    months.at("2026-05-01 00:01")
    through = {"first_shard": 0, "last_shard": 255, "through": date(2026, 4, 30)}
    months.center.transact(
        "test",
        lambda work: rate_days(work, **through, after_order="", limit=100, run_id="r"),  # type: ignore[arg-type]
    )
    report = run(months)
    months.at("2026-05-01 12:00")
    assert {one.invoice_id: one.lines for one in report.invoices} == {
        one.invoice_id: months.invoice(one.invoice_id).lines for one in report.invoices
    }
    assert [(d.payer_id, d.kind) for d in run(months).differences] == [("left", Kind.GONE)]


def test_nothing_is_written_and_a_later_day_finds_who_left_no_more(months: Story) -> None:
    assert run(months) == run(months)
    assert set(months.invoices("grown")) == {"grown-20260301"}
    assert "left" not in {d.payer_id for d in run(months, date(2026, 6, 1)).differences}


def test_small_changes_are_not_told(months: Story) -> None:
    before = LastInvoice("p", date(2026, 4, 1), "CNY", D("100"), {("mail", "CNY"): D("100")})
    for amount, told in (("120", []), ("120.01", ["", "mail"]), ("79.99", ["", "mail"]), ("100", [])):
        now = LastInvoice("p", MAY, "CNY", D(amount), {("mail", "CNY"): D(amount)})
        assert [d.product_id for d in differences(before, now, D(20))] == told


def test_a_payer_without_an_exchange_rate_is_told(story: Story) -> None:
    story.sell(
        "products: [{id: eu, name: E, currency: EUR, plans: {day: [{valid_from: 2020-01-01, price: {EUR: 1}}]}}]"
    )
    story.install("o1", payer="huadong", product="eu")
    story.at("2026-03-31 12:00")
    [(payer, why)] = run(story, date(2026, 4, 1)).failures
    assert (payer, "EUR" in why) == ("huadong", True)


def test_the_command(months: Story, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "160")
    shown = CliRunner().invoke(app, ["dry-run", "--date", "2026-05-01"], catch_exceptions=False).output
    for words in ("3 invoices of 3 payers", "109.94", "call 网络电话", "+93.5", "gone", "not rated yet"):
        assert words in shown
    told = CliRunner().invoke(app, ["dry-run", "--date", "2026-05-01", "--json"], catch_exceptions=False).output
    assert json.loads(told)["base_amount"] == "109.94"
