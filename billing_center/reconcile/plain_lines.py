"""Prices that grow along straight lines, in whole numbers: what `plain_price` says, without fractions a reading.

Each line goes through two prices that `plain_price` has worked out between two edges; all between them lie on it.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing_center.reconcile.plain_price import MILLION, plain_price

STRAIGHT = {"standard": {"model", "price"}, "graduated": {"model", "tiers"}}
"""Shapes that are made of lines, as long as nothing else bends them."""


@dataclass(frozen=True, slots=True)
class Line:
    """Of a reading in millionths of a base unit, (reading * slope + begun) / parts is the price in millionths."""

    slope: int
    begun: int
    parts: int


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines one after the other, each up to its edge and the edge included; the last one has none."""

    edges: list[int]
    lines: list[Line]

    def price(self, reading: Decimal) -> Decimal | None:
        """The price of a reading of base units, six decimals, half up; None of one that is not above nothing, or
        that has more than six decimals."""
        scaled = reading.scaleb(6)
        whole = int(scaled)
        if whole <= 0 or whole != scaled:
            return None
        return Decimal(self._on_its_line(whole)).scaleb(-6)

    def whole_prices(self, readings: Sequence[int]) -> list[int]:
        """The prices in millionths of readings in millionths, each nothing or more of them."""
        only = self.lines[0]
        if not self.edges and not only.begun and only.slope >= 0:
            slope, parts, twice = 2 * only.slope, only.parts, 2 * only.parts
            return [(whole * slope + parts) // twice for whole in readings]
        return list(map(self._on_its_line, readings))

    def _on_its_line(self, whole: int) -> int:
        if not whole:
            return 0
        line = self.lines[bisect_left(self.edges, whole)]
        value = 2 * (whole * line.slope + line.begun)
        amount = (abs(value) + line.parts) // (2 * line.parts)
        return -amount if value < 0 else amount


def lines_of(params: Mapping[str, Any], size: int) -> Lines | None:
    """The lines of a price for `size` base units in the plan's unit; None for one that is not made of lines."""
    asked = {name for name, value in params.items() if value is not None} | {"model"}
    if asked != STRAIGHT.get(params.get("model", "standard")):
        return None
    tiers = params.get("tiers", ())
    edges = [Fraction(str(tier["up_to"])) for tier in tiers if tier.get("up_to") is not None]
    if [Fraction(0), *edges] != sorted({Fraction(0), *edges}):
        return None
    lines = []
    for below, edge in zip([Fraction(0), *edges], [*edges, None], strict=True):
        points = (below + 1, below + 2) if edge is None else ((below + edge) / 2, edge)
        lines.append(_through(points, [plain_price(params, point) for point in points], size))
    return Lines([(edge * size * MILLION).__floor__() for edge in edges], lines)


def _through(points: tuple[Fraction, Fraction], prices: list[Fraction], size: int) -> Line:
    slope = (prices[1] - prices[0]) / (points[1] - points[0])
    begun = (prices[0] - slope * points[0]) * MILLION
    slope /= size
    parts = slope.denominator * begun.denominator
    return Line(slope.numerator * begun.denominator, begun.numerator * slope.denominator, parts)
