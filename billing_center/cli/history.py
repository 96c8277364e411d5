"""`history list|move|restore|script`: months of facts that have moved out, and a person's wish to move them.

Wishes are carried out by the job `move_history`: at once here, and by the next cycle where this is broken off.
"""

import json
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from billing_center.center import Center
from billing_center.cli.context import open_context
from billing_center.cli.run_context import count_ended, local_time, open_runs, watched
from billing_center.clock import civil_day
from billing_center.history.history_month import months_known
from billing_center.history.restore_month import ask_move, ask_restore
from billing_center.runs.run import RunState
from jobs.cycle import failure_of
from jobs.job import Context
from jobs.move_history import JOB
from jobs.run_job import run_job
from schema.partitions import oracle_move

app = typer.Typer(no_args_is_help=True, help="Months of facts: where they lie, into history and back.")
console = Console(markup=False, highlight=False)

Month = Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="such as 2026-01", metavar="MONTH")]


@app.command("list")
def list_months(
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead of a table")] = False,
) -> None:
    """Every month that has left its tables, with what lies in history of it (of a deleted one: what lay)."""
    with open_context() as center, center.reading() as work:
        found = months_known(work.connection)
    table = Table("month", "table", "state", "rows", "quantity", "amount", "since", "by")
    for one in found:
        row = (
            f"{one.month:%Y-%m}", one.table_name, one.state.value, str(one.totals.row_count),
            f"{one.totals.quantity:f}", f"{one.totals.amount:f}", local_time(center, one.changed_at), one.actor,
        )  # fmt: skip
        table.add_row(*row)
        if as_json:
            typer.echo(json.dumps(dict(zip([str(c.header) for c in table.columns], row, strict=True))))
    if not as_json:
        console.print(table if found else "no month has moved")


@app.command()
def move(month: Month) -> None:
    """Move a closed month to history now, whatever its age."""
    with open_runs() as context:
        context.center.transact("operator", lambda work: ask_move(work, _first(month)))
        _carry_out(context, _first(month))


@app.command()
def restore(month: Month) -> None:
    """Bring a month back from history; it stays until `history move`."""
    with open_runs() as context:
        context.center.transact("operator", lambda work: ask_restore(work, _first(month)))
        _carry_out(context, _first(month))


@app.command()
def script(month: Month) -> None:
    """Print what a DBA runs on Oracle to hand a month over as a whole; `job run move_history` follows."""
    with open_context() as center:
        statements = oracle_move(_first(month), hashes=center.settings.partition_hashes)
    typer.echo(";\n".join(statements) + ";")


def _first(month: datetime) -> date:
    return month.date().replace(day=1)


def _carry_out(context: Context, month: date) -> None:
    center = context.center
    with watched(context, JOB.job_id, total=1, position=count_ended()) as shown:
        ran = run_job(shown, JOB, civil_day(center.clock.now(), center.settings.zone))
    if ran.run is not None and ran.run.state is not RunState.DONE:
        raise failure_of(ran.run)
    _tell(center, month)


def _tell(center: Center, month: date) -> None:
    with center.reading() as work:
        for one in months_known(work.connection):
            if one.month == month:
                line = f"{one.table_name} of {month:%Y-%m} is {one.state.value}, {one.totals} in history"
                console.print(line, soft_wrap=True)
