"""The demo, played once from end to end over real HTTP, and what it says when a number is not as expected."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from billing_center.cli.demo import expectations, show_demo
from billing_center.cli.demo.check import Expected, Kind, check
from billing_center.cli.demo.play import Seen
from billing_center.cli.demo.tables import show_charges, show_check, show_invoices, show_payers, show_stops
from billing_center.cli.main import app


@pytest.fixture(scope="module")
def seen() -> Seen:
    """What the doors of a running server showed after three months."""
    found, kept = show_demo.played(Console(file=StringIO()), None, keep=False)
    assert kept is None
    return found


def test_every_number_agrees_with_the_hand(seen: Seen) -> None:
    assert [row for row in check(seen, Expected()) if not row.holds] == []


def test_every_invoice_is_expected_and_every_expectation_compared(seen: Seen) -> None:
    rows = check(seen, Expected())

    assert set(seen.invoices) == {bill.invoice_id for bill in expectations.BILLS}
    lines = sum(len(bill.lines) for bill in expectations.BILLS)
    listed = sum(bool(line.listed) for bill in expectations.BILLS for line in bill.lines)
    assert sum(row.kind is Kind.AMOUNT for row in rows) == lines + listed + len(expectations.BILLS)


def changed(amount: str) -> Expected:
    """The expectations with another amount on the first line."""
    first, *others = expectations.BILLS
    line, *lines = first.lines
    return Expected(bills=(replace(first, lines=(replace(line, amount=amount), *lines)), *others))


def test_a_changed_expectation_is_the_one_that_differs(seen: Seen) -> None:
    [wrong] = [row for row in check(seen, changed("24.01")) if not row.holds]

    assert (wrong.group, wrong.about, wrong.by_hand, wrong.seen) == (
        "huadong-20260101", "hd-drive", "24.01", "24.00",
    )  # fmt: skip


def test_the_command_ends_well_when_all_agree(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show_demo, "played", lambda console, database_url, keep: (seen, None))

    result = CliRunner().invoke(app, ["demo"])

    assert (result.exit_code, "all agree" in result.stdout) == (0, True)


def test_a_changed_expectation_fails_the_command(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show_demo, "played", lambda console, database_url, keep: (seen, None))
    monkeypatch.setattr(show_demo, "Expected", lambda: changed("24.01"))

    result = CliRunner().invoke(app, ["demo"])

    assert (result.exit_code, "1 differ" in result.stdout) == (3, True)


def test_an_invoice_that_nobody_expected_differs(seen: Seen) -> None:
    fewer = Expected(bills=expectations.BILLS[1:])

    wrong = [row for row in check(seen, fewer) if not row.holds]

    assert [(row.group, row.by_hand, row.seen) for row in wrong] == [("huadong-20260101", "none", "86.00")]


def test_the_tables_fit_a_terminal_of_100_columns(seen: Seen) -> None:
    shown = StringIO()
    console = Console(file=shown, width=100)
    show_payers(console)
    show_charges(console, seen)
    show_invoices(console, seen)
    show_stops(console, seen)
    show_check(console, check(seen, Expected()))

    text = shown.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= 100
    assert "…" not in text  # nothing is cut off
