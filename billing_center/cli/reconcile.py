"""`reconcile`: every payer's books beside a second, plain computation from the raw facts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from billing_center.cli.context import open_context
from billing_center.cli.run_context import count_ended, open_runs, print_json, watched
from billing_center.clock import civil_day
from billing_center.errors import Broken, Busy
from billing_center.reconcile.difference import Difference
from billing_center.reconcile.reconcile_payers import reconcile_payer
from billing_center.reconcile.show_differences import compared, left_out, show_run
from billing_center.runs.run import RunState
from jobs.cycle import failure_of
from jobs.reconcile import JOB
from jobs.run_job import run_job

console = Console(markup=False, highlight=False)  # ids come from callers and may hold brackets


def reconcile(
    payer: Annotated[str | None, typer.Option(help="only this payer's books, now; nothing is kept")] = None,
    run: Annotated[str | None, typer.Option(help="show what this run found instead of running anew")] = None,
    limit: Annotated[int, typer.Option(min=1, help="differences shown at most")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead of tables")] = False,
) -> None:
    """Compare what was charged with what the raw facts come to. Exit code 3 when anything differs."""
    if payer is not None:
        with open_context() as center, center.reading() as work:
            done = reconcile_payer(work, payer)
        _tell(done.differences[:limit], done.counts, len(done.differences), as_json=as_json)
        return
    with open_runs() as context:
        if run is None:
            center = context.center
            today = civil_day(center.clock.now(), center.settings.zone)
            with watched(context, JOB.job_id, total=1, position=count_ended()) as shown:
                ran = run_job(shown, JOB, today)
            if ran.run is None or not ran.yours:
                raise Busy("another process reconciles at this moment: try again when it is done")
            if ran.run.state is not RunState.DONE:
                raise failure_of(ran.run)
            if ran.run.failures:
                raise Broken(f"run {ran.run.run_id} could not compare {ran.run.failures} payers: see job status")
            run = ran.run.run_id
        with context.center.reading() as work:
            found = show_run(work, run, limit=limit)
    _tell(found.differences, found.counts, found.counts["differences"], as_json=as_json)


def _tell(differences: Sequence[Difference], counts: Counter[str], total: int, *, as_json: bool) -> None:
    """Print what differs, what was left out, and what was compared. Raises: Broken when anything differs."""
    if as_json:
        for one in differences:
            print_json(asdict(one))
        print_json({"differences": total, **{name: counts[name] for name in sorted(counts)}})
    else:
        if differences:
            _print_table(differences)
        for name, count in left_out(counts).items():
            console.print(f"left out: {count} {name}")
    if total:
        shown = f", {len(differences)} of them shown" if len(differences) < total else ""
        raise Broken(f"{total} differences{shown}; {compared(counts)}")
    if not as_json:
        console.print(f"nothing differs: {compared(counts)}")


def _print_table(differences: Sequence[Difference]) -> None:
    table = Table("payer", "rule", "what", "expected", "found", "facts", show_lines=True)
    for one in differences:
        table.add_row(one.payer_id, one.rule.value, one.subject, one.expected, one.found, one.detail)
    console.print(table)
