"""Answers and faults, in every form that a Java server or client writes."""

import pytest

from rpc.hessian import (
    CodecError,
    Fault,
    FaultReply,
    HObject,
    JavaThrowable,
    LimitExceeded,
    Limits,
    ReplyForm,
    decode_reply,
    encode_fault,
    encode_reply,
)

V1, V2 = ReplyForm.HESSIAN_1, ReplyForm.HESSIAN_2
BOTH = pytest.mark.parametrize("form", [V1, V2])


@pytest.mark.parametrize(
    "body",
    [
        b"r\x01\x00S\x00\x011z",
        b"r\x02\x00S\x00\x011z",
        b"r\x02\x00\x011z",
        b"r\x01\x00H\x00\x01hNS\x00\x011z",
        b"H\x02\x00R\x011",
    ],
)
def test_answer_is_read_in_every_form(body: bytes) -> None:
    assert decode_reply(body) == "1"


@pytest.mark.parametrize(
    "body",
    [
        b"r\x01\x00fS\x00\x04codeS\x00\x01CS\x00\x07messageS\x00\x01mzz",
        b"r\x02\x00f\x04code\x01C\x07message\x01mzz",
        b"fS\x00\x04codeS\x00\x01CS\x00\x07messageS\x00\x01mz",
        b"H\x02\x00FH\x04code\x01C\x07message\x01mZ",
        b"H\x02\x00FM\x05Fault\x04code\x01C\x07message\x01mZ",
    ],
)
def test_fault_is_read_in_every_form(body: bytes) -> None:
    with pytest.raises(FaultReply) as caught:
        decode_reply(body)
    assert (caught.value.code, caught.value.message, caught.value.detail) == ("C", "m", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"r",
        b"r\x01\x00",
        b"r\x01\x00S\x00\x011",
        b"r\x01\x00S\x00\x011zz",
        b"r\x01\x00S\x00\x011N",
        b"r\x03\x00Nz",
        b"r\x01\x00fS\x00\x04codeNz",
        b"r\x01\x00fS\x00\x04codeNzN",
        b"r\x01\x00fNNzz",
        b"fS\x00\x04codeNzz",
        b"f",
        b"H\x02\x00",
        b"H\x02\x00R",
        b"H\x02\x00R\x011\x00",
        b"H\x02\x00FN",
        b"H\x02\x00FHN",
        b"H\x02\x00C\x01m\x90",
        b"<html>",
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(CodecError):
        decode_reply(body)


def test_answer_that_contains_itself_is_refused() -> None:
    for body in (b"r\x01\x00VR\x00\x00\x00\x00zz", b"H\x02\x00R\x79Q\x90"):
        with pytest.raises(CodecError):
            decode_reply(body)


def test_odd_fault_is_still_a_fault() -> None:
    for body in (b"H\x02\x00FHZ", b"H\x02\x00FH\x04code\x90Z", b"H\x02\x00FH\x78\x90Z", b"r\x01\x00fzz"):
        with pytest.raises(FaultReply) as caught:
            decode_reply(body)
        assert (caught.value.code, caught.value.message) == ("", "")


def test_reply_is_held_against_the_limits() -> None:
    with pytest.raises(LimitExceeded):
        decode_reply(b"H\x02\x00R\x7a\x90\x90", Limits(values=2))
    with pytest.raises(LimitExceeded):
        decode_reply(b"H\x02\x00R\x011", Limits(body_bytes=5))


@BOTH
def test_throwable_is_written_as_its_own_cause(form: ReplyForm) -> None:
    fault = Fault(
        "ServiceException", "no such day", JavaThrowable("java.lang.IllegalArgumentException", "no such day")
    )
    with pytest.raises(FaultReply) as caught:
        decode_reply(encode_fault(fault, form))
    detail = caught.value.detail
    assert isinstance(detail, HObject)
    assert detail.type_name == "java.lang.IllegalArgumentException"
    assert detail.fields["detailMessage"] == "no such day"
    assert detail.fields["cause"] is detail
    assert detail.fields["stackTrace"] == type(detail.fields["stackTrace"])("[java.lang.StackTraceElement")
    assert (caught.value.code, caught.value.message) == ("ServiceException", "no such day")


def test_fault_map_has_number_0_in_hessian_2_and_none_in_hessian_1() -> None:
    fault = Fault("C", "m", JavaThrowable("E", "m"))
    assert b"Q\x91" in encode_fault(fault, V2)
    assert b"R\x00\x00\x00\x00" in encode_fault(fault, V1)


@BOTH
def test_detail_may_be_any_value(form: ReplyForm) -> None:
    with pytest.raises(FaultReply) as caught:
        decode_reply(encode_fault(Fault("C", "m", {"a": [1]}), form))
    assert caught.value.detail == {"a": [1]}


def test_fault_does_not_print_what_the_service_said() -> None:
    with pytest.raises(FaultReply) as caught:
        decode_reply(encode_fault(Fault("C", "secret"), V2))
    assert "secret" not in str(caught.value)


@BOTH
def test_value_that_hessian_cannot_carry_is_refused(form: ReplyForm) -> None:
    for value in (object(), {1, 2}, 1j, 1 << 63, -(1 << 63) - 1, [object()], {"a": object()}, HObject("")):
        with pytest.raises(CodecError):
            encode_reply(value, form)  # type: ignore[arg-type]


@BOTH
def test_nesting_without_end_is_refused_when_writing(form: ReplyForm) -> None:
    made: list[object] = []
    for _ in range(5000):
        made = [made]
    with pytest.raises(LimitExceeded):
        encode_reply(made, form)
