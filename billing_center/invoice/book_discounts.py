"""What promotions over invoices take off, booked in the transaction that issues them, so that an invoice stays the
sum of the charges of its period.

Where it stands in the walk: after `make_invoice`, before the running sums are tied to the invoices.
"""

from collections.abc import Iterable, Mapping, Sequence

from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.invoice.invoice import RunningSum
from billing_center.invoice.make_invoice import Issuing, taken_off
from billing_center.payer.store import PayerRow, schedules_of
from billing_center.period import ONE_DAY
from billing_center.rating.discount_shares import discount_charges
from billing_center.rating.facts import Charge, Meters


def book_discounts(
    work: UnitOfWork, payers: Mapping[str, PayerRow], periods: Iterable[Sequence[RunningSum]], issuing: Issuing
) -> None:
    """Book the shares of each period's lines as charges of its last day. The payers' rows must be locked."""
    if not issuing.over_invoices:
        return
    made: list[Charge] = []
    for sums in periods:
        day = min(row.period_end for row in sums) - ONE_DAY
        made += discount_charges(taken_off(sums, issuing), payer_id=sums[0].payer_id, day=day)
    if made:
        chosen = {charge.payer_id: payers[charge.payer_id] for charge in made}
        schedules = schedules_of(work.connection, chosen.values())
        book(work, made, Meters(), payers=chosen, schedules=schedules, run_id=issuing.run_id)
