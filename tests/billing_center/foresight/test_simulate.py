"""A past period by a draft catalog: by the same catalog nothing differs, and a draft's difference is exact."""

import json
from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from typer.testing import CliRunner

from billing_center.cli.main import app
from billing_center.foresight.catalog_contents import contents_of_file, draft_snapshot
from billing_center.foresight.simulate import Simulation, periods_from, simulate
from billing_center.period import BillingSchedule
from tests.billing_center.foresight.sold import PRODUCTS
from tests.scenarios.story import Story

MARCH = date(2026, 3, 1)


@pytest.fixture
def march(story: Story) -> Story:
    """In February three sms were free; March has uses and days; another payer is billed on the 10th."""
    story.begin("2026-02-20")
    story.use("sms", "3", user="li", payer="huadong", guid="f")
    story.install("o-mail", payer="huadong", product="mail")
    story.install("o-month", payer="mid", product="mail", billing="月")
    story.billing_day("mid", 10)
    story.at("2026-03-05 09:00")
    story.use("sms", "12", user="li", payer="huadong", guid="a")
    story.use("call", "600", unit="s", user="li", payer="huadong", guid="b")
    story.use("sms", "2", user="li", payer="mid", guid="c")
    story.at("2026-03-20 09:00")
    story.use("sms", "4", user="li", payer="mid", guid="d")
    story.at("2026-04-01 12:00")
    story.pay("huadong-20260201")
    return story


def run(story: Story, catalog: str, *, as_of: date | None = None) -> Simulation:
    draft = draft_snapshot(story.center, contents_of_file(catalog, "draft"), in_force_on=as_of)
    return simulate(story.center, draft, MARCH, lambda payers: None)


def test_the_same_catalog_comes_to_what_was_charged(march: Story) -> None:
    report = run(march, PRODUCTS)
    assert (report.rows, report.unrated, report.payers) == ([], [], 2)
    # huadong: 12 sms, the free ones gone: 10 x 0.10 + 2 x 0.05; mid, from the 10th: 4 sms, one of them free
    charged = {one.product_id: one.charged for one in report.products}
    assert charged["sms"] == D("1.10") + D("0.30")
    assert charged["call"] == D("3.00")


def test_a_dearer_price_differs_by_payer_and_product(march: Story) -> None:
    report = run(march, PRODUCTS.replace("CNY: 0.30", "CNY: 0.40"))
    # 600 seconds are 10 minutes: 4.00 instead of 3.00
    assert [(one.payer_id, one.product_id, one.charged, one.simulated) for one in report.rows] == [
        ("huadong", "call", D("3.00"), D("4.00"))
    ]
    assert report.rows[0].difference == D("1.00")


def test_more_free_uses_count_what_was_taken_before(march: Story) -> None:
    report = run(march, PRODUCTS.replace("free: {uses: 3}", "free: {uses: 5}"))
    # 3 of 5 were taken in February: 2 of the 12 are free, 10 x 0.10 = 1.00; mid took 2 before the 10th and one of
    # its 4 was free: now 3 are, 1 x 0.10
    assert {(one.payer_id, one.charged, one.simulated) for one in report.rows} == {
        ("huadong", D("1.10"), D("1.00")),
        ("mid", D("0.30"), D("0.10")),
    }


def test_prices_of_a_day_to_come_are_tried_on_the_past(march: Story) -> None:
    later = PRODUCTS.replace(
        "per_use: [{valid_from: 2020-01-01, price: {CNY: 0.30}}]",
        "per_use: [{valid_from: 2020-01-01, valid_to: 2026-05-01, price: {CNY: 0.30}},"
        " {valid_from: 2026-05-01, price: {CNY: 0.60}}]",
    )
    assert run(march, later).rows == []
    [dearer] = run(march, later, as_of=date(2026, 5, 1)).rows
    assert (dearer.charged, dearer.simulated) == (D("3.00"), D("6.00"))


def test_facts_without_a_price_are_told(march: Story) -> None:
    report = run(
        march,
        PRODUCTS.replace("per_use: [{valid_from: 2020-01-01, price", "per_use: [{valid_from: 2026-03-06, price"),
    )
    assert [(one.product_id, one.code, one.facts) for one in report.unrated] == [("call", "no_price", 1)]
    assert [(one.product_id, one.simulated) for one in report.rows] == [("call", D("0"))]


def test_the_periods_that_begin_in_a_month() -> None:
    assert [p.start for p in periods_from(BillingSchedule(1), MARCH)] == [MARCH]
    assert [p.start for p in periods_from(BillingSchedule(31), date(2026, 2, 1))] == [date(2026, 2, 28)]
    moved = BillingSchedule(5).changed(20, on=date(2026, 2, 10))
    assert [p.start for p in periods_from(moved, MARCH)] == [date(2026, 3, 5), date(2026, 3, 20)]


def test_the_command(march: Story, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "160")
    before = march.charges("huadong")
    file = tmp_path / "draft.yaml"
    file.write_text(PRODUCTS.replace("CNY: 0.30", "CNY: 0.40"), encoding="utf-8")
    arguments = ["simulate", "--catalog", str(file), "--period", "2026-03"]
    shown = CliRunner().invoke(app, arguments, catch_exceptions=False).output
    for words in ("2 of 2 payers", "+1.00", "+33.3", "1 differences"):
        assert words in shown
    told = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False).stdout
    assert json.loads(told)["rows"][0]["difference"] == "1"
    assert CliRunner().invoke(app, [*arguments[:-1], "March"]).exit_code == 2
    assert march.charges("huadong") == before
