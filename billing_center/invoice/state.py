"""The life of an invoice: which state follows which. Design: billing rules, "Invoice, deduction, service control".

ISSUED -> SENDING -> SENT -> PAID | FAILED, and FAILED -> PAID when it is paid later. PAID is final.
"""

from enum import StrEnum


class InvoiceState(StrEnum):
    """Where an invoice stands. A zero invoice is born PAID."""

    ISSUED = "ISSUED"
    SENDING = "SENDING"  # its deduction has been handed to a sender, and may have arrived
    SENT = "SENT"  # the account system has accepted the deduction
    PAID = "PAID"
    FAILED = "FAILED"  # the deduction failed: the payer is in arrears


UNSETTLED = (InvoiceState.ISSUED, InvoiceState.SENDING, InvoiceState.SENT)
"""No outcome is known yet."""

DEDUCTIBLE = (InvoiceState.ISSUED, InvoiceState.SENDING)
"""The deduction has not been accepted yet, and no outcome is known."""
