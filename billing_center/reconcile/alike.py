"""Charges brought together: those of a payer that say the same but for what counts from one to the next.

Most charges of a month are so: an order's days, a payer's uses of a product. What differs among them stands in
lists, in an order that is the same for all lists of one; numbers are whole millionths. PostgreSQL brings them
together where they lie (`read_alike`); elsewhere, and where rows are needed anyway, `bring_together` does it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from billing_center.reconcile.plain_price import MILLION

SAME = (
    "cause", "product_id", "order_id", "meter_order_id", "component", "currency", "version_id", "promotion_id",
    "meter_scope", "meter_component", "period_start",
)  # fmt: skip
"""What charges that are brought together share, within a payer. Those of uses under no order share `rated_at` too:
one of them may have been the first to open its product."""

NAMED, NOT_NAMED = "+", "-"
"""Whether a use named its payer."""

BETWEEN = "\x1f"
"""Between the values of a list that is told as one text: the unit separator."""

NOTHING = "0.000000"
BEGIN = NOTHING + BETWEEN
"""How a meter's readings begin, each of which is nearly always the one that the charge before it ended with."""

OF_DAYS = 5
"""How many of the lists, the first ones, say something of days."""


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
    unread: tuple[str | None, ...] = ()
    """The lists as texts, of which nothing was read yet; the lists are empty then. An order's days are nearly
    always compared as they are, and the others are read when their payer's turn comes."""

    def says(self) -> tuple[Any, ...]:
        """What they share and must say rightly, without the cause."""
        return (
            self.order_id, self.meter_order_id, self.component, self.meter_scope, self.meter_component,
            self.period_start, self.product_id, self.currency, self.version_id, self.promotion_id,
        )  # fmt: skip

    def users_alone(self) -> set[str]:
        """The users whose uses named no payer."""
        whose = self.whose
        if self.unread:
            text = BETWEEN + (self.unread[-1] or "")
            whose = _texts(text[1:]) if BETWEEN + NOT_NAMED in text else []
        return {user[1:] for user in whose if user.startswith(NOT_NAMED)}

    def read(self) -> None:
        """Read what was not. A value that holds `BETWEEN` makes its list too long: then nothing is as said."""
        if not self.unread:
            return
        days, befores, afters, quantities, amounts, cause_ids, brought, units, whose = self.unread
        self.unread = ()
        read, brings = _numbers(afters), _numbers(brought)
        goes_on = befores == (BEGIN + afters.rpartition(BETWEEN)[0] if afters and len(read) > 1 else NOTHING)
        self.days, self.afters, self.amounts, self.brought = _texts(days), read, _numbers(amounts), brings
        self.befores = [0, *read[:-1]] if goes_on else _numbers(befores)
        self.quantities = brings if quantities == brought else _numbers(quantities)
        self.cause_ids, self.units, self.whose = _texts(cause_ids), _texts(units), _texts(whose)
        if self.cause == "use" and self.as_said:
            self.as_said = len(self.cause_ids) == len(brings) == len(self.units) == len(self.whose) == self.count


def as_text(numbers: Iterable[int]) -> str:
    """A list of millionths as PostgreSQL tells it."""
    return BETWEEN.join(
        f"{'-' if number < 0 else ''}{abs(number) // MILLION}.{abs(number) % MILLION:06d}" for number in numbers
    )


def _texts(text: str | None) -> list[str]:
    return [] if text is None else text.split(BETWEEN)


def _numbers(text: str | None) -> list[int]:
    """Amounts are written with all of their six decimals: without the point they are whole millionths."""
    return [] if text is None else list(map(int, text.replace(".", "").split(BETWEEN)))


made: Callable[..., Alike] = Alike
"""One of as many values as it has fields, in their order."""


def in_order(lists: Iterable[Iterable[Any]]) -> list[list[Any]]:
    """Lists of the same charges, all in the order of the first, then of the next ones."""
    return [list(column) for column in zip(*sorted(zip(*lists, strict=True)), strict=True)]
