"""What the codec writes, Caucho's own reader reads, and the other way round: bytes over HTTP, no door between."""

import urllib.request
from collections.abc import Callable
from decimal import Decimal

import pytest

from rpc.hessian import FaultReply, HObject, ReplyForm, decode_reply, encode_call
from tests.peers.java_kit import JavaServer

pytestmark = pytest.mark.java

ITEM = {
    "guid": "it-1",
    "productId": "prod-1",
    "productName": "邮箱 📮",
    "orderCode": "OC1",
    "currency": "RMB",
    "amount": Decimal("60.00"),
    "markAmount": Decimal("75.50"),
}
INVOICE = {
    "guid": "inv-1",
    "custId": "c-1",
    "custName": "客户",
    "payerMemId": "pm-1",
    "totalAmount": Decimal("60.00"),
    "rmbAmount": Decimal("60.00"),
    "twbAmount": Decimal("0"),
    "usdollarAmount": Decimal("0"),
    "gbAmount": Decimal("0"),
}


def charge_account(url: str, form: ReplyForm) -> object:
    item = HObject("com.alibaba.billing.model.InvoiceItem", ITEM)
    invoice = HObject("com.alibaba.billing.model.Invoice", {**INVOICE, "item": [item]})
    request = urllib.request.Request(url, encode_call("chargeAccount", [invoice], form), method="POST")
    with urllib.request.urlopen(request, timeout=20) as reply:
        return decode_reply(reply.read())


@pytest.mark.parametrize("form", list(ReplyForm))
def test_a_java_server_receives_the_invoice_with_every_digit_and_letter(
    java_account_system: Callable[..., JavaServer], form: ReplyForm
) -> None:
    server = java_account_system("1")

    assert charge_account(server.url, form) == "1"

    operation, [invoice] = server.received()
    assert (operation, invoice.class_name) == ("chargeAccount", "com.alibaba.billing.model.Invoice")
    assert {name: invoice.fields[name] for name in INVOICE} == INVOICE
    assert str(invoice.fields["rmbAmount"]) == "60.00"
    [item] = invoice.fields["item"]
    assert (item.class_name, item.fields) == ("com.alibaba.billing.model.InvoiceItem", ITEM)


@pytest.mark.parametrize("form", list(ReplyForm))
def test_an_exception_of_a_java_server_is_a_fault_with_its_message(
    java_account_system: Callable[..., JavaServer], form: ReplyForm
) -> None:
    server = java_account_system("2", "throw")

    assert charge_account(server.url, form) == "2"
    with pytest.raises(FaultReply) as caught:
        charge_account(server.url, form)

    assert (caught.value.code, caught.value.message) == ("ServiceException", "the account system has a bad day")
