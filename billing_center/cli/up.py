"""`up`: everything from nothing: migrate the embedded database, load the sample catalog, make callers, serve.

A second start finds all of that done and serves at once.
"""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from billing_center.access.caller import ALL
from billing_center.access.callers import add_caller, list_callers
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.cli.context import loaded_settings, open_context
from billing_center.cli.serve import serve_center
from billing_center.logs import set_up_logs
from billing_center.settings import Settings

DEMO_CALLERS = {
    "order-system": ["installOrder", "updateOrderState", "getTotalPrice", "feedbackUser", "changeAccountNum"],
    "saas-product": ["insertServiceOp", "changeAccountNum", "feedbackUser"],
    "account-system": ["payCallback", "feedbackUser"],
    "operator": [ALL],
}
"""Who calls in a small company, and what each may do."""


def up(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on; 0 picks a free one")] = None,
    open_door: Annotated[
        bool | None, typer.Option("--open", help="no passwords; loopback only, for trying out")
    ] = None,
) -> None:
    """Set everything up if it is not yet, and serve Hessian, REST and the scheduler."""
    with open_context(migrate=True, host=host, port=port, open_door=open_door) as center:
        set_up_logs(center.settings)
        console = Console(highlight=False)
        console.print("[bold]Billing center (计费中心)[/]")
        console.print(f"  database    {shown_database(center.settings)}, migrated to the newest schema")
        _load_sample_catalog(center, console)
        _make_callers(center, console)
        serve_center(center, loaded_settings(host=host, port=port, open_door=open_door), greet=console)


def shown_database(settings: Settings) -> str:
    """The database in one word or two, without a password."""
    prefix = "sqlite:///"
    if settings.database_url.startswith(prefix):
        return f"SQLite {Path(settings.database_url.removeprefix(prefix))}"
    return settings.database_url.partition("://")[0]


def _load_sample_catalog(center: Center, console: Console) -> None:
    with center.reading() as work:
        count = len(work.catalog.products)
    if count == 0:
        text = (files("billing_center.catalog") / "sample.yaml").read_text(encoding="utf-8")
        center.transact("up", lambda work: load_catalog(work, text, "sample.yaml"))
        with center.reading() as work:
            count = len(work.catalog.products)
        console.print(f"  catalog     the sample catalog, {count} products (billing-center catalog show)")
    else:
        console.print(f"  catalog     {count} products (billing-center catalog show)")


def _make_callers(center: Center, console: Console) -> None:
    with center.reading() as work:
        known = list_callers(work)
    if known:
        active = sum(entry.active for entry in known)
        console.print(f"  callers     {active} may call (billing-center caller list)")
        return
    console.print(
        "  callers     these were made; write their secrets down, they are shown this once:", soft_wrap=True
    )
    for caller_id, operations in DEMO_CALLERS.items():
        secret = center.transact("up", lambda work, c=caller_id, o=operations: add_caller(work, c, o))  # type: ignore[misc]
        may = "everything" if operations == [ALL] else ", ".join(operations)
        console.print(f"    {caller_id:<15} [bold]{secret}[/]  [dim]{may}[/]", soft_wrap=True)
