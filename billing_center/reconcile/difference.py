"""A difference: what should be, what is, and which rule says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billing_center.ids import NONE
from billing_center.money import plain


class Rule(StrEnum):
    """What was compared. docs/reconciliation.md says for each what a difference means and what to do."""

    CHARGE = "charge"  # a raw fact is charged what the plain computation says, once
    OPENING = "opening"  # a payer's first opening of a product is the earliest that its facts tell
    GRANT = "grant"  # a grant is what its audit entry says, and a package has its charge
    METER = "meter"  # a meter reads what its facts add up to, and its charges tile it
    SUM = "sum"  # a running sum is the total of its facts
    LINE = "line"  # an invoice line is the total of its facts, rounded once
    TOTAL = "total"  # an invoice's total in a currency, its rate and its worth in the base currency
    INVOICE = "invoice"  # an invoice's own sum, period and number
    PERIOD = "period"  # billing periods tile; a charge is in its own, or in the one that was open
    CLOSED = "closed"  # what is closed is invoiced, and only that
    CREDIT = "credit"  # a credit note credits lines of its invoice, within what is left of them
    DEDUCTION = "deduction"  # an invoice that is due has its message, with its amount
    ORDER = "order"  # the mirror of an order is what its changes of state say
    ARREARS = "arrears"  # who is stopped for arrears is in arrears
    OUTBOX = "outbox"  # each decision of service control has its message, sent in order
    USE = "use"  # a use is in exactly one of rated, filtered, waiting, parked, held
    NUMBER = "number"  # invoice numbers have no gap in a year


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `subject` names the row, `detail` the facts behind it as far as they are known."""

    payer_id: str
    rule: Rule
    subject: str
    expected: str
    found: str
    detail: str = ""


NOTHING = "nothing"
"""Stands where a row is not there."""


def told(value: Any) -> str:
    """A value in a difference: decimals without trailing zeros."""
    if isinstance(value, tuple):
        return "(" + " ".join(told(one) for one in value) + ")"
    return plain(value) if isinstance(value, Decimal) else str(value)


def told_fields(values: Mapping[str, Any], names: list[str]) -> str:
    """`amount 12.5, charges 3`: only the fields that differ."""
    return ", ".join(f"{name} {told(values.get(name, NOTHING))}" for name in names)


def compare_fields(
    payer_id: str,
    rule: Rule,
    subject: str,
    expected: Mapping[str, Any] | None,
    found: Mapping[str, Any] | None,
    detail: str = "",
) -> list[Difference]:
    """One difference that names every field which differs, or none."""
    if expected is None or found is None:
        if expected is found:
            return []
        sides = [NOTHING if side is None else told_fields(side, list(side)) for side in (expected, found)]
        return [Difference(payer_id, rule, subject, sides[0], sides[1], detail)]
    names = [name for name, value in expected.items() if value != found.get(name, NOTHING)]
    if not names:
        return []
    sides = [told_fields(expected, names), told_fields(found, names)]
    return [Difference(payer_id, rule, subject, sides[0], sides[1], detail)]


def line_name(order_id: str, product_id: str, currency: str) -> str:
    """`order o1, product mail, CNY`."""
    order = "no order" if order_id == NONE else f"order {order_id}"
    return f"{order}, product {product_id}, {currency}"


def period_name(start: date) -> str:
    """`period from 2026-03-01`."""
    return f"period from {start}"
