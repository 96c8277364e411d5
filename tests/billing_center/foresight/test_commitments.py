"""Minimum commitments looked ahead at: preview, forecast and dry run come to what the bill run then issues."""

from datetime import date
from decimal import Decimal as D

import pytest
from typer.testing import CliRunner

from billing_center.allowance.grant_allowance import BuyPackage, buy_package
from billing_center.cli.main import app
from billing_center.foresight.dry_run import DryRun, dry_run
from billing_center.foresight.forecast import Forecast, forecast
from billing_center.foresight.invoice_differences import Kind
from billing_center.foresight.preview_payer import PayerPreview, preview_payer
from tests.scenarios.story import Story

COMMITTED = """
products:
  - id: api
    name: 接口
    currency: CNY
    unit: count
    packages: [{id: fifty, units: 50, price: {CNY: 99.00}}]
    plans:
      per_use:
        - valid_from: 2020-01-01
          meter_per: order
          commitment: {CNY: 310.00}
          price: {CNY: 1.00}
  - id: box
    name: 云盘
    currency: CNY
    plans:
      day: [{valid_from: 2020-01-01, commitment: {CNY: 93.00}, price: {CNY: 2.00}}]
"""


@pytest.fixture
def committed(story: Story) -> Story:
    """A payer that committed to 310.00 of uses from 1 March on, and has used 100.00 by the 11th at 00:00."""
    story.sell(COMMITTED)
    story.install("o-api", payer="boss", product="api", billing="次")
    story.at("2026-03-05 09:00")
    story.use("api", "80", user="li", payer="boss", guid="a")
    story.at("2026-03-11 00:00")
    story.night()
    story.use("api", "20", user="li", payer="boss", guid="b")
    return story


def previewed(story: Story) -> PayerPreview:
    with story.center.reading() as work:
        return preview_payer(work, "boss")


def foreseen(story: Story) -> Forecast:
    with story.center.reading() as work:
        return forecast(work, "boss")


def dry(story: Story, on: date = date(2026, 4, 1)) -> DryRun:
    return dry_run(story.center, on, keep_invoices=True, watch=lambda payers: None)


def test_a_preview_tells_what_a_commitment_lacks(committed: Story) -> None:
    found = previewed(committed)
    # 80 rated, 20 waiting: 310.00 - 100.00 are lacking, and the draft with both is the commitment
    assert [draft.base_amount for draft in found.invoices] == [D("80.00")]
    assert [(one.order_id, one.period_start.isoformat(), one.amount) for one in found.true_ups] == [
        ("o-api", "2026-03-01", D("210"))
    ]
    assert found.true_ups[0].note == "up to the commitment of 310.00; charged 100.00"
    assert [draft.base_amount for draft in found.with_pending] == [D("310.00")]


def test_a_commitment_that_is_reached_lacks_nothing(committed: Story) -> None:
    committed.use("api", "210", user="li", payer="boss", guid="c")
    found = previewed(committed)
    assert (found.true_ups, [draft.base_amount for draft in found.with_pending]) == ((), [D("310.00")])


def test_a_payer_without_any_use_is_previewed_at_its_commitment(story: Story) -> None:
    story.sell(COMMITTED)
    story.at("2026-03-22 09:00")
    story.install("o-api", payer="boss", product="api", billing="次")
    found = previewed(story)
    # ten of 31 days, 22 to 31 March: 310.00 x 10 / 31
    assert (found.invoices, [draft.base_amount for draft in found.with_pending]) == ((), [D("100.00")])


def test_a_forecast_adds_what_will_be_lacking(committed: Story) -> None:
    [api] = foreseen(committed).lines
    # 100.00 in 10 of 31 days: 100.00 / 10 x 21 = 210.00 more, so the pace reaches 310.00 and nothing is lacking
    assert (api.charged, api.waiting, api.uses_to_come, api.true_up, api.total) == (80, 20, 210, 0, 310)
    committed.at("2026-03-16 12:00")
    [api] = foreseen(committed).lines
    # 15.5 of 31 days are over: 100.00 more at the same pace, and 110.00 that the commitment lacks
    assert (api.charged, api.uses_to_come, api.true_up, api.total) == (100, 100, 110, 310)


def test_each_order_reaches_its_own_commitment(committed: Story) -> None:
    committed.install("o-box", payer="boss", product="box", start="2026-03-01 00:00")
    api, box = foreseen(committed).lines
    assert (api.product_id, api.total) == ("api", 310)
    # ten days wait, today waits, 20 come: 62.00; 93.00 - 62.00 = 31.00 are lacking whatever api comes to
    assert (box.waiting, box.days_to_come, box.true_up, box.total) == (22, 40, 31, 93)


def test_a_package_is_no_pace(committed: Story) -> None:
    command = BuyPackage("boss", "api", "fifty")
    committed.center.transact("operator", lambda work: buy_package(work, command))
    [api] = foreseen(committed).lines
    # 80.00 + 99.00 are charged, the package takes what waits; 80.00 / 10 x 21 = 168.00 come, 310.00 - 248.00 lack
    assert (api.charged, api.waiting, api.uses_to_come, api.true_up) == (179, 0, 168, 62)


def test_a_dry_run_is_what_the_bill_run_issues(committed: Story) -> None:
    committed.at("2026-03-31 12:00")
    report = dry(committed)
    assert (report.true_ups, report.base_amount) == (1, D("310.00"))
    committed.at("2026-04-01 12:00")
    assert [(one.invoice_id, one.lines) for one in report.invoices] == [
        ("boss-20260301", committed.invoice("boss-20260301").lines)
    ]
    assert dry(committed).invoices == []


def test_a_payer_that_only_has_its_commitment_is_not_gone(committed: Story) -> None:
    committed.at("2026-04-02 12:00")
    committed.pay("boss-20260301")
    committed.at("2026-04-30 12:00")
    report = dry(committed, date(2026, 5, 1))
    # nothing was used in April: 310.00 again, so neither gone nor different
    assert [(one.payer_id, one.base_amount) for one in report.invoices] == [("boss", D("310.00"))]
    assert [d for d in report.differences if d.kind is Kind.GONE] == []
    committed.at("2026-05-01 12:00")
    assert committed.invoices("boss")["boss-20260401"] == "310.00"


def test_the_commands_tell_it(committed: Story, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "160")

    def shown(*arguments: str) -> str:
        return str(CliRunner().invoke(app, arguments, catch_exceptions=False).output)

    preview = shown("invoice", "preview", "boss")
    assert "o-api api lacks 210.00 CNY if nothing more comes" in preview
    assert "boss-20260301 would come to 310.00 CNY" in preview
    assert "1 commitments are not reached" in shown("dry-run", "--date", "2026-04-01")
    assert "commitment" in shown("alert", "forecast", "boss")
