"""Percentage: a share of an amount of money; the meter counts the amounts. F(a) = percent / 100 x (a - free).

percent 2.5, free 100.00
a = 100.00: 0 | 140.00: 1.00 | 1,100.00: 25.00
Fixed fees and bounds of each event are no shape of a meter's reading and have no place here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from billing_center.rating.models.parameters import Parameters, written

ZERO, HUNDRED = Decimal(0), Decimal(100)


@dataclass(frozen=True, slots=True)
class Percentage:
    """`percent` (0 to 100) of what is metered beyond `free`, both amounts in the price's currency."""

    percent: Decimal
    free: Decimal = ZERO

    def price(self, reading: Decimal) -> Decimal:
        """The share of the amount beyond the free one, unrounded."""
        return max(ZERO, reading - self.free) * self.percent / HUNDRED

    @classmethod
    def from_params(cls, params: Mapping[str, object]) -> Self:
        """Fields: percent, free (optional, an amount). Raises BadParameter."""
        given = Parameters(params)
        model = cls(given.percent("percent"), given.quantity("free", ZERO))
        given.close()
        return model

    def to_params(self) -> dict[str, object]:
        """As `from_params` reads it."""
        free: dict[str, object] = {"free": written(self.free)} if self.free else {}
        return {"model": "percentage", "percent": written(self.percent)} | free
