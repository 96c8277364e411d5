"""What open periods would lack of their minimum commitments at their end, if nothing more came than is expected.

Where it stands in the walk: beside `order/true_up`, which books it when a period is closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing_center.center import UnitOfWork
from billing_center.foresight.expected_sums import billing_periods
from billing_center.foresight.rate_in_memory import PayerFacts
from billing_center.order.charged_in_period import SumKey
from billing_center.order.commitment import is_committed
from billing_center.order.store import OrderRow
from billing_center.order.true_up import lacking
from billing_center.rating.facts import Charge


@dataclass(frozen=True, slots=True)
class TrueUp:
    """What one order's open period would be charged to reach its commitment if nothing more came; rated."""

    period_start: date
    order_id: str
    product_id: str
    currency: str
    amount: Decimal
    note: str  # up to which amount, and what is charged by now

    @classmethod
    def of(cls, charge: Charge, facts: PayerFacts) -> "TrueUp":
        """A charge that nobody booked, in the period that it would be billed in."""
        period = billing_periods(facts)(charge.payer_id, charge.day)
        return cls(period.start, charge.order_id, charge.product_id, charge.currency, charge.amount, charge.note)


def true_ups(
    work: UnitOfWork, facts: PayerFacts, orders: Sequence[OrderRow], *, more: Mapping[SumKey, Decimal]
) -> list[Charge]:
    """What the open periods of these payers, the running one too, lack of their commitments; not booked.

    `more` is what is expected beside what is booked. Without a commitment nothing is asked.
    """
    committed = {order.payer_id for order in orders if is_committed(work, order)}
    found: list[Charge] = []
    for payer_id in sorted(committed):
        payer = facts.payers[payer_id]
        end = facts.schedules[payer_id].period_of(max(work.today, payer.closed_until)).end
        found += lacking(work, {payer_id: payer}, on=end, more=more)[0]
    return found
