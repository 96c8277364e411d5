"""Graduated percentage: each tier's part of an amount at that tier's percentage, with optional flat fees.

tiers up to 1,000 at 3, up to 5,000 at 2 (flat 10.00), beyond at 1
a = 1,000: 30.00 | 1,001: 30.00 + 10.00 + 0.02 = 40.02 | 5,000: 120.00 | 6,000: 130.00
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from billing_center.rating.models.graduated import Graduated
from billing_center.rating.models.parameters import Parameters
from billing_center.rating.models.tiers import Tier, read_tiers, written_tiers

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class GraduatedPercentage:
    """Tier edges and flat fees are amounts in the price's currency, each tier's `price` a percentage."""

    by_percent: Graduated
    by_share: Graduated

    def price(self, reading: Decimal) -> Decimal:
        """The graduated price with percent / 100 as the price of one unit of money, unrounded."""
        return self.by_share.price(reading)

    @classmethod
    def from_params(cls, params: Mapping[str, object]) -> Self:
        """Fields: tiers, each with up_to (not in the last), percent, flat (optional). Raises BadParameter."""
        given = Parameters(params)
        tiers = read_tiers(given, with_flat=True, priced_by="percent")
        given.close()
        shares = tuple(Tier(tier.up_to, tier.price / HUNDRED, tier.flat) for tier in tiers)
        return cls(Graduated(tiers), Graduated(shares))

    def to_params(self) -> dict[str, object]:
        """As `from_params` reads it."""
        return {
            "model": "graduated_percentage",
            "tiers": written_tiers(self.by_percent.tiers, priced_by="percent"),
        }
