"""`billing-center demo`, put together: play with a progress bar, show what came of it, check it by hand."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import rich.progress
from rich.console import Console

from billing_center.cli.demo.check import Expected, check
from billing_center.cli.demo.company import open_company
from billing_center.cli.demo.doors import Doors
from billing_center.cli.demo.play import Seen, Watch, days_to_play, play
from billing_center.cli.demo.tables import show_charges, show_check, show_invoices, show_payers, show_stops

WIDTH = 100


def show_demo(database_url: str | None = None, *, keep: bool = False) -> int:
    """Play, show and check; how many numbers differ from the hand-made ones.

    Raises: Refused when the database is not an empty one; RuntimeError when server or simulators do not start.
    """
    console = Console(file=sys.stdout, highlight=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    began = monotonic()
    seen, kept = played(console, database_url, keep=keep)
    played_s = monotonic() - began
    rows = check(seen, Expected())
    show_payers(console)
    show_charges(console, seen)
    show_invoices(console, seen)
    show_stops(console, seen)
    show_check(console, rows)
    differences = sum(not row.holds for row in rows)
    verdict = f"[bold red]{differences} differ[/]" if differences else "[bold green]all agree[/]"
    console.print(f"{len(rows)} numbers checked, {verdict}. Three months played in {played_s:.0f} seconds.")
    if kept is not None:
        console.print(
            f"Kept in {kept}: billing-center --settings {kept}/billing.toml invoice list", soft_wrap=True
        )
    return differences


def played(console: Console, database_url: str | None, *, keep: bool) -> tuple[Seen, Path | None]:
    """What the doors showed, and the folder that is kept."""
    with _progress(console) as watch:
        watch(0, "setting up: database, catalog, callers, server, simulated systems")
        with open_company(database_url, keep=keep) as company, Doors(company) as doors:
            return play(doors, watch), company.folder if keep else None


@contextmanager
def _progress(console: Console) -> Iterator[Watch]:
    """A bar on a terminal, else one JSON line for each thing that happens, on standard error."""
    if not console.is_terminal:
        yield lambda passed, says: print(
            json.dumps({"day": passed, "now": says}, ensure_ascii=False), file=sys.stderr
        )
        return
    columns = (
        rich.progress.BarColumn(20),
        rich.progress.TimeElapsedColumn(),
        rich.progress.TextColumn("{task.description}"),
    )
    with rich.progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=len(days_to_play()))
        yield lambda passed, says: bar.update(task, completed=passed, description=says)
