"""`alert set|list|remove|notices|forecast`: spend thresholds on the running period, and where it is heading."""

import json
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from billing_center.alert.spend_alert import SetAlert, list_alerts, list_notices, remove_alert, set_alert
from billing_center.cli.context import open_context
from billing_center.foresight.forecast import forecast
from billing_center.ids import NONE
from billing_center.invoice.as_json import as_plain
from billing_center.money import plain

app = typer.Typer(no_args_is_help=True, help="Spend alerts, and a forecast of the running period.")
console = Console(markup=False, highlight=False)

Payer = Annotated[str, typer.Argument(help="who pays")]
OfPayer = Annotated[str | None, typer.Option("--payer", help="only this payer's")]
Limit = Annotated[int, typer.Option(min=1, help="rows at most")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of tables")]


@app.command("set")
def set_(
    payer_id: Payer,
    threshold: Annotated[str, typer.Argument(help="amount, like 500.00")],
    currency: Annotated[str, typer.Option(help="of the threshold")] = "CNY",
    product: Annotated[str, typer.Option(help="only this product; - for everything")] = NONE,
) -> None:
    """Tell when a payer's running period reaches an amount; the same again changes nothing."""
    try:
        amount = Decimal(threshold)
    except InvalidOperation:
        raise typer.BadParameter(f"{threshold!r} is no number", param_hint="THRESHOLD") from None
    command = SetAlert(payer_id, amount, currency, product)
    with open_context() as center:
        alert_id = center.transact("operator", lambda work: set_alert(work, command))
    console.print(f"alert {alert_id}")


@app.command("list")
def list_(payer: OfPayer = None, after: str = "", limit: Limit = 100, as_json: AsJson = False) -> None:
    """The thresholds, each beside what the running period has come to."""
    with open_context() as center, center.reading() as work:
        found = list_alerts(work, payer_id=payer, after=after, limit=limit)
    if as_json:
        _print_json(found)
        return
    table = Table("alert", "payer", "product", "threshold", "spent", "%", "currency", "period", "crossed")
    for one in found:
        alert = one.alert
        table.add_row(
            alert.alert_id, alert.payer_id, _product(alert.product_id), plain(alert.threshold, least_digits=2),
            plain(one.spent, least_digits=2), f"{one.spent * 100 / alert.threshold:.1f}", alert.currency,
            f"{one.period_start} – {one.period_end}",
            f"{one.crossed_at:%Y-%m-%d %H:%M}Z" if one.crossed_at else "",
        )  # fmt: skip
    console.print(table if found else "no alerts")


@app.command()
def remove(alert_id: Annotated[str, typer.Argument(help="id, as `alert list` shows it")]) -> None:
    """Take a threshold away; its notices stay."""
    with open_context() as center:
        center.transact("operator", lambda work: remove_alert(work, alert_id))
    console.print(f"alert {alert_id} removed")


@app.command()
def notices(payer: OfPayer = None, limit: Limit = 100, as_json: AsJson = False) -> None:
    """Thresholds that were crossed, the newest first."""
    with open_context() as center, center.reading() as work:
        found = list_notices(work, payer_id=payer, limit=limit)
    if as_json:
        _print_json(found)
        return
    table = Table("at", "payer", "product", "threshold", "amount", "currency", "period", "alert")
    for one in found:
        table.add_row(
            f"{one.at:%Y-%m-%d %H:%M}Z", one.payer_id, _product(one.product_id),
            plain(one.threshold, least_digits=2), plain(one.amount, least_digits=2), one.currency,
            f"{one.period_start} – {one.period_end}", one.alert_id,
        )  # fmt: skip
    console.print(table if found else "no notices")


@app.command("forecast")
def forecast_(payer_id: Payer, as_json: AsJson = False) -> None:
    """What the payer's running period will come to: charged, waiting, days to come, uses at the same pace."""
    with open_context() as center, center.reading() as work:
        found = forecast(work, payer_id)
    if as_json:
        _print_json(found)
        return
    over = found.elapsed * 100
    console.print(f"payer {payer_id}, {found.period_start} to {found.period_end} (not included), {over:.0f}% over")
    heads = ("charged", "waiting", "days to come", "uses to come", "commitment", "total")
    table = Table("product", *heads, "currency")
    for line in found.lines:
        amounts = (line.charged, line.waiting, line.days_to_come, line.uses_to_come, line.true_up, line.total)
        table.add_row(line.product_id, *(plain(amount, least_digits=2) for amount in amounts), line.currency)
    for currency, total in found.totals:
        table.add_row("total", "", "", "", "", "", plain(total, least_digits=2), currency, style="bold")
    console.print(table)
    for one in found.cannot:
        console.print(f"cannot be rated as things stand: {one.subject} {one.product_id}: {one.message}")


def _product(product_id: str) -> str:
    return "everything" if product_id == NONE else product_id


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(as_plain(value), ensure_ascii=False, indent=2))
