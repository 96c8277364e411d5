"""payCallback(invoiceId, state) -> String: how a deduction ended. Design: contract, "payCallback"."""

from billing_center.settlement.record_callback import RecordCallback, record_callback
from rpc.fields import read_text
from rpc.operation import Asked, Operation, Writing

INVOICE_ID_LENGTH = 80


def prepare(asked: Asked) -> Writing:
    """The account system's word for how the deduction of an invoice ended."""
    invoice_id, state = asked.arguments
    command = RecordCallback(
        invoice_id=read_text(invoice_id, "invoiceId", required=True, longest=INVOICE_ID_LENGTH),
        word=read_text(state, "state", required=True),
    )
    return Writing(command, verb=record_callback)


PAY_CALLBACK = Operation(
    name="payCallback", parameters=("invoiceId", "state"), prepare=prepare, summary="how a deduction ended"
)
