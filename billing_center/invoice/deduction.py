"""An invoice as the message that asks the account system to deduct it (chargeAccount).

The payload names the fields of the wire; `rpc` turns them into Hessian objects. Money is decimal strings.
Design: contract, chargeAccount.
"""

from decimal import Decimal
from typing import Any

from billing_center.invoice.invoice import Invoice
from billing_center.invoice.state import InvoiceState
from billing_center.money import MINOR_DIGITS, plain
from billing_center.outbox.message import MessageKind, NewMessage

CURRENCY_FIELDS = {"rmbAmount": "CNY", "twbAmount": "TWD", "usdollarAmount": "USD", "gbAmount": "HKD"}
"""The wire's field for each currency that it has one for; others are in the total and in the items."""


def deduction_id(invoice_id: str) -> str:
    """The message id: one open deduction per invoice, the same id on every try."""
    return f"deduct:{invoice_id}"


def is_deducted(invoice: Invoice) -> bool:
    """Whether its deduction is to be sent: something is due and no outcome is known yet."""
    return invoice.state is InvoiceState.ISSUED and invoice.base_amount > 0


def deduction_of(invoice: Invoice) -> NewMessage:
    """The message for an invoice that was read with its totals and lines."""
    amounts = {total.currency: total.amount for total in invoice.totals}
    payload: dict[str, Any] = {
        "guid": invoice.invoice_id,
        "custId": invoice.cust_id,
        "custName": invoice.cust_name,
        "payerMemId": invoice.payer_id,
        "totalAmount": money_text(invoice.base_amount, invoice.base_currency),
        "item": [
            {
                "guid": f"{invoice.invoice_id}-{line.line_no}",
                "productId": line.product_id,
                "productName": line.product_name,
                "orderCode": line.order_code,
                "currency": line.currency,
                "amount": money_text(line.amount, line.currency),
                "markAmount": money_text(line.list_amount, line.currency),
            }
            for line in invoice.lines
        ],
    }
    for field, currency in CURRENCY_FIELDS.items():
        payload[field] = money_text(amounts.get(currency, Decimal(0)), currency)
    return NewMessage(
        message_id=deduction_id(invoice.invoice_id), kind=MessageKind.DEDUCTION, subject_id=invoice.invoice_id,
        seq=1, payer_id=invoice.payer_id, shard=invoice.shard, payload=payload,
    )  # fmt: skip


def money_text(amount: Decimal, currency: str) -> str:
    """Money as plain text with its currency's decimals: 12.50, 980, 1.125."""
    digits = MINOR_DIGITS.get(currency, 0)
    text = str(amount)
    if digits and text[-digits - 1 : -digits] == "." and text[-digits:].isdigit():
        return text  # as lines are rounded
    return plain(amount, least_digits=MINOR_DIGITS.get(currency, 0))
