"""What a meter reads that is no sum of quantities: number, time, the largest, the latest, users; and factors.

How far a use lets the largest, the latest or the users grow depends on those before it, so its charges are
believed in that; but what the meter reads in the end is told by all uses of the period, in any order.
Design: docs/prices.md; billing rules, "One principle".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from billing_center.reconcile.difference import Rule, told
from billing_center.reconcile.expected import ZERO, fitted, meter_text
from billing_center.reconcile.plain_price import RATED_DIGITS, NotKnown, half_up
from billing_center.reconcile.raw_facts import MeterName, PayerFacts
from billing_center.reconcile.recomputed import Recomputed

BY_HISTORY = ("max", "latest", "unique")
INSTANT = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Factors = Mapping[str, Sequence[tuple[datetime, Decimal]]]
"""The values of each factor with the instants from which they hold, in order."""


@dataclass(slots=True)
class Seen:
    """What the uses of one price meter brought, and how far their charges let it grow."""

    kind: str
    brought: list[tuple[datetime, Decimal, str]] = field(default_factory=list)
    grown: Decimal = ZERO


def brought_by(use: Any, base: Decimal | None, kind: str, size: int) -> Decimal | None:
    """What a use brings by itself, in base units; None where its unit does not convert."""
    if kind in ("count", "unique"):
        return ZERO if use.quantity == 0 else Decimal(size)
    if kind == "time" and base is not None:
        return half_up(Fraction(base) * ((use.ended_at - use.started_at) // INSTANT) / 3_600_000_000, RATED_DIGITS)
    return base


def multiplied(base: Decimal, factors: Factors, name: str, at: datetime) -> Decimal:
    """A quantity times the factor in force at an instant. Raises: NotKnown."""
    if not name:
        return base
    values = [value for since, value in factors.get(name, ()) if since <= at]
    if not values:
        raise NotKnown(f"factor {name} has no value at {at}")
    return half_up(Fraction(base) * Fraction(values[-1]), RATED_DIGITS)


def compare_seen(one: PayerFacts, seen: Mapping[MeterName, Seen], out: Recomputed) -> None:
    """The meters beside price meters, which no charge names, read what their uses brought."""
    for name, of_it in seen.items():
        for told_by, reading in _readings(name, of_it).items():
            out.untold.add(told_by)
            out.meters[told_by] += reading
            if told_by[4] == _beside(name, of_it.kind) and reading != of_it.grown:
                subject, detail = f"meter {meter_text(name)}", f"{of_it.kind} of {len(of_it.brought)} uses"
                out.differ(
                    one.payer_id, Rule.METER, subject, told(reading), f"grown by {told(of_it.grown)}", detail
                )


def _beside(name: MeterName, kind: str) -> str:
    return fitted(f"{name[4]}:{kind}")


def _readings(name: MeterName, of_it: Seen) -> dict[MeterName, Decimal]:
    kind, brought = of_it.kind, of_it.brought
    own = f"{name[4]}:{kind}"
    found = {}
    if kind == "max":
        found[own] = max((base for _, base, _ in brought), default=ZERO)
    elif kind == "latest" and brought:
        at, found[own] = max((at, base) for at, base, _ in brought)
        found[f"{own}:at"] = half_up(Fraction((at - EPOCH) // INSTANT, 10**6), RATED_DIGITS)
    elif kind == "unique":
        users = {user for _, base, user in brought if base}
        found[own] = max((base for _, base, _ in brought), default=ZERO) * len(users)
        for user in users:
            found[f"{own}:{sha256(user.encode()).hexdigest()[:20]}"] = Decimal(1)
    return {(*name[:4], fitted(component)): reading for component, reading in found.items()}
