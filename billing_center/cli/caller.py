"""`billing-center caller add|list|revoke`: who may call the doors."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from billing_center.access.caller import ALL, OPERATIONS
from billing_center.access.callers import add_caller, list_callers, revoke_caller
from billing_center.cli.context import open_context

app = typer.Typer(no_args_is_help=True, help="Who may call: ids, operations, products.")

ACTOR = "operator"
KNOWN = ", ".join((*OPERATIONS, ALL))


@app.command("add")
def add(
    caller_id: Annotated[str, typer.Argument(help="the caller's id, its HTTP Basic user")],
    operation: Annotated[list[str] | None, typer.Option(help=f"an operation it may call: {KNOWN}")] = None,
    product: Annotated[list[str] | None, typer.Option(help="a product it may report, or *")] = None,
    reply_form: Annotated[
        str, typer.Option(help="hessian1 for Java clients 3.1.5 to 3.2.0; empty: as the caller asks")
    ] = "",
) -> None:
    """Let a caller in and print its secret, this once. Without --operation and --product it may do everything."""
    with open_context() as center:
        secret = center.transact(
            ACTOR, lambda work: add_caller(work, caller_id, operation or [ALL], product or [ALL], reply_form)
        )
    typer.echo(f"caller:  {caller_id}")
    typer.echo(f"secret:  {secret}")
    typer.echo("The secret is kept only as a hash: note it now, it is not shown again.", err=True)


@app.command("list")
def show() -> None:
    """Every caller, what it may do, and since when."""
    with open_context() as center, center.reading(ACTOR) as work:
        entries = list_callers(work)
        zone = work.zone
    table = Table("caller", "operations", "products", "reply form", "state", "since")
    for entry in entries:
        caller = entry.caller
        since = entry.created_at if entry.active or entry.revoked_at is None else entry.revoked_at
        table.add_row(
            caller.caller_id,
            " ".join(sorted(caller.operations)) or "-",
            " ".join(sorted(caller.products)) or "-",
            caller.reply_form or "as asked",
            "active" if entry.active else "revoked",
            f"{since.astimezone(zone):%Y-%m-%d %H:%M}",
        )
    Console().print(table)


@app.command("revoke")
def revoke(caller_id: Annotated[str, typer.Argument(help="the caller's id")]) -> None:
    """Let a caller in no more; running doors follow within seconds."""
    with open_context() as center:
        center.transact(ACTOR, lambda work: revoke_caller(work, caller_id))
    typer.echo(f"caller {caller_id} is revoked")
