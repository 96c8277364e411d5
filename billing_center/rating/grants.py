"""Granted balances: units that are included in each period, packages and credits, burned before a price is asked.

A balance is a meter that counts what was taken, for ever, and a limit. Of units, a use takes first those that its
period includes (the oldest carried over before the newer), then what was granted: lower priority number first,
then what expires first, then the older. What it took is a charge of nothing that tells how much is left. Money is
taken from what the charges of a use or day come to, as a charge of the negative amount; what comes back later
(a growth below zero) goes back into the balance. Design: billing rules, "prepaid package"; docs/prices.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing_center.ids import NONE
from billing_center.money import plain
from billing_center.rating.allowance import EVER
from billing_center.rating.facts import Charge, Grant, GrantKind, MeterKey, Meters, Terms, Use
from billing_center.rating.price_version import MeterPer, PriceVersion
from billing_center.rating.unit_conversion import Unit, in_unit

GRANT = "grant:"
"""The components of a grant's meter and of what is taken from it begin with it; the grant's id follows."""

INCLUDED = "included:"
"""The same for what a period includes; its first day follows."""

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Balance:
    """Units that a use may take: the meter of what was taken, and how many there are, in base units."""

    key: MeterKey
    limit: Decimal
    label: str

    @property
    def component(self) -> str:
        """Of the charge that tells what was taken."""
        return self.key.component

    def note(self, taken: Decimal, unit: Unit) -> str:
        """What is left when `taken` units were."""
        return f"{self.label}: {plain(in_unit(self.limit - taken, unit))} left"


def grant_key(payer_id: str, grant: Grant) -> MeterKey:
    """The meter of what a grant gave, ever; in base units, or in money."""
    return MeterKey(payer_id, grant.product_id, NONE, EVER, NONE, GRANT + grant.grant_id)


def balances_of(use: Use, version: PriceVersion, terms: Terms, unit: Unit, day: date) -> list[Balance]:
    """The balances of units that the use may take, in the order in which it takes them."""
    included = [] if version.included is None else list(_included(use, version, terms, unit))
    granted = [
        Balance(grant_key(use.payer_id, grant), grant.quantity * unit.size, f"granted {grant.grant_id}")
        for grant in in_order(terms.grants, GrantKind.UNITS, use.product_id, day)
    ]
    return included + granted


def in_order(grants: Sequence[Grant], kind: GrantKind, product_id: str, day: date) -> list[Grant]:
    """The grants of a kind that hold for the product on the day, in the order in which they are burned."""
    holding = [
        grant
        for grant in grants
        if grant.kind is kind
        and grant.product_id in (product_id, NONE)
        and grant.valid_from <= day
        and (grant.valid_to is None or day < grant.valid_to)
    ]
    return sorted(holding, key=lambda g: (g.priority, g.valid_to or date.max, g.valid_from, g.grant_id))


def _included(use: Use, version: PriceVersion, terms: Terms, unit: Unit) -> Iterator[Balance]:
    """What the period includes, and before it what earlier ones left over, oldest first."""
    if version.included is None:
        return
    per_order = version.meter_per is MeterPer.ORDER
    since = terms.order_start if per_order else terms.first_opening
    for start in included_starts(version, terms.period.start, terms.earlier_periods, since):
        component = f"{INCLUDED}{start.isoformat()}"
        order_id = use.order_id if per_order else NONE
        key = MeterKey(use.payer_id, use.product_id, order_id, EVER, version.version_id, component)
        yield Balance(key, version.included.units * unit.size, f"included from {start}")


def included_starts(
    version: PriceVersion, period_start: date, earlier: Sequence[date], since: date | None
) -> list[date]:
    """The first days of the periods whose included units hold in a period, the oldest first.

    `earlier` are the periods before it, the latest first; `since` is the first day of the payer (order).
    """
    starts = [period_start]
    for start in earlier[: version.included.carry_over if version.included else 0]:
        # A period counts if it ended after the payer (order) had begun and after the version was in force.
        if since is None or starts[-1] <= since or starts[-1] <= version.valid_from:
            break
        starts.append(start)
    return starts[::-1]


def credit_keys(payer_id: str, product_id: str, grants: Sequence[Grant], day: date) -> list[MeterKey]:
    """The meters that `take_credits` reads for a use or day of the product."""
    return [grant_key(payer_id, grant) for grant in in_order(grants, GrantKind.MONEY, product_id, day)]


def take_credits(charges: Sequence[Charge], grants: Sequence[Grant], meters: Meters) -> list[Charge]:
    """What the granted money pays of the charges of one use or day, as charges of negative amounts.

    Where the charges come to less than nothing, the money goes back to the grants, the last one burned first.
    """
    if not charges or not grants:
        return []
    first = charges[0]
    owed = sum((c.amount for c in charges), _ZERO)
    found: list[Charge] = []
    holding = [
        grant
        for grant in in_order(grants, GrantKind.MONEY, first.product_id, first.day)
        if grant.currency == first.currency
    ]
    for grant in holding if owed > 0 else reversed(holding):
        key = grant_key(first.payer_id, grant)
        taken = meters.readings.get(key, _ZERO)
        by = min(owed, grant.quantity - taken) if owed > 0 else max(owed, -taken)
        if by:
            grown = meters.advance(key, by)
            found.append(_credit(first, grant, key, by, grown))
            owed -= by
    return found


def _credit(of: Charge, grant: Grant, key: MeterKey, by: Decimal, grown: tuple[Decimal, Decimal]) -> Charge:
    left = plain(grant.quantity - grown[1], least_digits=2)
    return replace(
        of, component=key.component, quantity=_ZERO, amount=-by, list_amount=_ZERO, meter=key,
        reading_before=grown[0], reading_after=grown[1], note=f"credit {grant.grant_id}: {left} left",
    )  # fmt: skip
