"""Stairstep: one flat price by the tier reached, whatever the units within it.

tiers up to 10 for 100, up to 50 for 300, beyond for 500
q = 0: 0 | 1: 100 | 10: 100 | 11: 300 | 51: 500
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from billing_center.rating.models.parameters import Parameters
from billing_center.rating.models.tiers import ZERO, Tier, edges_of, read_tiers, tier_reached, written_tiers


@dataclass(frozen=True, slots=True)
class Stairstep:
    """Each tier's `price` is the whole price, in the price's currency. F(0) = 0."""

    tiers: tuple[Tier, ...]
    _edges: tuple[Decimal, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_edges", edges_of(self.tiers))

    def price(self, reading: Decimal) -> Decimal:
        """The price of the tier reached."""
        return self.tiers[tier_reached(self._edges, reading)].price if reading > ZERO else ZERO

    @classmethod
    def from_params(cls, params: Mapping[str, object]) -> Self:
        """Fields: tiers, each with up_to (not in the last) and price. Raises BadParameter."""
        given = Parameters(params)
        model = cls(read_tiers(given, with_flat=False))
        given.close()
        return model

    def to_params(self) -> dict[str, object]:
        """As `from_params` reads it."""
        return {"model": "stairstep", "tiers": written_tiers(self.tiers)}
