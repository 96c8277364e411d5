"""The demo's results as tables of 100 columns: used and charged, invoiced and paid, stopped, checked."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from billing_center.cli.demo.check import Kind, Row
from billing_center.cli.demo.doors import civil_day_of, money
from billing_center.cli.demo.play import Seen
from billing_center.cli.demo.story import PAYERS
from billing_center.money import plain

SYMBOLS = {"CNY": "", "USD": "US$", "HKD": "HK$"}


def show_payers(console: Console) -> None:
    """Who they are, and which mode each one shows."""
    table = _table("Twelve payers", "payer", "name", "shows mode")
    for payer_id, (name, modes) in PAYERS.items():
        table.add_row(payer_id, name, modes)
    console.print(table)


def show_charges(console: Console, seen: Seen) -> None:
    """What each order used and was charged, by the invoice that it stands on."""
    table = _table("Used and charged, by order and invoice", "name", "order", "product")
    for header in ("January", "February", "March"):
        table.add_column(header, justify="right")
    for payer_id, (name, _) in PAYERS.items():
        bills = [one["invoice"] for one in seen.invoices.values() if one["invoice"]["payer_id"] == payer_id]
        bills.sort(key=lambda bill: str(bill["period_end"]))
        first = True
        for order_id, product in _orders(bills):
            cells = dict.fromkeys((1, 2, 3), "")
            for bill in bills:
                month = _month_of(bill)
                cells[month] = " ".join(_cell(line) for line in bill["lines"] if line["order_id"] == order_id)
            table.add_row(name if first else "", order_id, product, *cells.values())
            first = False
        table.add_section()
    console.print(table)


def _month_of(bill: dict[str, Any]) -> int:
    """1 for an invoice of January, 2 and 3 for February and March: the month in which most of it lies."""
    return (date.fromisoformat(bill["period_start"]) + timedelta(days=15)).month


def _orders(bills: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """Each order with the name of its product, in the order of their ids."""
    return sorted({(line["order_id"], line["product_name"]) for bill in bills for line in bill["lines"]})


def _cell(line: dict[str, Any]) -> str:
    quantity = plain(Decimal(line["quantity"]))
    text = f"{quantity} → {_money(line['amount'], line['currency'])}"
    listed = Decimal(line["list_amount"])
    return text if listed == Decimal(line["amount"]) else f"{text} [dim]({money(line['list_amount'])})[/]"


def _money(amount: str, currency: str) -> str:
    return f"{SYMBOLS[currency]}{Decimal(amount):,.2f}"


def show_invoices(console: Console, seen: Seen) -> None:
    """Every invoice with its totals, and how it ended."""
    table = _table("Invoices", "number", "name", "period")
    table.add_column("totals", justify="right")
    table.add_column("in CNY", justify="right")
    table.add_column("billed")
    table.add_column("paid")
    table.add_column("tries", justify="right")
    for document in sorted(seen.invoices.values(), key=lambda one: str(one["invoice"]["invoice_no"])):
        bill = document["invoice"]
        last = date.fromisoformat(bill["period_end"]) - timedelta(days=1)
        totals = " ".join(_money(total["amount"], total["currency"]) for total in bill["totals"])
        paid = civil_day_of(bill["settled_at"])[5:] if bill["state"] == "PAID" else f"[red]{bill['state']}[/]"
        table.add_row(
            bill["invoice_no"][5:].lstrip("0").rjust(2), PAYERS[bill["payer_id"]][0],
            f"{bill['period_start'][5:]} – {last:%m-%d}", totals, f"{Decimal(bill['base_amount']):,.2f}",
            bill["billed_on"][5:], paid, str(document["deduction"]["tries"]),
        )  # fmt: skip
    console.print(table)


def show_stops(console: Console, seen: Seen) -> None:
    """What the center told the order system to stop and to restore."""
    table = _table("Stopped and restored by the center", "day", "name", "order", "command", "reason")
    owners = {
        line["order_id"]: one["invoice"]["payer_id"]
        for one in seen.invoices.values()
        for line in one["invoice"]["lines"]
    }
    for command in seen.commands:
        colour = "red" if command.action == "SUSPEND" else "green"
        name = PAYERS[owners[command.order_id]][0]
        table.add_row(command.day, name, command.order_id, f"[{colour}]{command.action}[/]", command.reason)
    console.print(table)


SUMMED_UP = (Kind.PAYMENT, Kind.DEDUCTION, Kind.ANSWER)
"""Comparisons of which only the number is shown, unless one does not hold."""


def show_check(console: Console, rows: Sequence[Row]) -> None:
    """Every number beside its computation; what differs is marked."""
    table = _table("Checked against numbers worked out by hand")
    table.add_column("order", no_wrap=True)
    table.add_column("how it was worked out", ratio=1)
    table.add_column("by hand", justify="right", max_width=12)
    table.add_column("program", justify="right", max_width=12)
    table.add_column("", width=1)
    table.expand = True
    for kind in Kind:
        found = [row for row in rows if row.kind is kind]
        if kind in SUMMED_UP:
            held = sum(row.holds for row in found)
            _add(table, Row(kind, "", "", kind.value, str(len(found)), str(held)))
            found = [row for row in found if not row.holds]
        for group, of_group in groupby(found, key=lambda row: row.group):
            if group and kind not in SUMMED_UP:
                table.add_row(f"[bold]{_group_words(group)}[/]")
            lines = list(of_group)
            for row in lines:
                if not (_says_nothing_new(row) and len(lines) == 2):
                    _add(table, row)
        table.add_section()
    console.print(table)


def _says_nothing_new(row: Row) -> bool:
    """Whether it is the total of an invoice with one line only, in CNY, and holds."""
    return row.kind is Kind.AMOUNT and row.about == "total" and row.how == row.by_hand and row.holds


def _add(table: Table, row: Row) -> None:
    mark, style = ("[green]✓[/]", None) if row.holds else ("[bold red]✗[/]", "red")
    about = f"  {row.about}" if row.kind in (Kind.AMOUNT, Kind.CONTROL) else row.about
    if row.kind in SUMMED_UP and row.group:
        about = row.group
    table.add_row(*(escape(text) for text in (about, row.how, row.by_hand, row.seen)), mark, style=style)


def _group_words(group: str) -> str:
    """`华东商贸 01-01` for an invoice, the id of an order."""
    payer_id, _, start = group.rpartition("-")
    return f"{PAYERS[payer_id][0]} {start[4:6]}-{start[6:]}" if payer_id in PAYERS else group


def _table(title: str, *columns: str) -> Table:
    return Table(
        *columns, title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1)
    )
