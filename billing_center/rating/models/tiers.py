"""Tiers: the steps that graduated, volume and stairstep prices share. An edge belongs to the tier below it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing_center.rating.models.parameters import QUANTITY_DECIMALS, Parameters, written

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tier:
    """The readings above the tier before it, up to and including `up_to` (None: without end).

    `price` is per unit, or the whole price (stairstep); `flat` is due once the tier is entered.
    """

    up_to: Decimal | None
    price: Decimal
    flat: Decimal = ZERO


def edges_of(tiers: Sequence[Tier]) -> tuple[Decimal, ...]:
    """The upper edges of all tiers but the last, which has none."""
    return tuple(tier.up_to for tier in tiers if tier.up_to is not None)


def tier_reached(edges: Sequence[Decimal], reading: Decimal) -> int:
    """The index of the tier that a reading falls in: 10 of edge 10 is still in the tier below."""
    return bisect_left(edges, reading)


def read_tiers(params: Parameters, *, with_flat: bool, priced_by: str = "price") -> tuple[Tier, ...]:
    """The field `tiers`: edges strictly rising, only the last one open. Raises BadParameter.

    `priced_by` names the field of a tier's price: `price`, or `percent` (0 to 100).
    """
    tiers: list[Tier] = []
    members = params.mappings("tiers")
    for n, member in enumerate(members, start=1):
        up_to = member.optional("up_to", decimals=QUANTITY_DECIMALS)
        if (up_to is None) != (n == len(members)):
            raise member.refuse("up_to", "must be absent in the last tier and present in every other")
        edge_before = tiers[-1].up_to if tiers else ZERO
        if up_to is not None and edge_before is not None and up_to <= edge_before:
            raise member.refuse("up_to", "must be above the edge of the tier before it (above 0 in the first)")
        price = member.percent(priced_by) if priced_by == "percent" else member.price(priced_by)
        flat = member.price("flat", ZERO) if with_flat else ZERO
        member.close()
        tiers.append(Tier(up_to, price, flat))
    return tuple(tiers)


def written_tiers(tiers: Sequence[Tier], *, priced_by: str = "price") -> list[dict[str, str]]:
    """Tiers as JSON-able data that `read_tiers` reads back."""
    return [
        ({} if tier.up_to is None else {"up_to": written(tier.up_to)})
        | {priced_by: written(tier.price)}
        | ({"flat": written(tier.flat)} if tier.flat else {})
        for tier in tiers
    ]
