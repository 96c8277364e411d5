"""An invoice as it should stand: lines, totals, rates and worth, as far as they could be worked out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

from billing_center.money import MINOR_DIGITS
from billing_center.reconcile.expected import ZERO
from billing_center.reconcile.plain_price import rounded

_WIDE = Context(prec=60)
"""Digits to spare for any amount times any rate; never changed."""

Totals = dict[str, dict[str, Decimal]]


@dataclass(slots=True)
class ExpectedLine:
    """A line's money, in its currency."""

    currency: str
    amount: Decimal
    list_amount: Decimal


def money(amount: Decimal, currency: str) -> Decimal:
    """A rated amount as money: half up to the currency's minor unit."""
    return rounded(amount, MINOR_DIGITS.get(currency, 2))


def _totals() -> Totals:
    return defaultdict(lambda: {"amount": ZERO, "list_amount": ZERO})


@dataclass(slots=True)
class ExpectedInvoice:
    """An invoice's row and what it should say; filled in from the lines upwards."""

    row: Any
    lines: dict[int, ExpectedLine] = field(default_factory=dict)  # by number, of those that stand
    lost: int = 0  # lines that should stand and do not: their numbers are not known
    totals: Totals = field(default_factory=_totals)  # by currency
    rates: dict[str, Decimal] = field(default_factory=dict)
    worth: Decimal = ZERO  # in the base currency

    @property
    def invoice_id(self) -> str:
        """Its id."""
        return str(self.row.invoice_id)

    def expect(self, row: Any, currency: str, amount: Decimal, listed: Decimal) -> None:
        """A line that should stand, and its row if it does."""
        total = self.totals[currency]
        total["amount"] += amount
        total["list_amount"] += listed
        if row is None:
            self.lost += 1
        else:
            self.lines[row.line_no] = ExpectedLine(currency, amount, listed)

    def in_base(self, amounts: Mapping[str, Decimal]) -> Decimal:
        """Amounts by currency in the base currency, each rounded once."""
        digits = MINOR_DIGITS.get(self.row.base_currency, 2)
        worth = ZERO
        for currency, amount in amounts.items():
            worth += rounded(_WIDE.multiply(amount, self.rates.get(currency, ZERO)), digits)
        return worth

    def by_currency(self, of_lines: Mapping[int, Decimal]) -> dict[str, Decimal]:
        """Amounts of lines added up by currency; each currency of the invoice has its place."""
        found = dict.fromkeys(self.totals, ZERO)
        for line_no, amount in of_lines.items():
            if line_no in self.lines:
                found[self.lines[line_no].currency] += amount
        return found
