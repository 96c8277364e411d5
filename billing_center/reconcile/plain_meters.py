"""Meters of plain uses, walked in whole millionths: each charge goes on where the one before it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import accumulate, chain
from typing import Any

from billing_center.reconcile.alike import Alike, in_order
from billing_center.reconcile.plain_terms import Terms
from billing_center.reconcile.plain_units import shown_all
from billing_center.reconcile.recomputed import SumKey
from billing_center.reconcile.standing import NEVER

Sums = dict[SumKey, list[int]]
"""Quantity and amount (list amounts are the same) in millionths, and number of charges."""


@dataclass(slots=True)
class Part:
    """Charges of a meter that are alike, their terms, and what the use of each brings, in millionths."""

    alike: Alike
    terms: Terms
    brought: list[int]


@dataclass(slots=True)
class Free:
    """What uses took of a product's free units, all in all and which; of one the rest, by its id.

    `last_at`: when the last of them was rated.
    """

    reading: int = 0
    taken_by: set[str] = field(default_factory=set)
    left_over: dict[str, int] = field(default_factory=dict)  # what was not free
    last_at: datetime = NEVER


def walked(parts: Sequence[Part], sums: Sums) -> int | None:
    """What a meter reads after its charges, which are added up; None where one is not what it should be."""
    terms, columns = parts[0].terms, _tiled(parts)
    if columns is None:
        return None
    _, afters, quantities, amounts, brought, _ = columns
    if list(accumulate(brought)) != afters:
        return None
    if quantities != brought if terms.size == 1 else list(accumulate(quantities)) != shown_all(afters, terms.size):
        return None
    if list(accumulate(amounts)) != terms.prices(afters):
        return None
    _add(parts, sums)
    reading: int = afters[-1]
    return reading


def freed(parts: Sequence[Part], sums: Sums) -> Free | None:
    """The same of what is free: each use takes what is left, as far as it needs it, and pays nothing for that."""
    free = Free()
    if not parts:
        return free
    terms, columns = parts[0].terms, _tiled(parts)
    if columns is None or any((part.terms.free, part.terms.size) != (terms.free, terms.size) for part in parts):
        return None
    befores, afters, quantities, amounts, brought, use_ids = columns
    if any(amounts) or list(accumulate(quantities)) != shown_all(afters, terms.size):
        return None
    for before, after, needs, use_id in zip(befores, afters, brought, use_ids, strict=True):
        taken = min(needs, terms.free - before)
        if taken <= 0 or after != before + taken:
            return None
        if needs > taken:
            free.left_over[use_id] = needs - taken
    free.reading, free.taken_by = afters[-1], set(use_ids)
    if len(free.taken_by) != len(use_ids):
        return None
    free.last_at = max(part.alike.last_rated for part in parts)
    _add(parts, sums)
    return free


def _tiled(parts: Sequence[Part]) -> Sequence[list[Any]] | None:
    """Readings before and after, quantities, amounts, what the uses brought and their ids, in the order of the
    readings, which is nearly always that of the rows; None where a reading does not begin where one ended."""
    columns: Sequence[list[Any]] = _lists(parts[0])
    if len(parts) > 1:
        columns = [list(chain.from_iterable(lists)) for lists in zip(*map(_lists, parts), strict=True)]
    if columns[0] == [0, *columns[1][:-1]]:
        return columns
    columns = in_order(columns)
    return columns if columns[0] == [0, *columns[1][:-1]] else None


def _lists(part: Part) -> tuple[list[Any], ...]:
    one = part.alike
    return one.befores, one.afters, one.quantities, one.amounts, part.brought, one.cause_ids


def _add(parts: Sequence[Part], sums: Sums) -> None:
    for part in parts:
        one = part.alike
        total = sums.setdefault((one.period_start, one.order_id, one.product_id, one.currency), [0, 0, 0])
        total[0] += sum(one.quantities)
        total[1] += sum(one.amounts)
        total[2] += one.count


def as_decimal(whole: int) -> Decimal:
    """Millionths as the books have them."""
    return Decimal(whole).scaleb(-6)
