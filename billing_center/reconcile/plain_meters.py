"""Meters of plain uses, walked in whole millionths: each charge goes on where the one before it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from billing_center.reconcile.expected import ZERO
from billing_center.reconcile.plain_terms import Terms
from billing_center.reconcile.plain_units import shown_whole
from billing_center.reconcile.raw_facts import MeterName, of_charge
from billing_center.reconcile.recomputed import SumKey
from billing_center.reconcile.standing import NEVER

MILLION = Decimal(10**6)
GROWN = ("reading_before", "reading_after", "quantity", "amount", "list_amount")
grown_of = of_charge(*GROWN)

Grown = tuple[int, int, int, int, int]
"""A charge in the columns `GROWN`, in millionths: amounts and readings have no more than six decimals."""

Sums = dict[SumKey, list[int]]
"""Quantity and amount (list amounts are the same) in millionths, and number of charges."""


@dataclass(slots=True)
class Metered:
    """The charges of a price's meter, each with the growth that its use should bring and the use's order."""

    name: MeterName
    terms: Terms
    charges: list[tuple[Any, ...]] = field(default_factory=list)  # GROWN, growth in millionths, order


@dataclass(slots=True)
class Freed:
    """A charge of what is free: of which use, how much that brought, and what it is charged by."""

    grown: Grown
    brought: int
    order_id: str
    use_id: str
    rated_at: datetime
    terms: Terms


@dataclass(slots=True)
class Free:
    """What uses took of a product's free units, all in all and each; `last_at`: when the last was rated."""

    reading: int = 0
    taken: dict[str, Freed] = field(default_factory=dict)
    last_at: datetime = NEVER

    def left_over(self) -> set[str]:
        """The uses of which a part was not free."""
        return {use_id for use_id, one in self.taken.items() if one.brought > one.grown[1] - one.grown[0]}


def grown_by(row: Any) -> Grown:
    """How far a charge says that it let its meter grow, and for how much."""
    before, after, quantity, amount, listed = grown_of(row)
    return (
        int(before * MILLION), int(after * MILLION), int(quantity * MILLION), int(amount * MILLION),
        int(listed * MILLION),
    )  # fmt: skip


def walked(product_id: str, metered: Metered, sums: Sums) -> int | None:
    """What the meter reads after its charges, which are added up; None where one is not what it should be."""
    terms = metered.terms
    price, size = terms.price, terms.size
    reading = cost = shown = count = begun_cost = begun_shown = 0
    last, of_order = ZERO, ""
    for before, after, quantity, amount, listed, growth, order_id in sorted(metered.charges):
        whole = int(after * MILLION)
        if before != last or whole != reading + growth or listed != amount:
            return None
        costs, shows = price(whole), whole if size == 1 else shown_whole(whole, size)
        if int(amount * MILLION) != costs - cost or int(quantity * MILLION) != shows - shown:
            return None
        if order_id != of_order:  # what was added up so far is the order's before
            _add(sums, _key(product_id, terms, of_order), shown - begun_shown, cost - begun_cost, count)
            of_order, begun_cost, begun_shown, count = order_id, cost, shown, 0
        reading, last, cost, shown, count = whole, after, costs, shows, count + 1
    _add(sums, _key(product_id, terms, of_order), shown - begun_shown, cost - begun_cost, count)
    return reading


def freed(product_id: str, charges: Sequence[Freed], sums: Sums) -> Free | None:
    """The same of what is free: each use takes what is left, as far as it needs it, and pays nothing for that."""
    free = Free()
    for one in sorted(charges, key=lambda one: one.grown):
        before, after, quantity, amount, listed = one.grown
        terms = one.terms
        taken = min(one.brought, terms.free - free.reading)
        if before != free.reading or taken <= 0 or after != before + taken or amount or listed:
            return None
        if quantity != shown_whole(after, terms.size) - shown_whole(before, terms.size):
            return None
        if one.use_id in free.taken:
            return None
        _add(sums, _key(product_id, terms, one.order_id), quantity, 0, 1)
        free.taken[one.use_id] = one
        free.reading = after
    free.last_at = max((one.rated_at for one in charges), default=NEVER)
    return free


def _key(product_id: str, terms: Terms, order_id: str) -> SumKey:
    return terms.place[2], order_id, product_id, terms.said[1]


def _add(sums: Sums, key: SumKey, quantity: int, amount: int, count: int) -> None:
    if not count:
        return
    total = sums.setdefault(key, [0, 0, 0])
    total[0] += quantity
    total[1] += amount
    total[2] += count


def as_decimal(whole: int) -> Decimal:
    """Millionths as the books have them."""
    return Decimal(whole).scaleb(-6)
