"""What a payer would be invoiced now: the running sums of its open periods, through the bill run's own rules."""

from billing_center.center import UnitOfWork
from billing_center.errors import ResultCode, Unknown
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.make_invoice import make_invoice
from billing_center.invoice.read_issuing import read_issuing
from billing_center.invoice.store import open_sums
from billing_center.payer.store import payers


def preview_invoice(work: UnitOfWork, payer_id: str) -> list[Invoice]:
    """One invoice per open period that has charges, oldest first; nothing is written.

    Charges that are rated later change it. Exchange rates are those known now for the billing day to come.
    Raises: Unknown (UNKNOWN_PAYER); NoPrice when a currency has no exchange rate.
    """
    payer = payers(work.connection, [payer_id]).get(payer_id)
    if payer is None:
        message = f"payerMemId {payer_id!r} is no payer that is known"
        raise Unknown(message, code=ResultCode.UNKNOWN_PAYER, field="payerMemId", payer_id=payer_id)
    periods = open_sums(work.connection, [payer_id]).get(payer_id, {})
    issuing = read_issuing(work, (row for rows in periods.values() for row in rows), run_id="preview")
    return [make_invoice(payer, rows, issuing) for rows in periods.values()]
