"""Every bound is reached by a body and holds; each claim of a body is met without believing it."""

import tracemalloc
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from rpc.hessian import CodecError, LimitExceeded, Limits, ReplyForm, decode_call, encode_call

V1, V2 = ReplyForm.HESSIAN_1, ReplyForm.HESSIAN_2


def call_1(values: bytes) -> bytes:
    return b"c\x02\x00m\x00\x01m" + values + b"z"


def call_2(*values: bytes) -> bytes:
    return b"H\x02\x00C\x01m" + bytes([0x90 + len(values)]) + b"".join(values)


def nested_1(levels: int) -> bytes:
    return call_1(b"V" * levels + b"z" * levels)


def nested_2(levels: int) -> bytes:
    return call_2(b"\x79" * (levels - 1) + b"\x78")


# For each member: a limit of 5, bodies that just keep to it, and bodies one past it.
REACHED: dict[str, tuple[list[bytes], list[bytes]]] = {
    "depth": (
        [nested_1(5), nested_2(5), call_2(b"W" * 5 + b"Z" * 5)],
        [nested_1(6), nested_2(6), call_2(b"W" * 6 + b"Z" * 6), call_2(b"H" * 6), call_1(b"M" * 6)],
    ),
    "values": (
        [call_1(b"NNNNN"), call_1(b"VNNNNz"), call_2(b"C\x01A\x93\x01x\x01x\x01y\x60NNN"),
         call_2(b"\x7cNNNN"), call_2(b"H\x01a\x90\x01b\x90Z")],
        [call_1(b"NNNNNN"), call_1(b"VNNNNNz"), call_2(b"\x7dNNNNN"), call_2(b"H\x01a\x90\x01b\x90\x01c\x90Z")],
    ),
    "references": (
        [call_1(b"Vz" * 5), call_2(b"\x7c\x78\x78\x78\x78")],
        [call_1(b"Vz" * 6), call_2(b"\x7d\x78\x78\x78\x78\x78"), call_1(b"Mz" * 6)],
    ),
    "definitions": (
        [call_2(b"C\x01A\x90" * 5 + b"N"), call_1(b"O\x01A\x90" * 5 + b"N")],
        [call_2(b"C\x01A\x90" * 6 + b"N"), call_1(b"O\x01A\x90" * 6 + b"N")],
    ),
    "fields_per_definition": (
        [call_2(b"C\x01A\x95" + b"\x01x" * 5 + b"N"), call_1(b"O\x01A\x95" + b"\x01x" * 5 + b"N")],
        [call_2(b"C\x01A\x96" + b"\x01x" * 6 + b"N"), call_1(b"O\x01A\x96" + b"\x01x" * 6 + b"N")],
    ),
    "string_units": (
        [call_1(b"S\x00\x05abcde"), call_2(b"\x05abcde"), call_2(b"R\x00\x03abc\x02de"),
         call_2(b"\x05" + b"\xe9\x82\xae" * 5)],
        [
            call_1(b"S\x00\x06abcdef"),
            call_2(b"\x06abcdef"),
            call_2(b"R\x00\x03abc\x03def"),
            call_1(b"s\x00\x03abcS\x00\x03def"),
            call_2(b"\x06" + b"\xe9\x82\xae" * 6),
            call_1(b"Mt\x00\x06abcdefz"),
            b"c\x01\x00m\x00\x06abcdefz",
            b"c\x01\x00H\x00\x06abcdefNm\x00\x01mz",
        ],
    ),
    "binary_bytes": (
        [call_1(b"B\x00\x05abcde"), call_2(b"\x25abcde"), call_2(b"A\x00\x03abc\x22de")],
        [call_1(b"B\x00\x06abcdef"), call_2(b"\x26abcdef"), call_2(b"A\x00\x03abc\x23def"),
         call_1(b"b\x00\x03abcB\x00\x03def")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "body"), [(limit, body) for limit, (kept, _) in REACHED.items() for body in kept]
)
def test_limit_is_not_reached(limit: str, body: bytes) -> None:
    decode_call(body, replace(Limits(), **{limit: 5}))


@pytest.mark.parametrize(
    ("limit", "body"), [(limit, body) for limit, (_, past) in REACHED.items() for body in past]
)
def test_limit_is_reached(limit: str, body: bytes) -> None:
    with pytest.raises(LimitExceeded) as caught:
        decode_call(body, replace(Limits(), **{limit: 5}))
    assert caught.value.limit == limit
    if limit != "depth":
        decode_call(body)


def test_body_length_is_looked_at_first() -> None:
    body = call_1(b"N")
    decode_call(body, Limits(body_bytes=len(body)))
    with pytest.raises(LimitExceeded, match="body bytes"):
        decode_call(b"\xff" * (len(body) + 1), Limits(body_bytes=len(body)))


def test_every_limit_has_a_body_that_reaches_it() -> None:
    assert {field.name for field in fields(Limits)} == {*REACHED, "body_bytes"}


def test_limits_check_themselves() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Limits(values=0)
    with pytest.raises(ValueError, match="at most"):
        Limits(depth=5000)


# --- references --------------------------------------------------------------------------------


def laughs(levels: int) -> bytes:
    """Each list holds the one before it seven times: 7^levels values in ten bytes a level."""
    made = b"\x78"
    for level in range(levels):
        number = levels - level
        made = b"\x7f" + made + b"".join(b"Q" + bytes([0x90 + number]) for _ in range(6))
    return call_2(made)


def test_references_that_multiply_are_counted_as_often_as_they_are_seen() -> None:
    decode_call(laughs(3))
    with pytest.raises(LimitExceeded, match="values"):
        decode_call(laughs(20))


def test_depth_counts_references_too() -> None:
    deep = b"\x79" * 40 + b"\x78"
    assert len(decode_call(call_2(deep, b"Q\x90")).arguments) == 2
    with pytest.raises(LimitExceeded, match="depth"):
        decode_call(call_2(deep, b"\x79" * 40 + b"Q\x90"))


# --- hostile bodies of 1 MiB -------------------------------------------------------------------

MIB = 1 << 20


def filled(head: bytes, unit: bytes, tail: bytes = b"") -> bytes:
    return head + unit * ((MIB - len(head) - len(tail)) // len(unit)) + tail


HOSTILE: dict[str, Callable[[], bytes]] = {
    "2 a list of 2^31-1 items": lambda: filled(call_2(b"X\x49\x7f\xff\xff\xff"), b"N"),
    "2 a typed list of 2^31-1 items": lambda: filled(call_2(b"V\x01A\x49\x7f\xff\xff\xff"), b"\x78"),
    "2 empty lists": lambda: filled(call_2(b"W"), b"\x78"),
    "2 empty maps": lambda: filled(call_2(b"W"), b"HZ"),
    "2 empty objects": lambda: filled(call_2(b"WC\x01A\x90"), b"\x60"),
    "2 nulls": lambda: filled(call_2(b"W"), b"N"),
    "2 longs": lambda: filled(call_2(b"W"), b"\xe0"),
    "2 dates": lambda: filled(call_2(b"W"), b"K\x00\x00\x00\x01"),
    "2 references": lambda: filled(call_2(b"W\x78"), b"Q\x91"),
    "2 a class of 2^31-1 fields": lambda: filled(call_2(b"C\x01A\x49\x7f\xff\xff\xff"), b"\x01x"),
    "2 definitions": lambda: filled(call_2(b""), b"C\x01A\x90"),
    "2 definitions inside definitions": lambda: filled(b"H\x02\x00C\x01m\x91", b"C"),
    "2 types inside types": lambda: filled(b"H\x02\x00C\x01m\x91", b"M"),
    "2 lists inside lists": lambda: filled(b"H\x02\x00C\x01m\x91", b"\x79"),
    "2 maps as keys of maps": lambda: filled(b"H\x02\x00C\x01m\x91", b"H"),
    "2 empty pieces of a string": lambda: filled(b"H\x02\x00C\x01m\x91", b"R\x00\x00"),
    "2 empty pieces of a binary": lambda: filled(b"H\x02\x00C\x01m\x91", b"A\x00\x00"),
    "2 pieces of a string": lambda: filled(b"H\x02\x00C\x01m\x91", b"R\x00\x01x"),
    "2 one long string": lambda: filled(b"H\x02\x00C\x01m\x91", b"R\x7f\xff" + b"x" * 0x7FFF),
    "2 one long binary": lambda: filled(b"H\x02\x00C\x01m\x91", b"A\x7f\xff" + b"x" * 0x7FFF),
    "2 a string of continuation bytes": lambda: filled(b"H\x02\x00C\x01m\x91S\xff\xff", b"\x80"),
    "2 a string of half characters": lambda: filled(b"H\x02\x00C\x01m\x91S\xff\xff", b"\xf0\x80\x80\x80"),
    "2 chinese text": lambda: filled(b"H\x02\x00C\x01m\x91", b"R\x00\x64" + b"\xe9\x82\xae" * 100),
    "2 map of odd keys": lambda: filled(call_2(b"H"), b"\x78N"),
    "2 map of equal keys": lambda: filled(call_2(b"H"), b"\x01aN"),
    "2 map of many keys": lambda: call_2(b"H" + b"".join(b"\x04%04xN" % n for n in range(1 << 16)) * 2),
    "1 lists inside lists": lambda: filled(b"c\x02\x00m\x00\x01m", b"V"),
    "1 empty lists": lambda: filled(b"c\x02\x00m\x00\x01m", b"Vz", b"z"),
    "1 maps": lambda: filled(b"c\x02\x00m\x00\x01m", b"Mz", b"z"),
    "1 definitions inside definitions": lambda: filled(b"c\x02\x00m\x00\x01m", b"O"),
    "1 headers": lambda: filled(b"c\x02\x00", b"H\x00\x01xN"),
    "1 maps of many names": lambda: filled(b"c\x02\x00m\x00\x01mMt\x00\x01A", b"\x01xN"),
    "1 long strings": lambda: filled(b"c\x02\x00m\x00\x01m", b"s\x00\x01x"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_body_is_met_with_bounded_work_and_memory(name: str) -> None:
    body = HOSTILE[name]()
    tracemalloc.start()
    try:
        with pytest.raises(CodecError):
            decode_call(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50 * MIB


def test_announced_lengths_cost_nothing() -> None:
    """Eight bytes that made Java run out of memory, and their like."""
    huge = b"I\x7f\xff\xff\xff"
    for body in (
        call_2(b"C\x01A" + huge),
        call_2(b"X" + huge),
        call_2(b"V\x01A" + huge),
        call_2(b"S\xff\xff"),
        call_2(b"B\xff\xff"),
        call_1(b"Vl\x7f\xff\xff\xff"),
        b"H\x02\x00C\x01m" + huge,
    ):
        tracemalloc.start()
        try:
            with pytest.raises(CodecError):
                decode_call(body)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 100_000


@pytest.mark.parametrize("form", [V1, V2])
def test_deepest_allowed_nesting_is_read_within_a_full_stack(form: ReplyForm) -> None:
    made: list[object] = []
    for _ in range(199):
        made = [made]
    body = encode_call("m", [made], form)
    decode_call(body, Limits(depth=200))


def test_message_of_an_error_does_not_show_what_was_sent() -> None:
    for body in (call_2(b"\x06secret") + b"z", call_1(b"Vt\x00\x06secret"), call_2(b"M\x06secret\x78")):
        with pytest.raises(CodecError) as caught:
            decode_call(body)
        assert "secret" not in str(caught.value)
