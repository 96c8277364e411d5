"""`catalog load|show|check` and `quote`, as a person runs them."""

import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from billing_center.cli import catalog, quote
from billing_center.errors import CatalogInvalid, Refused, Unknown

SAMPLE = Path(catalog.__file__).parents[1] / "catalog" / "sample.yaml"
GOOD = """
products:
  - {id: crm, name: 客户管理, currency: CNY, plans: {account_day: [{valid_from: 2026-01-01, price: {CNY: 2.00}}]}}
"""


@pytest.fixture
def run(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A runner over an empty migrated database of its own, on a wide terminal."""
    shutil.copy(sqlite_template, tmp_path / "billing.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BILLING_DATABASE_URL", f"sqlite:///{tmp_path / 'billing.db'}")
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


@pytest.fixture
def asking() -> typer.Typer:
    """The quote command, as the main command mounts it."""
    app = typer.Typer()
    app.command("quote")(quote.quote)
    return app


def test_a_file_is_loaded_and_again_without_harm(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    first = run.invoke(catalog.app, ["load", "good.yaml"])
    assert "added price version crm/account_day/2026-01-01" in first.output
    assert "2 added, 0 changed, 0 unchanged" in first.output
    again = run.invoke(catalog.app, ["load", "good.yaml"])
    assert (again.exit_code, "nothing changed" in again.output) == (0, True)


def test_a_refused_file_raises_what_the_main_command_prints(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("products: 5", encoding="utf-8")
    assert isinstance(run.invoke(catalog.app, ["load", "bad.yaml"]).exception, CatalogInvalid)
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9")
    assert "not UTF-8" in str(run.invoke(catalog.app, ["load", "latin.yaml"]).exception)


def test_the_catalog_is_shown(run: CliRunner, tmp_path: Path) -> None:
    run.invoke(catalog.app, ["load", str(SAMPLE)])
    shown = run.invoke(catalog.app, ["show"])
    assert shown.exit_code == 0, shown.output
    for word in ("客户关系管理", "account_day", "first 7 days free", "20 CNY or 22 HKD or 3 USD off", "7.1"):
        assert word in shown.output


def test_one_product_is_shown_with_every_version(run: CliRunner, tmp_path: Path) -> None:
    run.invoke(catalog.app, ["load", str(SAMPLE)])
    storage = run.invoke(catalog.app, ["show", "storage"]).output
    assert "package 5 size 10, included 5 CNY per GB" in storage
    assert "storage/per_use/2026-07-01" in storage
    desktop = run.invoke(catalog.app, ["show", "desktop"]).output
    assert "2.00 CNY per hour" in desktop
    assert "cpu=8, memory=32, in band night" in desktop
    assert "graduated up to 1000: 0.3; up to 5000: 0.2; beyond: 0.1 CNY per minute" in " ".join(
        run.invoke(catalog.app, ["show", "meeting"]).output.split()
    )
    assert isinstance(run.invoke(catalog.app, ["show", "nothing"]).exception, Unknown)


def test_names_with_brackets_are_shown_as_they_are(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD.replace("客户管理", "'[red]a'"), encoding="utf-8")
    run.invoke(catalog.app, ["load", "good.yaml"])
    assert "[red]a" in run.invoke(catalog.app, ["show"]).output


def test_check_exits_1_on_errors_and_0_on_warnings(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("products: 5", encoding="utf-8")
    bad = run.invoke(catalog.app, ["check", "bad.yaml"])
    assert (bad.exit_code, "error line 1: products: must be a list" in bad.output) == (1, True)
    (tmp_path / "odd.yaml").write_text(GOOD.replace("CNY: 2.00", "USD: 2.00"), encoding="utf-8")
    odd = run.invoke(catalog.app, ["check", "odd.yaml"])
    assert odd.exit_code == 0
    assert "warning line 3: products[0]: this file has no exchange rate from USD to CNY" in odd.output
    assert "0 errors, 2 warnings" in odd.output
    assert "0 errors, 0 warnings" in run.invoke(catalog.app, ["check", str(SAMPLE)]).output


def test_a_price_is_quoted(run: CliRunner, asking: typer.Typer) -> None:
    run.invoke(catalog.app, ["load", str(SAMPLE)])
    assert run.invoke(asking, ["crm", "--count", "8", "--measure", "day"]).output == "16.00 CNY\n"
    assert run.invoke(asking, ["sms", "--currency", "usd"]).output == "0.25 USD\n"
    features = ["--feature", "cpu=8", "--feature", "memory=32"]
    assert run.invoke(asking, ["desktop", "--count", "2.5", *features]).output == "15.00 CNY\n"
    assert run.invoke(asking, ["analytics", "--measure", "month"]).output == "49.00 USD\n"


def test_a_wrong_question_is_wrong_use_or_refused(run: CliRunner, asking: typer.Typer) -> None:
    run.invoke(catalog.app, ["load", str(SAMPLE)])
    assert run.invoke(asking, ["crm", "--count", "many"]).exit_code == 2
    assert run.invoke(asking, ["crm", "--feature", "cpu"]).exit_code == 2
    assert isinstance(run.invoke(asking, ["fax"]).exception, Refused)
    assert isinstance(run.invoke(asking, ["nothing"]).exception, Unknown)
