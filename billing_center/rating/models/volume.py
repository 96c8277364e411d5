"""Volume: all units at the price of the tier reached, plus that tier's flat fee.

tiers up to 100 at 1.00, beyond at 0.80
q = 100: 100.00 | 101: 80.80 (a growth of -19.20) | 125: 100.00
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from billing_center.rating.models.parameters import Parameters
from billing_center.rating.models.tiers import ZERO, Tier, edges_of, read_tiers, tier_reached, written_tiers


@dataclass(frozen=True, slots=True)
class Volume:
    """Prices per unit and flat fees in the price's currency. F(0) = 0, and F may fall at an edge."""

    tiers: tuple[Tier, ...]
    _edges: tuple[Decimal, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_edges", edges_of(self.tiers))

    def price(self, reading: Decimal) -> Decimal:
        """reading x price of the tier reached + its flat fee, unrounded."""
        if reading <= ZERO:
            return ZERO
        tier = self.tiers[tier_reached(self._edges, reading)]
        return tier.price * reading + tier.flat

    @classmethod
    def from_params(cls, params: Mapping[str, object]) -> Self:
        """Fields: tiers, each with up_to (not in the last), price, flat (optional). Raises BadParameter."""
        given = Parameters(params)
        model = cls(read_tiers(given, with_flat=True))
        given.close()
        return model

    def to_params(self) -> dict[str, object]:
        """As `from_params` reads it."""
        return {"model": "volume", "tiers": written_tiers(self.tiers)}
