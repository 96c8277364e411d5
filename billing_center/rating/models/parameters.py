"""Reading a charge model's parameters from a plain mapping, as YAML and JSON bear them.

Every refusal names the field (with its place, `tiers[2].price`) and the rule. Decimals arrive as text or
whole numbers; a binary float has already lost digits and is refused.
"""

from collections.abc import Mapping
from decimal import Decimal

from billing_center.errors import CatalogInvalid
from billing_center.money import LARGEST, plain

PRICE_DECIMALS = 12
"""Prices of tiny units (one KB) may have more decimals than the six that rated amounts keep."""

QUANTITY_DECIMALS = 6
"""Tier edges, sizes and allowances have what readings have."""


class BadParameter(CatalogInvalid):
    """A charge model's parameter breaks a rule; the message names the field and the rule."""


class Parameters:
    """One mapping of parameters, read field by field; `close` refuses what nobody asked for."""

    def __init__(self, given: Mapping[str, object], *, place: str = "") -> None:
        if not isinstance(given, Mapping):
            raise BadParameter(f"{place or 'params'} must be a mapping", field=place or "params")
        self._given = given
        self._place = place
        self._read: set[str] = {"model"} if not place else set()

    def name_of(self, field: str) -> str:
        """The field's full name, with the place of the mapping that it stands in."""
        return f"{self._place}.{field}" if self._place else field

    def price(self, field: str, default: Decimal | None = None) -> Decimal:
        """A price: not negative, below 10^12, at most twelve decimals. Required when there is no default."""
        return self._required(field, default, PRICE_DECIMALS)

    def quantity(self, field: str, default: Decimal | None = None) -> Decimal:
        """A quantity: not negative, below 10^12, at most six decimals. Required when there is no default."""
        return self._required(field, default, QUANTITY_DECIMALS)

    def positive(self, field: str) -> Decimal:
        """A required quantity above zero."""
        value = self.quantity(field)
        if value <= 0:
            raise self.refuse(field, "must be above 0")
        return value

    def percent(self, field: str) -> Decimal:
        """A required percentage, 0 to 100, at most six decimals."""
        value = self.quantity(field)
        if value > 100:
            raise self.refuse(field, "must be from 0 to 100")
        return value

    def optional(self, field: str, *, decimals: int) -> Decimal | None:
        """A decimal, or None when the field is absent or null."""
        self._read.add(field)
        value = self._given.get(field)
        return None if value is None else self._decimal(field, value, decimals)

    def mappings(self, field: str) -> list["Parameters"]:
        """A required list of mappings with at least one member, each to be read and closed."""
        self._read.add(field)
        value = self._given.get(field)
        if not isinstance(value, list | tuple) or not value:
            raise self.refuse(field, "must be a list with at least one member")
        return [Parameters(item, place=f"{self.name_of(field)}[{n}]") for n, item in enumerate(value, start=1)]

    def mapping(self, field: str) -> "Parameters | None":
        """An optional mapping, to be read and closed by itself."""
        self._read.add(field)
        value = self._given.get(field)
        return None if value is None else Parameters(self._as_mapping(field, value), place=self.name_of(field))

    def has(self, field: str) -> bool:
        """Whether the field is there and not null."""
        self._read.add(field)
        return self._given.get(field) is not None

    def measure(self, field: str) -> tuple[Decimal, str]:
        """A required quantity above zero that may name a unit: `6`, `6 s`, `0.5 hour`."""
        self._read.add(field)
        number, _, unit = str(self._given.get(field, "")).strip().partition(" ")
        value = self._decimal(field, number, QUANTITY_DECIMALS)
        if value <= 0:
            raise self.refuse(field, "must be above 0, like 6 or 6 s")
        return value, unit.strip()

    def close(self) -> None:
        """Refuse a field that was never read: a misspelt name must not pass in silence."""
        for field in self._given:
            if field not in self._read:
                raise self.refuse(str(field), f"is not a field here; known: {', '.join(sorted(self._read))}")

    def refuse(self, field: str, rule: str) -> BadParameter:
        """The error that names the field and the rule, for the caller to raise."""
        return BadParameter(f"{self.name_of(field)} {rule}", field=self.name_of(field))

    def _as_mapping(self, field: str, value: object) -> Mapping[str, object]:
        if not isinstance(value, Mapping):
            raise self.refuse(field, "must be a mapping")
        return value

    def _required(self, field: str, default: Decimal | None, decimals: int) -> Decimal:
        value = self.optional(field, decimals=decimals)
        if value is not None:
            return value
        if default is None:
            raise self.refuse(field, "is required")
        return default

    def _decimal(self, field: str, value: object, decimals: int) -> Decimal:
        if isinstance(value, float):
            raise self.refuse(field, f"is a binary float; quote it: '{value}'")
        if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
            raise self.refuse(field, "must be a decimal number")
        try:
            number = Decimal(value)
        except ArithmeticError:
            raise self.refuse(field, "must be a decimal number") from None
        if not number.is_finite() or number < 0 or number >= LARGEST:
            raise self.refuse(field, "must be from 0 to below 1,000,000,000,000")
        if number != number.quantize(Decimal(1).scaleb(-decimals)):
            raise self.refuse(field, f"must have at most {decimals} decimals")
        return number


def written(value: Decimal) -> str:
    """A decimal as stored in JSON: plain digits, never an exponent."""
    return plain(value)
