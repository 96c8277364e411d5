"""`simulate`: a past period's facts by a draft catalog, beside what was charged. Writes nothing."""

import json
import re
import sys
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import rich.progress
import typer
from rich.console import Console
from rich.table import Table

from billing_center.cli.context import open_context
from billing_center.errors import CatalogInvalid
from billing_center.foresight.catalog_contents import contents_of_file, draft_snapshot
from billing_center.foresight.past_facts import payer_count
from billing_center.foresight.simulate import Simulated, Simulation, simulate
from billing_center.invoice.as_json import as_plain
from billing_center.money import plain

console = Console(markup=False, highlight=False)


def simulate_command(
    catalog: Annotated[Path, typer.Option(help="draft catalog, a YAML file", exists=True, dir_okay=False)],
    period: Annotated[str, typer.Option(help="YYYY-MM: each payer's billing period that begins in this month")],
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="the draft's prices of this day, for every day of the period"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="payers' differences shown at most")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead of tables")] = False,
) -> None:
    """Rate a past period's uses and order-days again by a draft catalog; show who would pay more or less."""
    month = _month(period)
    try:
        text = catalog.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CatalogInvalid(f"{catalog.name} is not UTF-8 (byte {error.start})", field="catalog") from None
    progress = rich.progress.Progress(console=Console(stderr=True)) if sys.stderr.isatty() else None
    with open_context() as center, progress or nullcontext():
        in_force_on = as_of.date() if as_of else None
        draft = draft_snapshot(center, contents_of_file(text, catalog.name), in_force_on=in_force_on)
        with center.reading() as work:
            total = payer_count(work.connection)
        task = progress.add_task("payers", total=total) if progress else None
        done = 0

        def watch(payers: int) -> None:
            nonlocal done
            done += payers
            if progress is not None and task is not None:
                progress.advance(task, payers)
            elif not as_json:
                print(f"{done} of {total} payers", file=sys.stderr)

        report = simulate(center, draft, month, watch)
    if as_json:
        told = as_plain(report)
        for rows, values in ((told["rows"], report.rows), (told["products"], report.products)):
            for row, value in zip(rows, values, strict=True):
                row["difference"] = plain(value.difference)
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    _print(report, limit)


def _month(text: str) -> date:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise typer.BadParameter(f"{text!r} is no month like 2026-03", param_hint="--period")
    return date(int(text[:4]), int(text[5:]), 1)


def _print(report: Simulation, limit: int) -> None:
    console.print(
        f"{report.uses} uses and {report.days} order-days of {report.payers} payers, periods from "
        f"{report.month:%Y-%m}; nothing is written",
        style="bold",
    )
    products = Table("product", "charged", "by the draft", "difference", "%", "currency", title="products")
    for one in report.products:
        products.add_row(one.product_id, *_amounts(one))
    console.print(products)
    rows = sorted(report.rows, key=lambda one: (-abs(one.difference), one.payer_id, one.product_id))
    if rows:
        title = "payers, the largest differences first"
        table = Table("payer", "product", "charged", "by the draft", "difference", "%", "currency", title=title)
        for one in rows[:limit]:
            table.add_row(one.payer_id, one.product_id, *_amounts(one))
        console.print(table)
    console.print(f"{len(rows)} differences" + (f", {limit} shown" if len(rows) > limit else ""))
    for kind in report.unrated:
        console.print(
            f"the draft cannot rate {kind.facts} facts of {kind.product_id}: {kind.message}", style="bold red"
        )
    if report.filtered:
        console.print(f"{report.filtered} uses are filtered by the draft's own rules")


def _amounts(one: Simulated) -> tuple[str, str, str, str, str]:
    percent = f"{one.difference * 100 / abs(one.charged):+.1f}" if one.charged else ""
    difference = plain(one.difference, least_digits=2)
    shown = f"+{difference}" if one.difference > 0 else difference
    return plain(one.charged, least_digits=2), plain(one.simulated, least_digits=2), shown, percent, one.currency
