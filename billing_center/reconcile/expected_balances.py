"""What a use takes of units that its period includes or that were granted, and what granted money pays.

Units: first what the period includes, the oldest carried over before the newer, then what was granted. Granted, of
units and of money alike: the lower priority number first, then what ends first, then what began first, then by id.
Design: billing rules, "prepaid package"; docs/prices.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.expected import ZERO, ExpectedCharge
from billing_center.reconcile.known_then import Version
from billing_center.reconcile.plain_days import DAY
from billing_center.reconcile.plain_units import kind_and_size
from billing_center.reconcile.raw_facts import EVER, MeterName, PayerFacts


@dataclass(frozen=True, slots=True)
class Balance:
    """A limit, in base units, and the meter of what was taken of it."""

    component: str
    meter: MeterName
    limit: Decimal


def balances(
    one: PayerFacts, version: Version, *, product_id: str, day: date, at: datetime, order: Any, since: date | None
) -> list[Balance]:
    """The units that a use of the day may take, in order. `since`: when payer (order) began with the product."""
    size = kind_and_size(version.document["unit"])[1]
    found = []
    included = version.document.get("included")
    if included is not None:
        per_order = version.document["meter_per"] == "order"
        order_id = order.order_id if per_order and order is not None else NONE
        for start in _carried(one, version, int(included["carry_over"]), day, since):
            name = f"included:{start}"
            meter = (product_id, order_id, EVER, version.version_id, name)
            found.append(Balance(name, meter, Decimal(included["units"]) * size))
    for grant in grants(one, "UNITS", product_id, day, at):
        found.append(Balance(f"grant:{grant.grant_id}", grant_meter(grant), grant.quantity * size))
    return found


def _carried(one: PayerFacts, version: Version, carry_over: int, day: date, since: date | None) -> Iterator[date]:
    """First days of the periods that a use of the day may take of: oldest first, its own last.

    An earlier one counts if it ended after the payer (order) had begun and after the version was in force.
    """
    periods = one.terms.billing_days
    starts = [periods.period(day)[0]]
    while len(starts) <= carry_over and since is not None and starts[-1] > max(since, version.valid_from):
        starts.append(periods.period(starts[-1] - DAY)[0])
    yield from reversed(starts)


def grant_meter(grant: Any) -> MeterName:
    """The meter of what a grant gave."""
    return NONE, NONE, EVER, NONE, f"grant:{grant.grant_id}"


def grants(one: PayerFacts, kind: str, product_id: str, day: date, at: datetime) -> list[Any]:
    """The payer's grants of a kind that were known at the instant and hold on the day, in order."""
    holding = [
        grant
        for grant in one.grants
        if grant.kind == kind
        and grant.product_id in (product_id, NONE)
        and grant.granted_at <= at
        and grant.valid_from <= day
        and (grant.valid_to is None or day < grant.valid_to)
    ]
    return sorted(holding, key=lambda g: (g.priority, g.valid_to or date.max, g.valid_from, g.grant_id))


def paid_by_credits(
    one: PayerFacts,
    charges: Sequence[ExpectedCharge],
    charged: Mapping[str, Any],
    at: datetime,
    held: Callable[[MeterName], Decimal] | None = None,
) -> list[ExpectedCharge]:
    """What granted money pays of the charges of one use or day; below nothing, what goes back to it.

    What a grant had given before is told by the charge of it in `charged`, or by `held`.
    """
    if not charges or not one.grants:
        return []
    first = charges[0]
    owed = sum((charge.amount for charge in charges), ZERO)
    holding = [
        grant
        for grant in grants(one, "MONEY", first.product_id, first.day, at)
        if grant.currency == first.currency
    ]
    found = []
    for grant in holding if owed > 0 else reversed(holding):
        name = grant_meter(grant)
        row = charged.get(name[4])
        if held is not None:
            before = held(name)
        elif row is not None:
            before = row.reading_before
        else:  # nothing was taken: nothing may have been left
            before = one.most_read(name, at) if owed > 0 else one.least_read(name, at)
        by = min(owed, max(ZERO, grant.quantity - before)) if owed > 0 else max(owed, -max(ZERO, before))
        if by:
            found.append(_credit(first, name, by))
            owed -= by
    return found


def _credit(of: ExpectedCharge, name: MeterName, by: Decimal) -> ExpectedCharge:
    return ExpectedCharge(
        of.day, of.cause, of.cause_id, name[4], of.order_id, of.product_id, of.user_id, of.currency,
        of.version_id, of.promotion_id, ZERO, -by, ZERO, name, by,
    )  # fmt: skip
