"""A person has looked at a flagged invoice and says why nothing is left to do: the flag goes, the audit keeps why.

What flags an invoice: a total that is not positive, a notice that comes too late, a credit note whose deduction is
out. It may be flagged again. Design: billing rules, "Invoice, deduction, service control"; field problem 4.
"""

from billing_center.audit.write_entry import write_entry
from billing_center.center import UnitOfWork
from billing_center.errors import MissingField, OutOfRange
from billing_center.invoice.change_state import clear_flag_of
from billing_center.invoice.show_invoice import find_invoice

_WHY_LONGEST = 400


def clear_flag(work: UnitOfWork, id_or_number: str, *, why: str) -> bool:
    """Clear the invoice's flag; False when it had none, and nothing is done. State and money stay.

    Raises: Unknown (UNKNOWN_INVOICE); MissingField without a reason; OutOfRange for one that is too long.
    """
    why = why.strip()
    if not why:
        raise MissingField("clearing a flag needs a reason", field="why")
    if len(why) > _WHY_LONGEST:
        raise OutOfRange(f"a reason has at most {_WHY_LONGEST} characters", field="why")
    invoice_id = find_invoice(work.connection, id_or_number).invoice_id
    if not clear_flag_of(work.connection, invoice_id):
        return False
    write_entry(work, "invoice_flag_cleared", invoice_id, {"why": why})
    return True
