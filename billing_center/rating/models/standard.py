"""Standard: the same price for every unit. F(q) = price x q.

price 0.30 | q = 0: 0 | 1: 0.30 | 7: 2.10
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from billing_center.rating.models.parameters import Parameters, written


@dataclass(frozen=True, slots=True)
class Standard:
    """`unit_price` in the price's currency, per unit of the plan."""

    unit_price: Decimal

    def price(self, reading: Decimal) -> Decimal:
        """price x reading, unrounded."""
        return self.unit_price * reading

    @classmethod
    def from_params(cls, params: Mapping[str, object]) -> Self:
        """Fields: price. Raises BadParameter."""
        given = Parameters(params)
        model = cls(given.price("price"))
        given.close()
        return model

    def to_params(self) -> dict[str, object]:
        """As `from_params` reads it."""
        return {"model": "standard", "price": written(self.unit_price)}
