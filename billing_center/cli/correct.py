"""`correct withdraw|use|rerate|price|order|accounts|credit|list`: the past mended, by difference, with why."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from billing_center.center import Center, UnitOfWork
from billing_center.cli.context import open_context
from billing_center.correction.correct_order import (
    CorrectAccounts,
    CorrectOrderState,
    correct_accounts,
    correct_order_state,
)
from billing_center.correction.correct_use import CorrectUse, UseNamed, WithdrawUse, correct_use, withdraw_use
from billing_center.correction.credit_invoice import CreditInvoice, credit_invoice
from billing_center.correction.once import carry_out
from billing_center.correction.replace_prices import ReplacePrices, replace_prices
from billing_center.correction.report import Correction
from billing_center.correction.rerate_product import RerateProduct, rerate_product
from billing_center.correction.store import corrections
from billing_center.errors import CatalogInvalid, OutOfRange
from billing_center.money import exact, plain

app = typer.Typer(no_args_is_help=True, help="Mend the past: by difference, previewed, with who and why.")
console = Console(markup=False, highlight=False)  # ids come from callers and may hold brackets

Why = Annotated[str, typer.Option(help="the reason; kept with the correction")]
By = Annotated[str, typer.Option(help="who corrects")]
Id = Annotated[str, typer.Option("--id", help="the correction's id; the same again changes nothing")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="show the money, book nothing")]
Event = Annotated[str, typer.Argument(help="event id; none: --caller and --guid")]
Caller = Annotated[str, typer.Option(help="the caller that reported the use")]
Guid = Annotated[str, typer.Option(help="the use's id at that caller")]
Moment = Annotated[
    str, typer.Option("--at", help="instant: 2026-03-04T12:00 in the business time zone, or with offset")
]


@app.command()
def withdraw(
    event: Event = "", caller: Caller = "", guid: Guid = "", *,
    why: Why, by: By = "operator", correction_id: Id = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """A use never was: out of the queue, or its charges taken back."""
    command = WithdrawUse(UseNamed(event, caller, guid), why, correction_id)
    _carry_out(by, lambda work: withdraw_use(work, command), dry_run=dry_run)


@app.command()
def use(
    event: Event = "", caller: Caller = "", guid: Guid = "",
    quantity: Annotated[str | None, typer.Option(help="the right quantity")] = None,
    unit: Annotated[str | None, typer.Option(help="the right unit")] = None,
    amount: Annotated[str | None, typer.Option(help="the right amount, priced by the caller")] = None,
    started: Annotated[str | None, typer.Option(help="when it really began")] = None,
    ended: Annotated[str | None, typer.Option(help="when it really ended")] = None,
    user: Annotated[str | None, typer.Option(help="who really used it")] = None,
    payer: Annotated[str | None, typer.Option(help="who really pays")] = None, *,
    why: Why, by: By = "operator", correction_id: Id = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """A use was another one; what is not named stays. Of a withdrawn use: it is entered again."""
    with open_context() as center:
        command = CorrectUse(
            UseNamed(event, caller, guid), why, correction_id, _number(quantity, "quantity"), unit,
            _number(amount, "amount"), _instant(center, started), _instant(center, ended), user, payer,
        )  # fmt: skip
        _print(carry_out(center, by, lambda work: correct_use(work, command), dry_run=dry_run), dry_run=dry_run)


@app.command()
def rerate(
    product: Annotated[str, typer.Argument(help="product id")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="last day, included")],
    payer: Annotated[str, typer.Option(help="only this payer's")] = "", *,
    why: Why, by: By = "operator", correction_id: Id = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Rate a product's uses and days anew by the prices in force for them now, and book the difference."""
    days: tuple[date, date] = (first.date(), last.date())
    command = RerateProduct(product, *days, why, payer, correction_id)
    with open_context() as center:
        _print(rerate_product(center, by, command, dry_run=dry_run), dry_run=dry_run)


@app.command()
def price(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="catalog file with the right prices")],
    *, why: Why, by: By = "operator", correction_id: Id = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Replace the prices of versions that have begun; what was charged stays until it is re-rated."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CatalogInvalid(f"{file.name} is not UTF-8 (byte {error.start})", field="catalog") from None
    command = ReplacePrices(text, file.name, why, correction_id)
    _carry_out(by, lambda work: replace_prices(work, command), dry_run=dry_run)


@app.command()
def order(
    order_id: Annotated[str, typer.Argument(help="order id")],
    state: Annotated[str, typer.Option(help="the state it really was in")],
    at: Moment, *, why: Why, by: By = "operator", correction_id: Id = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Date an order's change of state back; decided days are decided again."""
    with open_context() as center:
        command = CorrectOrderState(order_id, state, _moment(center, at), why, correction_id)
        made = carry_out(center, by, lambda work: correct_order_state(work, command), dry_run=dry_run)
    _print(made, dry_run=dry_run)


@app.command()
def accounts(
    payer: Annotated[str, typer.Argument(help="payer id")],
    product: Annotated[str, typer.Argument(help="product id")],
    number: Annotated[int, typer.Argument(min=0, help="the right number of accounts")],
    at: Moment, *, why: Why, by: By = "operator", correction_id: Id = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Date a number of accounts back; decided days are decided again."""
    with open_context() as center:
        command = CorrectAccounts(payer, product, number, _moment(center, at), why, correction_id)
        made = carry_out(center, by, lambda work: correct_accounts(work, command), dry_run=dry_run)
    _print(made, dry_run=dry_run)


@app.command()
def credit(
    invoice: Annotated[str, typer.Argument(help="invoice id or number")],
    line: Annotated[list[str] | None, typer.Option(help="N: what is left of line N; N=AMOUNT: that much")] = None,
    *, why: Why, by: By = "operator", correction_id: Id = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Issue a credit note: of the whole invoice, of lines, or of amounts."""
    command = CreditInvoice(invoice, why, dict(_line(word) for word in line or ()), correction_id)
    _carry_out(by, lambda work: credit_invoice(work, command), dry_run=dry_run)


@app.command("list")
def list_them(
    subject: Annotated[str | None, typer.Option(help="only of this use, order, invoice ...")] = None,
    limit: Annotated[int, typer.Option(min=1, help="rows at most")] = 50,
) -> None:
    """The newest corrections: who, what, why."""
    with open_context() as center, center.reading() as work:
        found, zone = corrections(work.connection, limit=limit, subject=subject), work.zone
    table = Table("at", "id", "kind", "of", "by", "why")
    for one in found:
        at = f"{one['at'].astimezone(zone):%Y-%m-%d %H:%M}"
        table.add_row(at, one["correction_id"], one["kind"], one["subject"], one["actor"], one["why"])
    console.print(table if found else "nothing was corrected")


def _carry_out(by: str, act: Callable[[UnitOfWork], Correction], *, dry_run: bool) -> None:
    with open_context() as center:
        made = carry_out(center, by, act, dry_run=dry_run)
    _print(made, dry_run=dry_run)


def _print(made: Correction, *, dry_run: bool) -> None:
    word = "preview, nothing is booked" if dry_run else "booked"
    if made.repeated:
        word = "was booked before: nothing is done; give an --id to mean it once more"
    console.print(f"correction {made.correction_id}: {word}", style="bold")
    for note in made.notes:
        console.print(note)
    if made.differences:
        table = Table("payer", "order", "product", "invoiced in the period from", "quantity", "amount", "currency")
        for one in made.differences:
            table.add_row(
                one.payer_id, one.order_id, one.product_id, str(one.period_start), plain(one.quantity),
                plain(one.amount), one.currency,
            )  # fmt: skip
        for currency, amount in sorted(made.totals().items()):
            table.add_row("total", "", "", "", "", plain(amount), currency, style="bold")
        console.print(table)
    else:
        console.print("no difference in money")


def _line(word: str) -> tuple[int, Decimal | None]:
    number, _, amount = word.partition("=")
    if not number.strip().isdecimal():
        raise OutOfRange(f"--line {word!r} is neither N nor N=AMOUNT", field="line")
    return int(number), _number(amount, "line") if amount else None


def _number(word: str | None, field: str) -> Decimal | None:
    return None if word is None else exact(word, field=field)


def _instant(center: Center, word: str | None) -> datetime | None:
    return None if word is None else _moment(center, word)


def _moment(center: Center, word: str) -> datetime:
    try:
        found = datetime.fromisoformat(word.strip())
    except ValueError:
        raise OutOfRange(f"{word!r} is no instant such as 2026-03-04T12:00", field="at") from None
    return found if found.tzinfo else found.replace(tzinfo=center.settings.zone)
