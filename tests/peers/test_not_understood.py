"""The last tables of docs/bad-input.md: what is no call, comes from nobody, or may not be asked."""

import urllib.error
import urllib.request
from typing import Any

import pytest

from rpc.client import HttpPoster, NotAdmitted
from rpc.hessian import FaultReply, ReplyForm, decode_reply, encode_call
from tests.peers.served_center import ServedCenter

CALL = encode_call("feedbackUser", ["payer-1"])
DEEP: list[Any] = []
for _ in range(70):
    DEEP = [DEEP]

CIRCLE = b"c\x01\x00m\x00\x0cfeedbackUserVl\x00\x00\x00\x01R\x00\x00\x00\x00zz"
"""A list that holds itself."""


def post(center: ServedCenter, body: bytes) -> tuple[int, bytes]:
    poster = HttpPoster(center.url, center.user, center.password, timeout_s=20)
    try:
        return poster.post(body, {})
    finally:
        poster.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", CALL[:-1], CALL[:9], CALL + b"z", encode_call("feedbackUser", [DEEP]), CIRCLE],
    ids=["empty", "no call", "no end", "cut short", "followed by more", "too deep", "circle"],
)
def test_what_is_no_call_is_a_protocol_fault(shared_center: ServedCenter, body: bytes) -> None:
    status, answer = post(shared_center, body)

    assert status == 200
    with pytest.raises(FaultReply) as caught:
        decode_reply(answer)
    assert caught.value.code == "ProtocolException"


@pytest.mark.parametrize("form", list(ReplyForm))
@pytest.mark.parametrize(
    ("operation", "arguments"), [("noSuchOperation", []), ("feedbackUser", []), ("feedbackUser", ["a", "b"])]
)
def test_an_unknown_operation_or_count_is_a_fault(
    shared_center: ServedCenter, form: ReplyForm, operation: str, arguments: list[str]
) -> None:
    _, answer = post(shared_center, encode_call(operation, arguments, form))

    with pytest.raises(FaultReply) as caught:
        decode_reply(answer)
    assert caught.value.code == "NoSuchMethodException"


def test_a_body_that_is_too_long_gets_a_413(shared_center: ServedCenter) -> None:
    status, _ = post(shared_center, b"c\x01\x00" + b"x" * (1 << 20))

    assert status == 413


def test_who_does_not_say_a_name_gets_a_401(shared_center: ServedCenter) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(shared_center.url, CALL, timeout=20)

    with caught.value as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_who_may_not_gets_a_403_and_leaves_an_audit_row(shared_center: ServedCenter) -> None:
    shared_center.add_caller("sms-product", operations=["insertServiceOp"], products=["sms"])

    with pytest.raises(NotAdmitted) as caught:
        shared_center.door.hessian("sms-product").call("feedbackUser", "payer-1")

    assert caught.value.status == 403
    assert "sms-product" in {row.actor for row in shared_center.rows("audit_entry")}
