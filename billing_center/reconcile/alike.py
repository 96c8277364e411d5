"""Charges brought together: those of a payer that say the same but for what counts from one to the next.

Most charges of a month are so: an order's days, a payer's uses of a product. What differs among them stands in
lists, in an order that is the same for all lists of one; numbers are whole millionths. PostgreSQL brings them
together where they lie (`read_alike`); elsewhere, and where rows are needed anyway, `bring_together` does it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

SAME = (
    "cause", "product_id", "order_id", "meter_order_id", "component", "currency", "version_id", "promotion_id",
    "meter_scope", "meter_component", "period_start",
)  # fmt: skip
"""What charges that are brought together share, within a payer. Those of uses under no order share `rated_at` too:
one of them may have been the first to open its product."""

NAMED, NOT_NAMED = "+", "-"
"""Whether a use named its payer."""


@dataclass(slots=True)
class Alike:
    """Some charges of a payer. The lists from `brought` on are of uses, and empty for any other cause."""

    payer_id: str
    cause: str
    product_id: str
    order_id: str
    meter_order_id: str
    component: str
    currency: str
    version_id: str
    promotion_id: str
    meter_scope: str
    meter_component: str
    period_start: date
    count: int
    as_said: bool
    """Nothing was taken off, and each is of a fact that it names rightly: its order's day; or a use of that day,
    user and product, of nothing or more and no amount of its own, that names the payer or none."""
    touched: bool  # one of the uses was withdrawn, or stands in the place of another
    first_rated: datetime
    last_rated: datetime
    first_started: datetime | None
    last_started: datetime | None
    days: list[str]
    befores: list[int]
    afters: list[int]
    quantities: list[int]
    amounts: list[int]
    cause_ids: list[str]  # but for days, whose cause is the order
    brought: list[int]  # the quantities of the uses
    units: list[str]
    whose: list[str]  # NAMED or NOT_NAMED, and the user

    def says(self) -> tuple[Any, ...]:
        """What they share and must say rightly, without the cause."""
        return (
            self.product_id, self.component, self.currency, self.version_id, self.promotion_id, self.order_id,
            self.meter_order_id, self.meter_scope, self.meter_component, self.period_start,
        )  # fmt: skip


made: Callable[..., Alike] = Alike
"""One of as many values as it has fields, in their order."""


def in_order(lists: Iterable[Iterable[Any]]) -> list[list[Any]]:
    """Lists of the same charges, all in the order of the first, then of the next ones."""
    return [list(column) for column in zip(*sorted(zip(*lists, strict=True)), strict=True)]
