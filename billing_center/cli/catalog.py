"""`catalog load|show|check|diff`: from a YAML file, as tables, looked over and compared before it is loaded."""

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from billing_center.catalog.catalog_words import benefit_words, price_words, terms_words, version_words
from billing_center.catalog.check_catalog import check_catalog
from billing_center.catalog.factors import SetFactor, factors, set_factor
from billing_center.catalog.load_catalog import load_catalog
from billing_center.catalog.snapshot import CatalogProduct, CatalogSnapshot
from billing_center.center import Center
from billing_center.cli.context import loaded_settings, open_context
from billing_center.clock import SystemClock, civil_day
from billing_center.errors import CatalogInvalid, WrongValue
from billing_center.foresight.catalog_contents import contents_loaded, contents_of_file
from billing_center.foresight.catalog_diff import Change, catalog_diff
from billing_center.invoice.as_json import as_plain
from billing_center.money import exact, plain

app = typer.Typer(no_args_is_help=True, help="Products, prices, promotions and exchange rates.")

File = Annotated[Path, typer.Argument(help="YAML catalog file", exists=True, dir_okay=False)]


@app.command()
def load(file: File) -> None:
    """Bring the catalog to what a file says; the same file again changes nothing."""
    text = _text(file)
    with open_context() as center:
        outcome = center.transact("operator", lambda work: load_catalog(work, text, file.name))
    console = Console()
    for message in outcome.messages:
        console.print(escape(message), highlight=False)
    console.print(f"{outcome.added} added, {outcome.changed} changed, {outcome.unchanged} unchanged")


@app.command()
def check(file: File) -> None:
    """Look over a file without loading it; exit code 1 when a load would refuse it."""
    settings = loaded_settings().settings
    today = civil_day(SystemClock().now(), settings.zone)
    found = check_catalog(_text(file), today=today, base_currency=settings.base_currency)
    console = Console()
    for words, mistakes in (("[red]error[/]", found.errors), ("[yellow]warning[/]", found.warnings)):
        for mistake in mistakes:
            console.print(f"{words} {escape(str(mistake))}", highlight=False, soft_wrap=True)
    console.print(f"{file.name}: {len(found.errors)} errors, {len(found.warnings)} warnings")
    if found.errors:
        raise typer.Exit(1)


@app.command()
def diff(
    first: File,
    second: Annotated[
        Path | None, typer.Argument(help="another file; none: what is loaded", exists=True, dir_okay=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """What differs from the first file to the second, or from what is loaded to the file.

    What is loaded and not in the file is told as gone; a load would leave it as it is.
    """
    if second is None:
        with open_context() as center, center.reading() as work:
            before = contents_loaded(work.connection)
        after = contents_of_file(_text(first), first.name)
    else:
        before = contents_of_file(_text(first), first.name)
        after = contents_of_file(_text(second), second.name)
    changes = catalog_diff(before, after)
    if as_json:
        typer.echo(json.dumps(as_plain(changes), ensure_ascii=False, indent=2))
        return
    console = Console(markup=False, highlight=False)
    for one in changes:
        console.print(f"{one.change.value} {one.kind} {one.name}", style="bold")
        for words in one.words:
            console.print(f"    {words}", soft_wrap=True)
    counts = Counter(one.change.value for one in changes)
    told = ", ".join(f"{counts[change.value]} {change.value}" for change in Change if counts[change.value])
    console.print(told or "no difference")


@app.command()
def show(product: Annotated[str | None, typer.Argument(help="product id; none: all of them")] = None) -> None:
    """The catalog as tables, or one product with every version of its prices."""
    with open_context() as center, center.reading() as work:
        catalog, today = work.catalog, work.today
    console = Console()
    if product is not None:
        _show_product(console, catalog.product(product, named="PRODUCT"), today)
        return
    _show_products(console, catalog, today)
    _show_promotions(console, catalog)
    _show_rates(console, catalog)


@app.command()
def factor(
    name: str,
    value: Annotated[str | None, typer.Argument(help="the new value; none: show the values")] = None,
    valid_from: Annotated[str, typer.Option(help="from this moment on, like 2026-03-01T10:00; else now")] = "",
    why: Annotated[str, typer.Option(help="the reason, kept with it")] = "",
) -> None:
    """Record a factor's value (demand pricing), or show every value it has had."""
    with open_context() as center:
        if value is not None:
            command = SetFactor(name, exact(value, field="value"), _moment(valid_from, center), why)
            center.transact("operator", lambda work: set_factor(work, command))
        with center.reading() as work:
            known, zone = factors(work.connection, [name]).get(name, ()), work.zone
    table = Table("from", "value", title=escape(name))
    for at, one in known:
        table.add_row(at.astimezone(zone).isoformat(sep=" ", timespec="seconds"), plain(one))
    Console().print(table)


def _moment(text: str, center: Center) -> datetime | None:
    """An instant; without an offset it is on the clock of the business time zone."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise WrongValue(f"{text!r} is no moment like 2026-03-01T10:00", field="valid_from") from None
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=center.settings.zone)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CatalogInvalid(f"{file.name} is not UTF-8 (byte {error.start})", field="catalog") from None


def _show_products(console: Console, catalog: CatalogSnapshot, today: date) -> None:
    table = Table("product", "name", "on sale", "plans in force", "terms", title=f"catalog {catalog.version}")
    for product_id, listed in sorted(catalog.products.items()):
        plans = dict.fromkeys(v.plan.value for v in listed.product.versions if v.in_force_on(today))
        on_sale = "yes" if listed.product.on_sale else "[red]no[/]"
        name, terms = escape(listed.product.name), escape(terms_words(listed))
        table.add_row(escape(product_id), name, on_sale, ", ".join(plans) or "none", terms)
    console.print(table)


def _show_product(console: Console, listed: CatalogProduct, today: date) -> None:
    product = listed.product
    on_sale = "on sale" if product.on_sale else "[red]not on sale[/]"
    console.print(f"[bold]{escape(product.product_id)}[/] {escape(product.name)} · {product.currency} · {on_sale}")
    terms = terms_words(listed)
    if terms:
        console.print(escape(terms), highlight=False)
    table = Table("plan", "version", "from", "until", "price", "applies to")
    for version in product.versions:
        style = "" if version.in_force_on(today) else "dim"
        for n, price in enumerate(version.prices):
            days = (str(version.valid_from), str(version.valid_to or "further notice"))
            head = (version.plan.value, escape(version.version_id), *days) if n == 0 else ("", "", "", "")
            shown, applies = price_words(version, price)
            if n == 0 and (words := version_words(version)):
                shown = f"{shown}; {words}"
            table.add_row(*head, escape(shown), escape(applies), style=style)
    console.print(table)


def _show_promotions(console: Console, catalog: CatalogSnapshot) -> None:
    if not catalog.promotions:
        return
    table = Table("promotion", "name", "benefit", "limits", title="promotions")
    for promotion_id, promotion in sorted(catalog.promotions.items()):
        benefit, limits = benefit_words(promotion)
        table.add_row(escape(promotion_id), escape(promotion.name), escape(benefit), escape(limits))
    console.print(table)


def _show_rates(console: Console, catalog: CatalogSnapshot) -> None:
    if not catalog.rates:
        return
    table = Table("currency", "from", "base currency for one", title="exchange rates")
    for currency, rates in sorted(catalog.rates.items()):
        for valid_from, rate in rates:
            table.add_row(currency, str(valid_from), plain(rate))
    console.print(table)
