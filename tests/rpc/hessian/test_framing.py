"""Which call is read as what, in which form it is answered, and what is no call at all."""

import pytest

from rpc.hessian import CodecError, Framing, ReplyForm, decode_call, default_reply_form

V1, V2 = ReplyForm.HESSIAN_1, ReplyForm.HESSIAN_2


@pytest.mark.parametrize(
    ("body", "framing", "form"),
    [
        (b"c\x01\x00m\x00\x01mz", Framing.CALL_1_0, V1),
        (b"c\x00\x01m\x00\x01mz", Framing.CALL_0_1, V1),
        (b"c\x02\x00m\x00\x01mz", Framing.CALL_2_0, V2),
        (b"H\x02\x00C\x01m\x90", Framing.H_2_0, V2),
        (b"C\x01m\x90", Framing.BARE_C, V2),
    ],
)
def test_five_framings(body: bytes, framing: Framing, form: ReplyForm) -> None:
    call = decode_call(body)
    assert (call.method, call.arguments, call.framing) == ("m", (), framing)
    assert default_reply_form(call.framing) is form


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"c",
        b"c\x01",
        b"c\x01\x00",
        b"c\x03\x00m\x00\x01mz",
        b"c\x01\x01m\x00\x01mz",
        b"c\x01\x00z",
        b"c\x01\x00m\x00\x01m",
        b"c\x01\x00N\x00\x01mz",
        b"H",
        b"H\x02\x00",
        b"H\x02\x00R\x011",
        b"H\x01\x00C\x01m\x90",
        b"H\x02\x00C\x90\x90",
        b"H\x02\x00C\x01m\x01m",
        b"E\x02\x00m\x00\x01mz",
        b"p\x02\x00N",
        b"P\x02\x00N",
        b"r\x01\x00Nz",
        b"f",
        b"GET / HTTP/1.1",
        b"<?xml version='1.0'?>",
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(CodecError):
        decode_call(body)


@pytest.mark.parametrize("first", [b"E", b"p", b"P"])
def test_envelope_and_message_are_refused_by_name(first: bytes) -> None:
    with pytest.raises(CodecError, match="envelope or message"):
        decode_call(first + b"\x02\x00")


def test_every_framing_has_a_reply_form() -> None:
    assert {default_reply_form(framing) for framing in Framing} == {V1, V2}
