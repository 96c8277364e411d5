"""Graduated: each tier's units at that tier's price, with an optional flat fee per tier entered.

tiers up to 10 at 1.00, up to 20 at 0.80 (flat 2.00), beyond at 0.50
q = 10: 10.00 | 11: 10.00 + 2.00 + 0.80 = 12.80 | 20: 10.00 + 2.00 + 8.00 = 20.00 | 25: 22.50
F(0) = 0: the first tier is entered by the first unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Self

from billing_center.rating.models.parameters import Parameters
from billing_center.rating.models.tiers import ZERO, Tier, edges_of, read_tiers, tier_reached, written_tiers


@dataclass(frozen=True, slots=True)
class Graduated:
    """Prices per unit and flat fees in the price's currency. What lower tiers cost whole is kept ready."""

    tiers: tuple[Tier, ...]
    _edges: tuple[Decimal, ...] = field(init=False, repr=False, compare=False)
    _below: tuple[Decimal, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        edges = edges_of(self.tiers)
        below = [ZERO]
        for tier, (low, high) in zip(self.tiers, pairwise((ZERO, *edges)), strict=False):
            below.append(below[-1] + tier.flat + tier.price * (high - low))
        object.__setattr__(self, "_edges", edges)
        object.__setattr__(self, "_below", tuple(below))

    def price(self, reading: Decimal) -> Decimal:
        """The whole price of the tiers below, and of the units in the tier reached, unrounded."""
        if reading <= ZERO:
            return ZERO
        n = tier_reached(self._edges, reading)
        tier, low = self.tiers[n], self._edges[n - 1] if n else ZERO
        return self._below[n] + tier.flat + tier.price * (reading - low)

    @classmethod
    def from_params(cls, params: Mapping[str, object]) -> Self:
        """Fields: tiers, each with up_to (not in the last), price, flat (optional). Raises BadParameter."""
        given = Parameters(params)
        model = cls(read_tiers(given, with_flat=True))
        given.close()
        return model

    def to_params(self) -> dict[str, object]:
        """As `from_params` reads it."""
        return {"model": "graduated", "tiers": written_tiers(self.tiers)}
