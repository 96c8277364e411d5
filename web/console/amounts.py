"""Numbers as a person reads them, with nothing lost: amounts with their currency's digits, quantities, counts."""

from decimal import Decimal

from billing_center.bounded_count import BoundedCount
from billing_center.money import MINOR_DIGITS, plain


def money(amount: Decimal, currency: str) -> str:
    """`1,234.50 CNY`: at least the currency's minor digits, and more where a rated amount has them."""
    return f"{amount_in(amount, currency)} {currency}"


def amount_in(amount: Decimal, currency: str) -> str:
    """The same without the currency's name, for a column that has it at its side."""
    return _grouped(plain(amount, least_digits=MINOR_DIGITS.get(currency, 2)))


def quantity(value: Decimal | None) -> str:
    """The shortest plain text of a quantity; nothing for none."""
    return "" if value is None else _grouped(plain(value))


def counted(count: BoundedCount | int) -> str:
    """`1,234`, or `10,000+` where counting ended."""
    if isinstance(count, int):
        return f"{count:,}"
    return f"{count.number:,}{'+' if count.more else ''}"


def _grouped(text: str) -> str:
    whole, point, fraction = text.partition(".")
    sign = "−" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}{point}{fraction}"
