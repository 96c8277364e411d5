"""Prices that grow by packages, in whole numbers: of a reading only how many packages it needs is worked out.

What so many packages cost `plain_price` says, once for each number of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from billing_center.reconcile.plain_price import MILLION, RATED_DIGITS, half_up, plain_price

BY_PACKAGES = {"model", "price", "size", "free", "included", "minimum", "cap"}


@dataclass(frozen=True, slots=True)
class Steps:
    """A reading of r millionths of a base unit needs (r * parts - begins) / wide packages, a begun one whole."""

    params: Mapping[str, Any]
    size: int
    begins: int
    wide: int
    parts: int
    known: dict[int, int] = field(default_factory=dict, compare=False)  # the price by the number of packages

    def whole_prices(self, readings: Sequence[int]) -> list[int]:
        """The prices in millionths of readings in millionths, each nothing or more of them."""
        begins, wide, parts, known = self.begins, self.wide, self.parts, self.known
        packages = [-((begins - whole * parts) // wide) for whole in readings]
        if not known.keys() >= set(packages):
            for count, whole in zip(packages, readings, strict=True):
                if whole and count not in known:
                    known[count] = self._of_packages(whole)
        return [known[count] if whole else 0 for count, whole in zip(packages, readings, strict=True)]

    def _of_packages(self, whole: int) -> int:
        """The price of a reading, as of any other that needs as many packages."""
        value = half_up(plain_price(self.params, Fraction(whole, MILLION) / self.size), RATED_DIGITS)
        return int(value.scaleb(RATED_DIGITS))


def steps_of(params: Mapping[str, Any], size: int) -> Steps | None:
    """The steps of a price for `size` base units in the plan's unit; None for one that is not by packages."""
    if params.get("model") != "package" or params.keys() - BY_PACKAGES:
        return None
    free, included, wide = (Fraction(str(params.get(name) or 0)) for name in ("free", "included", "size"))
    if free < 0 or included < 0 or wide <= 0:
        return None
    begins, wide = (free + included) * size * MILLION, wide * size * MILLION
    parts = begins.denominator * wide.denominator
    return Steps(params, size, int(begins * parts), int(wide * parts), parts)
