"""The commands of corrections: money shown first, then booked, with who and why."""

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from billing_center.bootstrap import open_center
from billing_center.catalog.load_catalog import load_catalog
from billing_center.cli.main import app
from billing_center.errors import OutOfRange
from billing_center.invoice.change_state import flag
from billing_center.invoice.issue_invoices import issue_invoices
from billing_center.settings import Settings
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage

AT = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
PRICES = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2026-01-01
          price: {CNY: "0.10"}
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    url = f"sqlite:///{tmp_path}/billing.db"
    monkeypatch.setenv("BILLING_DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "200")
    center = open_center(Settings(database_url=url), migrate=True)
    use = RecordUsage("door", "g1", "u", "", "boss", "sms", "", AT, AT, None, Decimal(30), "")
    center.transact("test", lambda work: load_catalog(work, PRICES, "prices.yaml"))
    center.transact("test", lambda work: record_usages(work, [use]))
    center.transact("test", lambda w: rate_usage(w, first_shard=0, last_shard=255, limit=9, run_id="t"))
    center.database.close()
    runner = CliRunner()

    def invoke(*words: str) -> str:
        outcome = runner.invoke(app, ["correct", *words], catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
        return outcome.output

    return invoke


def test_a_use_is_previewed_corrected_and_listed(run: Any) -> None:
    words = ("use", "--caller", "door", "--guid", "g1", "--quantity", "3", "--why", "a zero too many")
    shown = run(*words, "--dry-run")
    assert "nothing is booked" in shown and "-2.7" in shown
    assert "was booked before" not in run(*words, "--by", "mei")
    assert "was booked before" in run(*words)
    listed = run("list")
    assert "mei" in listed and "a zero too many" in listed
    assert "-0.3" in run("withdraw", "--caller", "door", "--guid", "g1", "--why", "never was")


def test_prices_are_replaced_and_the_product_re_rated(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "right.yaml"
    file.write_text(PRICES.replace("0.10", "0.08"), encoding="utf-8")
    assert "is replaced by" in run("price", str(file), "--why", "last year's")
    rerate = ("rerate", "sms", "--from", "2026-03-01", "--to", "2026-03-31", "--why", "last year's")
    assert "-0.6" in run(*rerate, "--dry-run")
    assert "-0.6" in run(*rerate)
    assert "no difference in money" in run(*rerate, "--id", "again")


def test_what_cannot_be_read_is_refused(run: Any) -> None:
    for words in (
        ("credit", "no-such", "--line", "x", "--why", "?"),
        ("order", "o", "--state", "ACTIVE", "--at", "yesterday", "--why", "?"),
        ("withdraw", "nothing", "--why", "?"),
    ):
        with pytest.raises(OutOfRange):
            run(*words)


def test_the_largest_use_is_withdrawn_and_a_flag_cleared(run: Any) -> None:
    """Of 9 and 4 at 1.00 the 9 never was: 9.00 -> 4.00. The invoice's flag goes with a reason, once."""
    center = open_center(Settings(database_url=os.environ["BILLING_DATABASE_URL"]))
    peak = PRICES.replace("sms", "peak").replace(
        'price: {CNY: "0.10"}', 'metered: max\n          price: {CNY: "1.00"}'
    )
    center.transact("test", lambda work: load_catalog(work, peak, "peak.yaml"))
    for guid, quantity in (("p1", 9), ("p2", 4)):
        use = RecordUsage("door", guid, "u", "", "boss", "peak", "", AT, AT, None, Decimal(quantity), "")
        center.transact("test", lambda work, use=use: record_usages(work, [use]))
    center.transact("test", lambda w: rate_usage(w, first_shard=0, last_shard=255, limit=9, run_id="t"))
    shown = run("withdraw", "--caller", "door", "--guid", "p1", "--why", "a test", "--by", "mei")
    assert "booked" in shown and "-5" in shown
    on = date(2026, 4, 1)
    center.transact(
        "test",
        lambda w: issue_invoices(w, first_shard=0, last_shard=255, on=on, after_payer="", limit=9, run_id="t"),
    )
    center.transact("test", lambda work: flag(work.connection, "boss-20260301"))
    center.database.close()
    words = ["invoice", "clear-flag", "boss-20260301", "--why", "talked to them", "--by", "mei"]
    outcomes = [CliRunner().invoke(app, words, catch_exceptions=False).output for _ in range(2)]
    assert "the flag is cleared" in outcomes[0] and "it had no flag" in outcomes[1]
    told = CliRunner().invoke(app, ["invoice", "explain", "boss-20260301", "--lang", "en"]).output
    assert "(use withdrawn) by mei" in told and '"a test"' in told
