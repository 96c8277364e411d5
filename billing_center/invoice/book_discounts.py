"""What promotions over invoices take off, booked in the transaction that issues them, so that an invoice stays the
sum of the charges of its period.

Where it stands in the walk: after `bill_sums`, before the running sums are tied to the invoices.
"""

from collections.abc import Mapping, Sequence

from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.invoice.bill_sums import Bill
from billing_center.payer.store import PayerRow, schedules_of
from billing_center.period import ONE_DAY
from billing_center.rating.discount_shares import discount_charges
from billing_center.rating.facts import Meters


def book_discounts(
    work: UnitOfWork, payers: Mapping[str, PayerRow], bills: Mapping[str, Sequence[Bill]], *, run_id: str
) -> None:
    """Book the shares of each payer's invoices as charges of the periods' last days. The payers' rows must be
    locked."""
    made = [
        charge
        for payer_id, of_payer in bills.items()
        for bill in of_payer
        for charge in discount_charges(bill.shares, payer_id=payer_id, day=bill.period_end - ONE_DAY)
    ]
    if made:
        chosen = {charge.payer_id: payers[charge.payer_id] for charge in made}
        schedules = schedules_of(work.connection, chosen.values())
        book(work, made, Meters(), payers=chosen, schedules=schedules, run_id=run_id)
