"""Package: units are sold in packs; a pack begun is a pack paid. F(q) = price x ceil((q - free) / size).

price 5.00, size 100, free 50
q = 50: 0 | 51: 5.00 | 150: 5.00 | 151: 10.00
Because packs are counted on the whole reading, 1,400 + 1,300 units of size 1,000 are 3 packs, not 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Self

from billing_center.rating.models.parameters import Parameters, written

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Package:
    """`pack_price` in the price's currency per pack of `size` units; the first `free` units cost nothing."""

    pack_price: Decimal
    size: Decimal
    free: Decimal = ZERO

    def price(self, reading: Decimal) -> Decimal:
        """price x packs begun."""
        if reading <= self.free:
            return ZERO
        packs = ((reading - self.free) / self.size).to_integral_value(rounding=ROUND_CEILING)
        return self.pack_price * packs

    @classmethod
    def from_params(cls, params: Mapping[str, object]) -> Self:
        """Fields: price, size (above 0), free (optional, units). Raises BadParameter."""
        given = Parameters(params)
        model = cls(given.price("price"), given.positive("size"), given.quantity("free", ZERO))
        given.close()
        return model

    def to_params(self) -> dict[str, object]:
        """As `from_params` reads it."""
        free: dict[str, object] = {"free": written(self.free)} if self.free else {}
        return {"model": "package", "price": written(self.pack_price), "size": written(self.size)} | free
