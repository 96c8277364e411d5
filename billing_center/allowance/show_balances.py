"""What a payer has left, now or at any past moment, and every charge that took from it.

A balance is what was granted less the growths of its meter, which its charges tell: so the past can be asked.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing_center.allowance.store import GrantRow, Taken, find_grant, grants_by, taken_by, takings
from billing_center.center import UnitOfWork
from billing_center.clock import civil_day
from billing_center.errors import OutOfRange
from billing_center.rating.facts import GrantKind, PlanKind
from billing_center.rating.grants import GRANT, INCLUDED
from billing_center.rating.unit_conversion import Unit, in_unit, unit_of


@dataclass(frozen=True, slots=True)
class GrantBalance:
    """A grant and what had been taken from it: units of the plan, or money."""

    row: GrantRow
    taken: Decimal
    expired: bool

    @property
    def left(self) -> Decimal:
        """What is left of it, were it not expired."""
        return self.row.grant.quantity - self.taken


@dataclass(frozen=True, slots=True)
class IncludedTaken:
    """What was taken of the units that one period (its first day) included."""

    product_id: str
    period_start: str
    taken: Decimal


@dataclass(frozen=True, slots=True)
class GrantExplained:
    """One balance with every charge that moved it; readings are in the plan's unit, or money."""

    balance: GrantBalance
    takings: tuple[Taken, ...]


def balances(work: UnitOfWork, payer_id: str, at: datetime) -> tuple[list[GrantBalance], list[IncludedTaken]]:
    """The payer's grants as they stood at the instant, and what was taken of included units by then."""
    taken = taken_by(work.connection, payer_id, at)
    by_component: dict[str, Decimal] = {}
    for (component, _), quantity in taken.items():
        by_component[component] = by_component.get(component, Decimal(0)) + quantity
    rows = grants_by(work.connection, payer_id, at)
    included = [
        IncludedTaken(product_id, component.removeprefix(INCLUDED), in_unit(quantity, _unit(work, product_id)))
        for (component, product_id), quantity in sorted(taken.items())
        if component.startswith(INCLUDED)
    ]
    return [
        _balance(work, row, by_component.get(GRANT + row.grant.grant_id, Decimal(0)), at) for row in rows
    ], included


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
