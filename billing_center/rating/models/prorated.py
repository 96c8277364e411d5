"""Prorated: a month's or a year's price, earned day by day. F(d) = price x d / whole_days.

price 31.00 over 31 days | d = 1: 1.00 | 15: 15.00 | 31: 31.00
price 100.00 over 30 days | d = 7: 23.333333 | 30: 100.00
by thirtieths, price 31.00 over 31 days | d = 1: 1.033333 | 15: 15.50 | 30: 31.00 | 31: 31.00
by thirtieths, price 31.00 over 28 days | d = 27: 27.90 | 28: 31.00
The divisor is the length of the regular period, given when rating: a stub of a moved billing day costs its
share, and any split of a period adds up to its price. Design: billing rules, table of what is sold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from billing_center.errors import OutOfRange
from billing_center.rating.models.parameters import Parameters, written


@dataclass(frozen=True, slots=True)
class Prorated:
    """`whole_price` in the price's currency for `whole_days`; 1 until `over` says: then F counts whole periods."""

    whole_price: Decimal
    whole_days: int = 1
    by: int | None = None  # 30 (360 of a year): days are counted in months of 30

    def price(self, reading: Decimal) -> Decimal:
        """price x days / whole days, with as many digits as the context has; by 30ths: whole when all days are."""
        if self.by is not None:
            share = self.by if reading >= self.whole_days else min(reading, Decimal(self.by))
            return self.whole_price * share / self.by
        return self.whole_price * reading / self.whole_days

    def over(self, whole_days: int, by: int | None = None) -> "Prorated":
        """The same price spread over the days of one regular period. Raises OutOfRange below one day."""
        if whole_days < 1:
            raise OutOfRange("a period has at least one day", field="whole_days")
        return Prorated(self.whole_price, whole_days, by)

    @classmethod
    def from_params(cls, params: Mapping[str, object]) -> Self:
        """Fields: price, of one whole month or year. Raises BadParameter."""
        given = Parameters(params)
        model = cls(given.price("price"))
        given.close()
        return model

    def to_params(self) -> dict[str, object]:
        """As `from_params` reads it; the days belong to a period, not to the catalog."""
        return {"model": "prorated", "price": written(self.whole_price)}
