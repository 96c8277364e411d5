"""What a payer has left, now or at any past moment, and every charge that took from it.

A balance is what was granted less the growths of its meter, which its charges tell: so the past can be asked.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing_center.allowance.show_included import IncludedBalance, included_balances
from billing_center.allowance.store import GrantRow, Taken, find_grant, grants_by, taken_by, takings
from billing_center.center import UnitOfWork
from billing_center.clock import civil_day
from billing_center.errors import OutOfRange
from billing_center.ids import NONE
from billing_center.rating.facts import GrantKind, PlanKind
from billing_center.rating.grants import GRANT
from billing_center.rating.unit_conversion import Unit, in_unit, unit_of


@dataclass(frozen=True, slots=True)
class GrantBalance:
    """A grant and what had been taken from it: units of the plan, or money."""

    row: GrantRow
    taken: Decimal
    expired: bool

    @property
    def granted(self) -> Decimal:
        """What there was of it at first."""
        return self.row.grant.quantity

    @property
    def left(self) -> Decimal:
        """What is left of it, were it not expired."""
        return self.row.grant.quantity - self.taken


@dataclass(frozen=True, slots=True)
class GrantExplained:
    """One balance with every charge that moved it; readings are in the plan's unit, or money."""

    balance: GrantBalance
    takings: tuple[Taken, ...]


def balances(work: UnitOfWork, payer_id: str, at: datetime) -> tuple[list[GrantBalance], list[IncludedBalance]]:
    """The payer's grants and the included units of its periods, as they stood at the instant."""
    taken = taken_by(work.connection, payer_id, at)
    by_component: dict[str, Decimal] = {}
    for key, quantity in taken.items():
        by_component[key.component] = by_component.get(key.component, Decimal(0)) + quantity
    rows = grants_by(work.connection, payer_id, at)
    granted = [_balance(work, row, by_component.get(GRANT + row.grant.grant_id, Decimal(0)), at) for row in rows]
    return granted, included_balances(work, payer_id, at, taken)


def explain_included(
    work: UnitOfWork, payer_id: str, product_id: str, balance_id: str, at: datetime, *, order_id: str = NONE
) -> list[Taken]:
    """Every charge that took from included units (`included:2026-03-01`) by the instant."""
    return takings(work.connection, payer_id, balance_id, at, product_id=product_id, order_id=order_id)


def explain_grant(work: UnitOfWork, grant_id: str, at: datetime) -> GrantExplained:
    """One grant and its charges up to the instant. Raises: OutOfRange when there is no such grant."""
    row = find_grant(work.connection, grant_id)
    if row is None or row.granted_at > at:
        raise OutOfRange(f"there was no grant {grant_id!r} at that moment", field="grant_id")
    moved = takings(work.connection, row.payer_id, GRANT + grant_id, at)
    taken = sum((one.after - one.before for one in moved), Decimal(0))
    return GrantExplained(_balance(work, row, taken, at), tuple(moved))


def _balance(work: UnitOfWork, row: GrantRow, taken: Decimal, at: datetime) -> GrantBalance:
    if row.grant.kind is GrantKind.UNITS:
        taken = in_unit(taken, _unit(work, row.grant.product_id))
    day, until = civil_day(at, work.zone), row.grant.valid_to
    return GrantBalance(row, taken, until is not None and until <= day)


def _unit(work: UnitOfWork, product_id: str) -> Unit:
    """The unit of the product's plan per use; pieces for a product that has left the catalog."""
    listed = work.catalog.products.get(product_id)
    versions = listed.product.versions if listed else ()
    return unit_of(next((v.unit for v in reversed(versions) if v.plan is PlanKind.PER_USE), ""))
