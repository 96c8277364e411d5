"""`allowance grant|buy|list|show`: balances of units and money, at any moment."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from billing_center.allowance.grant_allowance import (
    DEFAULT_PRIORITY,
    BuyPackage,
    GrantAllowance,
    buy_package,
    grant_allowance,
)
from billing_center.allowance.show_balances import GrantBalance, balances, explain_grant, explain_included
from billing_center.allowance.show_included import IncludedBalance
from billing_center.allowance.store import Taken
from billing_center.cli.context import open_context
from billing_center.errors import WrongValue
from billing_center.ids import NONE
from billing_center.money import plain
from billing_center.rating.grants import INCLUDED

app = typer.Typer(no_args_is_help=True, help="Granted balances: included units, packages and credits.")

At = Annotated[str, typer.Option(help="a past moment, like 2026-03-01 or 2026-03-01T10:00; else now")]
Why = Annotated[str, typer.Option(help="the reason, kept with it")]
Id = Annotated[str, typer.Option("--id", help="an id of your own, so that a repeat changes nothing")]


@app.command()
def grant(
    payer_id: str,
    product: Annotated[str, typer.Option(help="units of this product; money without one is for any")] = "",
    units: Annotated[str, typer.Option(help="how many units of the product's plan")] = "",
    amount: Annotated[str, typer.Option(help="how much money")] = "",
    currency: Annotated[str, typer.Option(help="of the amount")] = "CNY",
    valid_from: Annotated[str, typer.Option(help="first day that it holds for; else today")] = "",
    valid_to: Annotated[str, typer.Option(help="first day that it no longer holds for; else never")] = "",
    priority: Annotated[int, typer.Option(help="0 to 999, lower ones are burned first")] = DEFAULT_PRIORITY,
    why: Why = "",
    grant_id: Id = "",
) -> None:
    """Grant a payer units of a product, or money."""
    command = GrantAllowance(
        payer_id, product, _number(units, "units"), _number(amount, "amount"), currency,
        _day(valid_from, "valid_from"), _day(valid_to, "valid_to"), priority, why, grant_id,
    )  # fmt: skip
    with open_context() as center:
        kept = center.transact("operator", lambda work: grant_allowance(work, command))
    Console().print(f"granted {escape(kept)}", highlight=False)


@app.command()
def buy(
    payer_id: str,
    product: str,
    package: str,
    order: Annotated[str, typer.Option(help="the order whose invoice line it stands on")] = "",
    why: Why = "",
    grant_id: Id = "",
) -> None:
    """Sell a payer a package of the catalog: its price is charged today, its units hold from today."""
    command = BuyPackage(payer_id, product, package, order, why, grant_id)
    with open_context() as center:
        kept = center.transact("operator", lambda work: buy_package(work, command))
    Console().print(f"granted {escape(kept)}", highlight=False)


@app.command("list")
def list_balances(payer_id: str, at: At = "") -> None:
    """What a payer has left, now or at a past moment."""
    with open_context() as center, center.reading() as work:
        granted, included = balances(work, payer_id, _moment(at, work.zone) or work.at)
    console = Console()
    table = Table("grant", "product", "granted", "taken", "left", "from", "until", "priority", "package", "why")
    for one in granted:
        row, g = one.row, one.row.grant
        until = "[red]expired[/] " if one.expired else ""
        table.add_row(
            escape(g.grant_id), escape("any" if g.product_id == NONE else g.product_id), _of(one, g.quantity),
            _of(one, one.taken), _of(one, one.left), str(g.valid_from), until + str(g.valid_to or ""),
            str(g.priority), escape(row.package_id), escape(row.why),
        )  # fmt: skip
    console.print(table)
    if included:
        console.print(_included_table(included))


@app.command()
def show(
    grant_id: Annotated[str, typer.Argument(help="a grant, or included units like included:2026-03-01")],
    at: At = "",
    payer: Annotated[str, typer.Option(help="of included units: whose")] = "",
    product: Annotated[str, typer.Option(help="of included units: of which product")] = "",
    order: Annotated[str, typer.Option(help="of included units that belong to one order")] = NONE,
) -> None:
    """One balance and every charge that took from it, up to now or to a past moment."""
    if grant_id.startswith(INCLUDED):
        if not payer or not product:
            raise WrongValue("included units are those of a --payer and a --product", field="payer")
        with open_context() as center, center.reading() as work:
            moment = _moment(at, work.zone) or work.at
            moved = explain_included(work, payer, product, grant_id, moment, order_id=order)
            Console().print(_takings_table(moved, work.zone))
        return
    with open_context() as center, center.reading() as work:
        found = explain_grant(work, grant_id, _moment(at, work.zone) or work.at)
        zone = work.zone
    console = Console()
    one = found.balance
    console.print(
        f"{escape(grant_id)} for payer {escape(one.row.payer_id)}: granted {_of(one, one.row.grant.quantity)}, "
        f"taken {_of(one, one.taken)}, left {_of(one, one.left)}{' [red]expired[/]' if one.expired else ''}",
        highlight=False,
    )
    console.print(_takings_table(found.takings, zone))


def _included_table(included: Sequence[IncludedBalance]) -> Table:
    table = Table(
        "included", "product", "order", "granted", "taken", "left", "unit", "until", "version",
        title="units that periods include", title_justify="left",
    )  # fmt: skip
    for one in included:
        until = f"{'[red]expired[/] ' if one.expired else ''}{one.valid_to}"
        table.add_row(
            one.balance_id, escape(one.product_id), escape(one.order_id), plain(one.granted), plain(one.taken),
            plain(one.left), escape(one.unit), until, escape(one.version_id),
        )  # fmt: skip
    return table


def _takings_table(takings: Sequence[Taken], zone: ZoneInfo) -> Table:
    table = Table("rated at", "cause", "of", "product", "amount", "reading before", "after", "note")
    for taken in takings:
        table.add_row(
            taken.rated_at.astimezone(zone).isoformat(sep=" ", timespec="seconds"), taken.cause,
            escape(taken.cause_id), escape(taken.product_id), plain(taken.amount, least_digits=2),
            plain(taken.before), plain(taken.after), escape(taken.note),
        )  # fmt: skip
    return table


def _of(one: GrantBalance, quantity: Decimal) -> str:
    currency = one.row.grant.currency
    return f"{plain(quantity, least_digits=2)} {currency}" if currency else plain(quantity)


def _number(text: str, field: str) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise WrongValue(f"{text!r} is no number", field=field) from None


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongValue(f"{text!r} is no day like 2026-03-01", field=field) from None


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """An instant; without an offset it is on the clock of the business time zone."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise WrongValue(f"{text!r} is no moment like 2026-03-01T10:00", field="at") from None
    if moment is None:
        return None
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(UTC)
