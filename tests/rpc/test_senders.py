"""Deductions and service commands as they go out: real HTTP to a small server that answers what it is told to."""

import json
import socket
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from billing_center.outbox.message import Answer, Message, MessageKind, Outcome
from billing_center.settings import Settings
from rpc.client import AnswerTooLate, HessianClient, NotSent
from rpc.hessian import (
    Fault,
    HObject,
    JavaThrowable,
    ReplyForm,
    as_decimal,
    decode_call,
    encode_fault,
    encode_reply,
)
from rpc.order_system import MESSAGE_ID, SEQUENCE, SIGNATURE, sign
from rpc.senders import senders_of


class Peer(ThreadingHTTPServer):
    """Answers each POST with the next of `answers`: (status, body), None to hang up, a wait to be late."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Any] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.connections = 0
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/service"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Peer

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((dict(self.headers), body))
        answer = self.server.answers.pop(0)
        if answer is None:
            self.close_connection = True
            return
        if answer == "late":
            self.server.released.wait(20)
            self.close_connection = True
            return
        status, content = answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def peer() -> Iterator[Peer]:
    server = Peer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


DEDUCTION = {
    "guid": "p-1-20260301",
    "custId": "c-1",
    "custName": "",
    "payerMemId": "p-1",
    "totalAmount": "100.00",
    "rmbAmount": "100.00",
    "twbAmount": "0",
    "usdollarAmount": "0",
    "gbAmount": "0",
    "item": [
        {
            "guid": "p-1-20260301-1",
            "productId": "mail",
            "productName": "企业邮箱",
            "orderCode": "C-1",
            "currency": "CNY",
            "amount": "100.00",
            "markAmount": "125.00",
        }
    ],
}


def message(kind: MessageKind, payload: dict[str, Any], *, seq: int = 1) -> Message:
    text = json.dumps(payload)
    return Message(f"m:{seq}", kind, "subject", seq, "p-1", text, tries=0, lease_owner="me")


def settings(peer: Peer, **changes: Any) -> Settings:
    urls = {"account_system_url": peer.url, "order_system_url": peer.url, "send_timeout_s": 0.5}
    return Settings(**{**urls, **changes})


def charge(peer: Peer, answer: Any, **changes: Any) -> Answer:
    peer.answers.append(answer)
    return senders_of(settings(peer, **changes))[MessageKind.DEDUCTION](message(MessageKind.DEDUCTION, DEDUCTION))


def test_a_deduction_is_an_invoice_with_decimals_in_the_oldest_call_there_is(peer: Peer) -> None:
    answer = charge(peer, (200, encode_reply("1", ReplyForm.HESSIAN_1)), account_system_user="billing")
    assert answer.outcome is Outcome.ACCEPTED
    ((headers, body),) = peer.requests
    assert body.startswith(b"c\x01\x00")
    assert headers["Authorization"].startswith("Basic ")
    call = decode_call(body)
    assert call.method == "chargeAccount"
    (invoice,) = call.arguments
    assert isinstance(invoice, HObject)
    assert invoice.type_name == "com.alibaba.billing.model.Invoice"
    assert as_decimal(invoice.fields["totalAmount"]) == Decimal("100.00")
    assert invoice.fields["custName"] is None
    (item,) = invoice.fields["item"]
    assert item.type_name == "com.alibaba.billing.model.InvoiceItem"
    assert item.fields["markAmount"] == HObject("java.math.BigDecimal", {"value": "125.00"})
    assert item.fields["productName"] == "企业邮箱"


def test_class_and_method_names_are_the_receivers(peer: Peer) -> None:
    names = {"Invoice": "x.Bill", "InvoiceItem": "x.Line", "BigDecimal": "x.Money"}
    charge(peer, (200, encode_reply("1", ReplyForm.HESSIAN_2)), class_names=names, account_system_method="pay")
    call = decode_call(peer.requests[0][1])
    (invoice,) = call.arguments
    assert isinstance(invoice, HObject)
    assert (call.method, invoice.type_name, invoice.fields["item"][0].type_name) == ("pay", "x.Bill", "x.Line")
    assert invoice.fields["rmbAmount"] == HObject("x.Money", {"value": "100.00"})


FAULT = Fault("ServiceException", "no money", JavaThrowable("java.lang.RuntimeException", "no money"))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, encode_reply("2", ReplyForm.HESSIAN_1)), Outcome.REFUSED),
        ((200, encode_reply(None, ReplyForm.HESSIAN_1)), Outcome.REFUSED),
        ((200, encode_fault(FAULT, ReplyForm.HESSIAN_1)), Outcome.REFUSED),
        ((200, encode_fault(FAULT, ReplyForm.HESSIAN_2)), Outcome.REFUSED),
        ((200, encode_fault(FAULT, ReplyForm.HESSIAN_1)[3:-1]), Outcome.REFUSED),
        ((403, b"go away"), Outcome.REFUSED),
        ((502, b"bad gateway"), Outcome.UNKNOWN),
        ((200, b"<html>"), Outcome.UNKNOWN),
        (None, Outcome.UNKNOWN),
        ("late", Outcome.UNKNOWN),
    ],
)
def test_only_1_is_an_acceptance(peer: Peer, answer: Any, outcome: Outcome) -> None:
    found = charge(peer, answer)
    assert (found.outcome, bool(found.text)) == (outcome, True)
    assert len(peer.requests) == 1


def test_a_peer_that_is_not_there_has_certainly_not_taken_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        sender = senders_of(Settings(account_system_url=url))[MessageKind.DEDUCTION]
        assert sender(message(MessageKind.DEDUCTION, DEDUCTION)).outcome is Outcome.REFUSED
        with pytest.raises(NotSent):
            HessianClient(url).call("x")


COMMAND = {"orderId": "o-1", "action": "SUSPEND", "reason": "arrears", "seq": 4}


def test_a_service_command_is_called_over_hessian(peer: Peer) -> None:
    peer.answers.append((200, encode_reply("1", ReplyForm.HESSIAN_1)))
    sender = senders_of(settings(peer))[MessageKind.CONTROL]
    assert sender(message(MessageKind.CONTROL, COMMAND, seq=4)).accepted
    call = decode_call(peer.requests[0][1])
    assert (call.method, call.arguments) == ("controlService", ("o-1", "SUSPEND", "arrears"))


def test_a_webhook_is_signed_and_numbered(peer: Peer) -> None:
    peer.answers += [(204, b""), (409, b""), (500, b"")]
    kind = {"order_system_style": "webhook", "webhook_secret": SecretStr("s3cret")}
    sender = senders_of(settings(peer, **kind))[MessageKind.CONTROL]
    outcomes = [sender(message(MessageKind.CONTROL, COMMAND, seq=4)).outcome for _ in range(3)]
    assert outcomes == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.UNKNOWN]
    headers, body = peer.requests[0]
    assert headers[SIGNATURE] == sign(b"s3cret", body)
    assert (headers[MESSAGE_ID], headers[SEQUENCE]) == ("m:4", "4")
    assert json.loads(body) == {**COMMAND, "messageId": "m:4"}


def test_a_signature_is_hmac_sha256_in_hexadecimal() -> None:
    # RFC 4231, test case 2
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"Jefe", b"what do ya want for nothing?") == f"sha256={digest}"


def test_without_urls_messages_wait() -> None:
    assert senders_of(Settings()) == {}


def test_a_connection_is_kept_and_a_closed_one_is_not_used_again(peer: Peer) -> None:
    one = (200, encode_reply("1", ReplyForm.HESSIAN_1))
    peer.answers += [one, one, None, one]
    with HessianClient(peer.url, timeout_s=5) as client:
        assert [client.call("x"), client.call("x")] == ["1", "1"]
        assert peer.connections == 1
        with pytest.raises(Exception, match="connection broke"):
            client.call("x")
        assert client.call("x") == "1"
    assert len(peer.requests) == 4


def test_a_late_answer_is_told_from_a_broken_connection(peer: Peer) -> None:
    peer.answers.append("late")
    with HessianClient(peer.url, timeout_s=0.2) as client, pytest.raises(AnswerTooLate):
        client.call("x")
