"""feedbackUser(payerMemId) -> String: "1" when the payer is not in arrears, "-1" when it is. Design: contract."""

from billing_center.settlement.arrears import in_arrears
from rpc.fields import read_text
from rpc.operation import Asked, Operation, Reading
from rpc.outcome import DONE, KEPT_REFUSAL


def prepare(asked: Asked) -> Reading:
    """The question; a payer without invoices, also one that nobody knows, is not in arrears."""
    payer_id = read_text(asked.arguments[0], "payerMemId", required=True)
    return Reading(lambda work: KEPT_REFUSAL if in_arrears(work, payer_id) else DONE)


FEEDBACK_USER = Operation(
    name="feedbackUser", parameters=("payerMemId",), prepare=prepare, summary="whether a payer is in arrears"
)
