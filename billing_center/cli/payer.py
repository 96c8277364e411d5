"""`payer show|set`: a payer's name, currency, billing day and grace days."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from billing_center.cli.context import open_context
from billing_center.errors import ResultCode, Unknown
from billing_center.order.store import orders_of_payers
from billing_center.payer.change_payer import ChangePayer, change_payer
from billing_center.payer.store import payers, schedules

app = typer.Typer(no_args_is_help=True, help="Payers: who is invoiced, when, in which currency.")


@app.command("set")
def set_payer(
    payer_id: str,
    name: Annotated[str | None, typer.Option(help="name on invoices")] = None,
    currency: Annotated[str | None, typer.Option(help="preferred currency")] = None,
    billing_day: Annotated[int | None, typer.Option(help="1 to 31; from the end of the running period")] = None,
    grace_days: Annotated[int | None, typer.Option(help="days until an invoice is due")] = None,
) -> None:
    """Change a payer; what is not named stays."""
    command = ChangePayer(payer_id, name, currency, billing_day, grace_days)
    with open_context() as center:
        center.transact("operator", lambda work: change_payer(work, command))
    Console().print(f"payer {payer_id} changed")


@app.command()
def show(payer_id: str) -> None:
    """A payer with its running period and its orders."""
    with open_context() as center, center.reading() as work:
        payer = payers(work.connection, [payer_id]).get(payer_id)
        if payer is None:
            raise Unknown(f"payer {payer_id!r} is not known", code=ResultCode.UNKNOWN_PAYER, field="payer_id")
        period = schedules(work.connection, [payer_id])[payer_id].period_of(max(work.today, payer.closed_until))
        orders = orders_of_payers(work.connection, [payer_id])
    console = Console()
    console.print(f"[bold]{payer.payer_id}[/] {payer.name} · {payer.currency} · billing day {payer.billing_day}")
    console.print(f"running period {period.start} to {period.end} (not included)")
    table = Table("order", "product", "plan", "state", "since", "rated through", "promotion")
    for order in orders:
        state = f"{order.state} ({order.stopped_for})" if order.stopped_for != "-" else str(order.state)
        table.add_row(
            order.order_id, order.product_id, order.plan, state, str(order.start_day), str(order.rated_through),
            order.promotion_id,
        )  # fmt: skip
    console.print(table)
