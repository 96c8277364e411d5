"""Limited: what every model may have beside its own fields: included units, a period minimum, a period cap.

F(q) = min(cap, max(minimum, inner(q - included))) for q > 0
standard 1.00, included 10, minimum 5.00, cap 50.00
q = 0: 0 | 1: 5.00 | 10: 5.00 | 16: 6.00 | 60: 50.00 | 1,000: 50.00
All three hold per meter and scope. The minimum is due with the first unit; a commitment that is due without
any use is a true-up at the period's end and not a shape of F. F(0) = 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, Self

from billing_center.rating.models.parameters import PRICE_DECIMALS, Parameters, written

ZERO = Decimal(0)
LIMIT_FIELDS = frozenset({"included", "minimum", "cap"})


class ChargeModel(Protocol):
    """A price function that can be stored with the catalog."""

    def price(self, reading: Decimal) -> Decimal:
        """F: the price of a meter's whole reading (0 or more), unrounded."""
        ...

    def to_params(self) -> dict[str, object]:
        """JSON-able data that `read_model` reads back to an equal model."""
        ...


class TableModel(ChargeModel, Protocol):
    """A charge model with a name and a row in the table MODELS."""

    @classmethod
    def from_params(cls, params: Mapping[str, object]) -> Self:
        """Read a plain mapping; raises BadParameter naming the field and the rule."""
        ...


@dataclass(frozen=True, slots=True)
class Limited:
    """`included` in the plan's units per scope; `minimum` and `cap` in the price's currency per scope."""

    inner: ChargeModel
    included: Decimal = ZERO
    minimum: Decimal = ZERO
    cap: Decimal | None = None

    def price(self, reading: Decimal) -> Decimal:
        """The inner price within its limits."""
        if reading <= ZERO:
            return ZERO
        value = max(self.minimum, self.inner.price(max(ZERO, reading - self.included)))
        return value if self.cap is None else min(self.cap, value)

    def to_params(self) -> dict[str, object]:
        """The inner model's parameters and the limits that are set."""
        limits: dict[str, object] = {}
        if self.included:
            limits["included"] = written(self.included)
        if self.minimum:
            limits["minimum"] = written(self.minimum)
        if self.cap is not None:
            limits["cap"] = written(self.cap)
        return self.inner.to_params() | limits


def limited(inner: ChargeModel, limits: Mapping[str, object]) -> ChargeModel:
    """The model within its limits; the model itself when they say nothing.

    Fields: included, minimum, cap (not below the minimum). Raises BadParameter.
    """
    given = Parameters(limits)
    included, minimum = given.quantity("included", ZERO), given.price("minimum", ZERO)
    cap = given.optional("cap", decimals=PRICE_DECIMALS)
    given.close()
    if cap is not None and cap < minimum:
        raise given.refuse("cap", "must not be below the minimum")
    if not included and not minimum and cap is None:
        return inner
    return Limited(inner, included, minimum, cap)
