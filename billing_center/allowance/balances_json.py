"""Balances as plain data for JSON, grants and included units under the same names."""

from collections.abc import Sequence
from typing import Any

from billing_center.allowance.show_balances import GrantBalance
from billing_center.allowance.show_included import IncludedBalance
from billing_center.ids import NONE
from billing_center.money import plain


def balances_as_plain(granted: Sequence[GrantBalance], included: Sequence[IncludedBalance]) -> dict[str, Any]:
    """What a payer has: `grants` (units or money) and `included` (units of periods); quantities are text."""
    return {
        "grants": [
            {
                "grant_id": one.row.grant.grant_id,
                "kind": one.row.grant.kind.value,
                "product_id": "" if one.row.grant.product_id == NONE else one.row.grant.product_id,
                "package_id": one.row.package_id,
                "currency": one.row.grant.currency,
                "priority": one.row.grant.priority,
                "valid_from": one.row.grant.valid_from,
                "valid_to": one.row.grant.valid_to,
            }
            | _quantities(one)
            for one in granted
        ],
        "included": [
            {
                "balance_id": one.balance_id,
                "product_id": one.product_id,
                "order_id": "" if one.order_id == NONE else one.order_id,
                "version_id": one.version_id,
                "unit": one.unit,
                "valid_from": one.period_start,
                "valid_to": one.valid_to,
            }
            | _quantities(one)
            for one in included
        ],
    }


def _quantities(one: GrantBalance | IncludedBalance) -> dict[str, Any]:
    return {
        "granted": plain(one.granted),
        "taken": plain(one.taken),
        "left": plain(one.left),
        "expired": one.expired,
    }
