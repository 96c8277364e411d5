"""Deductions go out: an invoice as chargeAccount(Invoice) over Hessian to the account system.

Where it stands in the walk: the last step of an invoice; the outbox calls it. "1" is the only acceptance; "2", a
fault, a time-out and a broken connection are not, and the same guid is sent again. Design: contract,
"chargeAccount"; wire, section 1 (a `c 1 0` call is read by every Java server).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from billing_center.outbox.message import Answer, Message, Outcome, Sender
from billing_center.settings import Settings
from rpc.answer_reading import answer_of
from rpc.client import HessianClient
from rpc.hessian import HObject, Value
from rpc.sent_objects import big_decimal, sent

AMOUNTS = frozenset(
    ("totalAmount", "rmbAmount", "twbAmount", "usdollarAmount", "gbAmount", "amount", "markAmount")
)
"""Fields of Invoice and InvoiceItem that are BigDecimal; the message holds them as decimal text."""

TAKEN = "1"


def account_system(settings: Settings) -> Sender | None:
    """What sends deductions; None while the setting `account_system_url` is empty: they wait then."""
    if not settings.account_system_url:
        return None
    client = HessianClient(
        settings.account_system_url,
        settings.account_system_user,
        settings.account_system_password.get_secret_value(),
        timeout_s=settings.send_timeout_s,
    )

    def send(message: Message) -> Answer:
        return charge_account(client, settings, message)

    return send


def charge_account(client: HessianClient, settings: Settings, message: Message) -> Answer:
    """Send one deduction; returns an Answer for every way the account system may behave."""
    invoice = invoice_object(settings, message.fields)
    return answer_of(lambda: client.call(settings.account_system_method, invoice), _meaning)


def _meaning(value: Value) -> Answer:
    if isinstance(value, str) and value.strip() == TAKEN:
        return Answer(Outcome.ACCEPTED, TAKEN)
    text = value if isinstance(value, str) else type(value).__name__
    return Answer(Outcome.REFUSED, f"answered {text[:100]!r}")


def invoice_object(settings: Settings, fields: Mapping[str, Any]) -> HObject:
    """The Invoice with its items, under the class names of the settings; an untyped list, as Java's ArrayList."""
    made = {name: _value(settings, name, value) for name, value in fields.items() if name != "item"}
    made["item"] = [
        sent(settings, "InvoiceItem", {name: _value(settings, name, value) for name, value in item.items()})
        for item in fields["item"]
    ]
    return sent(settings, "Invoice", made)


def _value(settings: Settings, name: str, value: Any) -> Value:
    if name in AMOUNTS:
        return big_decimal(settings, Decimal(value))
    return None if value == "" else str(value)
