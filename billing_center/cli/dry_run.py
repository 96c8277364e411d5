"""`dry-run`: a bill run that writes nothing, and what differs from each payer's last invoice."""

import json
import sys
from contextlib import nullcontext
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import rich.progress
import typer
from rich.console import Console
from rich.table import Table

from billing_center.cli.context import open_context
from billing_center.foresight.dry_run import DryRun, dry_run, product_names
from billing_center.foresight.invoice_differences import Difference
from billing_center.invoice.as_json import as_plain
from billing_center.invoice.deduction import money_text

console = Console(markup=False, highlight=False)


def dry_run_command(
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="billing day; today")] = None,
    percent: Annotated[str, typer.Option(help="tell amounts that moved by more than this")] = "20",
    limit: Annotated[int, typer.Option(min=1, help="differences shown at most")] = 200,
    invoices: Annotated[bool, typer.Option("--invoices", help="with --json: every draft as well")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead of tables")] = False,
) -> None:
    """What a bill run on a date would issue of what is rated by now: totals, and what differs. Writes nothing."""
    try:
        more_than = Decimal(percent)
    except InvalidOperation:
        raise typer.BadParameter(f"{percent!r} is no number", param_hint="--percent") from None
    progress = rich.progress.Progress(console=Console(stderr=True)) if sys.stderr.isatty() else None
    with open_context() as center, progress or nullcontext():
        with center.reading() as work:
            on, catalog = date.date() if date else work.today, work.catalog
        task = progress.add_task("payers", total=None) if progress else None

        def watch(payers: int) -> None:
            if progress is not None and task is not None:
                progress.advance(task, payers)

        report = dry_run(center, on, percent=more_than, keep_invoices=invoices, watch=watch)
        names = product_names(catalog, report)
    if as_json:
        typer.echo(json.dumps(as_plain(report), ensure_ascii=False, indent=2))
        return
    _print(report, names, limit)


def _print(report: DryRun, names: dict[str, str], limit: int) -> None:
    console.print(f"bill run of {report.on}, dry: nothing is written", style="bold")
    console.print(
        f"{report.invoices_made} invoices of {report.payers} payers with {report.lines} lines; "
        f"{report.zero} of nothing, {report.flagged} for a person to look at"
    )
    if report.true_ups:
        console.print(f"{report.true_ups} commitments are not reached by what is rated: trued up in these amounts")
    totals = Table("currency", "invoices", "list", "amount", f"in {report.base_currency}")
    for total in report.totals:
        totals.add_row(
            total.currency, str(total.invoices), money_text(total.list_amount, total.currency),
            money_text(total.amount, total.currency), money_text(total.base_amount, report.base_currency),
        )  # fmt: skip
    totals.add_row(
        "total", str(report.invoices_made), "", "", money_text(report.base_amount, report.base_currency)
    )
    console.print(totals)
    if report.differences:
        table = Table("payer", "what", "", "last", "now", "currency", "%", title="beside the last invoices")
        for one in report.differences[:limit]:
            table.add_row(*_row(one, names))
        console.print(table)
        if len(report.differences) > limit:
            console.print(f"{len(report.differences) - limit} more differences: --limit, or --json")
    else:
        console.print("nothing differs from the last invoices by more than was asked for")
    for payer_id, why in report.failures:
        console.print(f"{payer_id} cannot be billed: {why}", style="bold red")
    if report.waiting_uses or report.undecided_orders:
        console.print(
            f"not rated yet, and in none of this: {report.waiting_uses} uses, "
            f"days of {report.undecided_orders} orders",
            style="bold",
        )


def _row(one: Difference, names: dict[str, str]) -> tuple[str, ...]:
    what = f"{one.product_id} {names.get(one.product_id, '')}".strip() or "the whole invoice"
    percent = "" if one.percent is None else f"{one.percent:+f}"
    before, after = money_text(one.before, one.currency), money_text(one.after, one.currency)
    return one.payer_id, what, one.kind.value, before, after, one.currency, percent
