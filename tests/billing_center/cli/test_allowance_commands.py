"""`allowance grant|buy|list|show` and `catalog factor`, as a person runs them."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from billing_center.cli import allowance, catalog
from billing_center.cli.context import open_context
from billing_center.clock import SystemClock
from billing_center.errors import OutOfRange, Unknown, WrongValue
from billing_center.payer.store import NewPayer, make_known

CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    packages: [{id: p100, units: 100, price: {CNY: 8.00}}]
    plans:
      per_use: [{valid_from: 2026-01-01, factor: demand, included: {units: 5, carry_over: 1}, price: {CNY: 0.10}}]
"""


@pytest.fixture
def run(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A runner over a database with one product and one payer, on a wide terminal."""
    shutil.copy(sqlite_template, tmp_path / "billing.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BILLING_DATABASE_URL", f"sqlite:///{tmp_path / 'billing.db'}")
    monkeypatch.setenv("COLUMNS", "220")
    (tmp_path / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    runner = CliRunner()
    assert runner.invoke(catalog.app, ["load", "catalog.yaml"]).exit_code == 0
    boss = NewPayer("boss", "", "CNY", 1)
    with open_context() as center:
        center.transact("test", lambda work: make_known(work.connection, [boss], at=SystemClock().now()))
    return runner


def test_grants_and_packages_are_kept_and_shown(run: CliRunner) -> None:
    granted = run.invoke(allowance.app, ["grant", "boss", "--amount", "20", "--why", "sorry", "--id", "g-1"])
    assert (granted.exit_code, granted.output.strip()) == (0, "granted g-1")
    bought = run.invoke(allowance.app, ["buy", "boss", "sms", "p100", "--id", "b-1"])
    assert bought.exit_code == 0, bought.output
    shown = run.invoke(allowance.app, ["list", "boss"]).output
    for word in ("g-1", "20.00 CNY", "sorry", "b-1", "p100", "100"):
        assert word in shown
    assert "g-1" not in run.invoke(allowance.app, ["list", "boss", "--at", "2020-01-01"]).output
    assert "left 20.00 CNY" in run.invoke(allowance.app, ["show", "g-1"]).output


def test_what_cannot_be_is_refused(run: CliRunner) -> None:
    assert isinstance(run.invoke(allowance.app, ["grant", "boss", "--amount", "x"]).exception, WrongValue)
    assert isinstance(run.invoke(allowance.app, ["list", "boss", "--at", "then"]).exception, WrongValue)
    wrong_day = ["grant", "boss", "--amount", "1", "--valid-to", "x"]
    assert isinstance(run.invoke(allowance.app, wrong_day).exception, WrongValue)
    assert isinstance(run.invoke(allowance.app, ["show", "none"]).exception, OutOfRange)
    assert isinstance(run.invoke(allowance.app, ["grant", "nobody", "--amount", "1"]).exception, Unknown)


def test_a_factor_is_recorded_and_shown(run: CliRunner) -> None:
    assert "1.5" in run.invoke(catalog.app, ["factor", "demand", "1.5"]).output
    assert "1.5" in run.invoke(catalog.app, ["factor", "demand"]).output
    past = ["factor", "demand", "2", "--valid-from", "2026-01-01T00:00"]
    assert isinstance(run.invoke(catalog.app, past).exception, OutOfRange)


def test_the_catalog_tells_what_holds_for_a_whole_version(run: CliRunner) -> None:
    shown = run.invoke(catalog.app, ["show", "sms"]).output
    for words in ("times demand", "5 included, carried over 1 times", "package p100 of 100"):
        assert words in shown
