"""What goes out: deductions and service commands, received by Caucho's own server."""

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from billing_center.outbox.message import Answer, Message, MessageKind, Outcome
from billing_center.settings import Settings
from rpc.account_system import charge_account
from rpc.client import HessianClient
from rpc.order_system import control_service
from tests.peers.java_kit import JavaServer

pytestmark = pytest.mark.java

ITEM = {
    "guid": "inv-1-1",
    "productId": "mail",
    "productName": "企业邮箱 📮",
    "orderCode": "OC-1",
    "currency": "CNY",
    "amount": "60.00",
    "markAmount": "75.50",
}
INVOICE = {
    "guid": "inv-1",
    "custId": "customer-1",
    "custName": "",
    "payerMemId": "payer-1",
    "totalAmount": "60.00",
    "rmbAmount": "60.00",
    "twbAmount": "0.00",
    "usdollarAmount": "0.00",
    "gbAmount": "0.00",
    "item": [ITEM],
}
COMMAND = {"orderId": "order-1", "action": "SUSPEND", "reason": "arrears", "seq": 1}


def message(kind: MessageKind, payload: object) -> Message:
    text = json.dumps(payload)
    return Message("m-1", kind, "subject", 1, "payer-1", text, tries=0, lease_owner="test")


def charge(url: str) -> Answer:
    with HessianClient(url, timeout_s=20) as client:
        return charge_account(client, Settings(), message(MessageKind.DEDUCTION, INVOICE))


def test_a_java_account_system_receives_the_whole_invoice(
    java_account_system: Callable[..., JavaServer],
) -> None:
    server = java_account_system("1")

    assert charge(server.url).outcome is Outcome.ACCEPTED
    operation, [invoice] = server.received()
    assert (operation, invoice.class_name) == ("chargeAccount", "com.alibaba.billing.model.Invoice")
    assert (invoice.fields["guid"], invoice.fields["custName"]) == ("inv-1", None)
    assert str(invoice.fields["totalAmount"]) == str(invoice.fields["rmbAmount"]) == "60.00"
    [item] = invoice.fields["item"]
    assert item.class_name == "com.alibaba.billing.model.InvoiceItem"
    assert item.fields == {**ITEM, "amount": Decimal("60.00"), "markAmount": Decimal("75.50")}


def test_the_same_guid_is_sent_on_every_try(java_account_system: Callable[..., JavaServer]) -> None:
    server = java_account_system("2", "throw", "1")

    answers = [charge(server.url) for _ in range(3)]

    assert [answer.outcome for answer in answers] == [Outcome.REFUSED, Outcome.REFUSED, Outcome.ACCEPTED]
    assert "the account system has a bad day" in answers[1].text
    assert [server.received()[1][0].fields["guid"] for _ in range(3)] == ["inv-1"] * 3


def test_a_java_order_system_receives_the_command(java_account_system: Callable[..., JavaServer]) -> None:
    server = java_account_system("1")

    with HessianClient(server.url, timeout_s=20) as client:
        answer = control_service(client, "controlService", message(MessageKind.CONTROL, COMMAND))

    assert answer.outcome is Outcome.ACCEPTED
    assert server.received() == ("controlService", ["order-1", "SUSPEND", "arrears"])
