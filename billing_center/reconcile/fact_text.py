"""Charges and the raw facts behind them, in words for a difference."""

from datetime import UTC
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.difference import told
from billing_center.reconcile.raw_facts import Facts

OF_USE = ("use", "withdrawal", "rerate_use")


def charge_name(row: Any) -> str:
    """`use u1 on 2026-03-05: CNY` or `order o1 on 2026-03-05: CNY`."""
    kind = {"day": "order", "rerate_day": "order"}.get(row.cause, "use" if row.cause in OF_USE else row.cause)
    return f"{kind} {row.cause_id} on {row.day}: {row.component}"


def fact_text(facts: Facts, cause: str, cause_id: str) -> str:
    """The raw facts behind a charge."""
    if cause in OF_USE:
        use = facts.uses.get(cause_id)
        if use is None:
            return f"use {cause_id} is not there"
        told_amount = f"amount {told(use.amount)}" if use.amount is not None else ""
        quantity = f"{told(use.quantity)} {use.unit}".strip() if use.quantity is not None else ""
        payer = use.payer_id or NONE
        return (
            f"use {use.event_id} of {use.product_id} by {use.user_id}, payer {payer}, "
            f"{use.started_at.astimezone(UTC):%Y-%m-%d %H:%M}Z: {quantity} {told_amount}".rstrip()
        )
    changes = facts.changes.get(cause_id, ())
    return "; ".join(f"{change.at:%Y-%m-%d %H:%M}Z {change.to_state}" for change in changes[-6:])
