"""An invoice as it should stand: lines, totals, rates and worth, as far as they could be worked out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing_center.money import MINOR_DIGITS
from billing_center.reconcile.expected import ZERO
from billing_center.reconcile.plain_price import half_up

Totals = dict[str, dict[str, Decimal]]


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """A line's money, in its currency."""

    currency: str
    amount: Decimal
    list_amount: Decimal


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

    def in_base(self, amounts: Mapping[str, Decimal]) -> Decimal:
        """Amounts by currency in the base currency, each rounded once."""
        digits = MINOR_DIGITS.get(self.row.base_currency, 2)
        return sum(
            (half_up(Fraction(a) * Fraction(self.rates.get(c, ZERO)), digits) for c, a in amounts.items()), ZERO
        )

    def by_currency(self, of_lines: Mapping[int, Decimal]) -> dict[str, Decimal]:
        """Amounts of lines added up by currency; each currency of the invoice has its place."""
        found = dict.fromkeys(self.totals, ZERO)
        for line_no, amount in of_lines.items():
            if line_no in self.lines:
                found[self.lines[line_no].currency] += amount
        return found
