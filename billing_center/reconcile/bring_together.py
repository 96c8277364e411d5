"""Bringing charges together that were read as rows: see `alike`."""

from collections.abc import Container, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.alike import NAMED, NOT_NAMED, SAME, Alike, made
from billing_center.reconcile.raw_facts import of_charge

MILLION = Decimal(10**6)

_same = of_charge(*SAME)
_told = of_charge(
    "cause_id", "day", "reading_before", "reading_after", "quantity", "amount", "list_amount", "user_id",
    "rated_at",
)  # fmt: skip


def bring_together(
    payer_id: str, rows: Iterable[Any], uses: Mapping[str, Any], touched: Container[str]
) -> list[Alike]:
    """A payer's charges, given as rows. `uses` by id; `touched` are those that were withdrawn or corrected."""
    found: dict[Any, Alike] = {}
    for row in rows:
        same = _same(row)
        cause, product_id, order_id = same[:3]
        cause_id, day, before, after, quantity, amount, list_amount, user_id, rated_at = _told(row)
        use = uses.get(cause_id) if cause == "use" else None
        key = (same, rated_at) if cause == "use" and order_id == NONE else same
        one = found.get(key)
        if one is None:
            first = (payer_id, *same, 0, True, False, rated_at, rated_at, None, None)
            one = found[key] = made(*first, [], [], [], [], [], [], [], [], [])
        one.count += 1
        if use is not None:
            right = _is_of(use, payer_id, day, user_id, product_id)
            started = use.started_at
            one.first_started = started if one.first_started is None else min(one.first_started, started)
            one.last_started = started if one.last_started is None else max(one.last_started, started)
            one.brought += [] if use.quantity is None else [whole(use.quantity)]
            one.units.append(use.unit or "")
            one.whose.append((NAMED if use.payer_id else NOT_NAMED) + use.user_id)
        else:
            right = cause == "day" and (cause_id, user_id) == (order_id, NONE)
        one.as_said = one.as_said and right and list_amount == amount
        one.touched = one.touched or cause_id in touched
        one.first_rated, one.last_rated = min(one.first_rated, rated_at), max(one.last_rated, rated_at)
        one.days.append(day.isoformat())
        one.befores.append(whole(before))
        one.afters.append(whole(after))
        one.quantities.append(whole(quantity))
        one.amounts.append(whole(amount))
        if cause != "day":
            one.cause_ids.append(cause_id)
    return list(found.values())


def _is_of(use: Any, payer_id: str, day: date, user_id: str, product_id: str) -> bool:
    return (
        (use.day, use.user_id, use.product_id) == (day, user_id, product_id)
        and use.amount is None
        and use.quantity is not None
        and use.quantity >= 0
        and (use.payer_id or payer_id) == payer_id
    )


def whole(value: Decimal) -> int:
    """An amount or a reading, which have no more than six decimals, in millionths."""
    return int(value * MILLION)
