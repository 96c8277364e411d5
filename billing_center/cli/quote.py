"""`quote PRODUCT`: what something would cost today, by the same price functions that rate the charges."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from rich.console import Console

from billing_center.catalog.quote_price import QuotePrice, quote_price
from billing_center.cli.context import open_context
from billing_center.money import currency_code

app = typer.Typer(help="What something would cost.")


@app.command()
def quote(
    product: Annotated[str, typer.Argument(help="product id")],
    count: Annotated[str, typer.Option(help="how many")] = "1",
    measure: Annotated[str, typer.Option(help="year, month, day or a unit of use; none: pieces")] = "",
    currency: Annotated[str | None, typer.Option(help="none: the product's own")] = None,
    feature: Annotated[list[str] | None, typer.Option(help="name=value, may be given several times")] = None,
) -> None:
    """The price of so many pieces, days, months or years of a product, before promotions and allowances."""
    features = dict(_feature(text) for text in feature or [])
    number = _number(count)
    with open_context() as center, center.reading() as work:
        own = work.catalog.product(product, named="PRODUCT").product.currency
        asked = QuotePrice(product, features, measure, number, currency or own)
        price = quote_price(work, asked)
    Console().print(f"{price} {currency_code(currency or own)}", highlight=False)


def _feature(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name.strip():
        raise typer.BadParameter(f"{text!r} is not name=value", param_hint="--feature")
    return name.strip(), value.strip()


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is not a number", param_hint="--count") from None
