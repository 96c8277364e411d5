"""Every production of Hessian 1.0.2 and of draft 2, byte by byte."""

from datetime import UTC, datetime

import pytest

from rpc.hessian import (
    CodecError,
    HList,
    HMap,
    HObject,
    Long,
    Millis,
    Remote,
    ReplyForm,
    decode_call,
    decode_value,
    encode_value,
)
from tests.rpc.hessian.test_hessian2_values import same

V1 = ReplyForm.HESSIAN_1

BOTH_WAYS = [
    (b"N", None),
    (b"T", True),
    (b"F", False),
    (b"I\x00\x00\x00\x05", 5),
    (b"I\x80\x00\x00\x00", -(1 << 31)),
    (b"L\x00\x00\x00\x00\x00\x00\x00\x05", Long(5)),
    (b"L\x80\x00\x00\x00\x00\x00\x00\x00", Long(-(1 << 63))),
    (b"D\x40\x28\x80\x00\x00\x00\x00\x00", 12.25),
    (b"D\x80\x00\x00\x00\x00\x00\x00\x00", -0.0),
    (b"d\x00\x00\x00\xd0\x4b\x92\x84\xb8", datetime(1998, 5, 8, 9, 51, 31, tzinfo=UTC)),
    (b"d\x80\x00\x00\x00\x00\x00\x00\x00", Millis(-(1 << 63))),
    (b"S\x00\x00", ""),
    (b"S\x00\x05hello", "hello"),
    (b"S\x00\x01\xc3\x83", "\u00c3"),
    (b"s\x80\x00" + b"x" * 32768 + b"S\x00\x01x", "x" * 32769),
    (b"B\x00\x03\x01\x02\x03", b"\x01\x02\x03"),
    (b"b\x80\x00" + b"x" * 32768 + b"B\x00\x01x", b"x" * 32769),
    (b"Vl\x00\x00\x00\x00z", []),
    (b"Vl\x00\x00\x00\x02NNz", [None, None]),
    (b"Vt\x00\x04[intl\x00\x00\x00\x01I\x00\x00\x00\x05z", HList("[int", [5])),
    (b"Mt\x00\x00z", {}),
    (b"Mt\x00\x00I\x00\x00\x00\x05Nz", {5: None}),
    (b"Mt\x00\x03CarS\x00\x05colorS\x00\x03redz", HObject("Car", {"color": "red"})),
    (b"Mt\x00\x11java.util.TreeMapNTz", HMap("java.util.TreeMap", [(None, True)])),
    (b"rt\x00\x01AS\x00\x08http://x", Remote("A", "http://x")),
]

READ_ONLY = [
    (b"Vz", []),
    (b"VNz", [None]),
    (b"Vt\x00\x00l\x00\x00\x00\x01Nz", [None]),
    (b"Vt\x00\x04[intNz", HList("[int", [None])),
    # the length is a hint: only the end mark counts
    (b"Vl\x00\x00\x00\x09Nz", [None]),
    (b"Vl\xff\xff\xff\xffNz", [None]),
    (b"Mz", {}),
    (b"MNNz", {None: None}),
    (b"s\x00\x01aS\x00\x01b", "ab"),
    (b"s\x00\x01as\x00\x01bS\x00\x00", "ab"),
    (b"b\x00\x01aB\x00\x01b", b"ab"),
    (b"X\x00\x04<a/>", "<a/>"),
    (b"x\x00\x02<aX\x00\x02/>", "<a/>"),
]

DRAFT_2 = [
    (b"\x05hello", "hello"),
    (b"s\x00\x01a\x01b", "ab"),
    (b"\x23abc", b"abc"),
    (b"b\x00\x01a\x21b", b"ab"),
    (b"\x90", 0),
    (b"\xbf", 47),
    (b"\xc8\x30", 48),
    (b"\xd4\x00\x01", 1),
    (b"\xe0", Long(0)),
    (b"\xf8\x10", Long(16)),
    (b"\x3c\x00\x01", Long(1)),
    (b"w\xff\xff\xff\xff", Long(-1)),
    (b"g", 0.0),
    (b"h", 1.0),
    (b"i\x80", -128.0),
    (b"j\x80\x00", -32768.0),
    (b"k\x41\x44\x00\x00", 12.25),
    (b"Vn\x02\x90\x91z", [0, 1]),
    (b"Vt\x00\x04[intn\x01\x90z", HList("[int", [0])),
    (b"VVt\x00\x04[intn\x01\x90zVu\x90n\x01\x91zz", [HList("[int", [0]), HList("[int", [1])]),
    (b"VVt\x00\x04[intn\x01\x90zv\x90\x91\x91z", [HList("[int", [0]), HList("[int", [1])]),
    (b"O\x0bexample.Car\x92\x05color\x05modelo\x90\x03red\x06beetle",
     HObject("example.Car", {"color": "red", "model": "beetle"})),
    (b"Ot\x00\x03Car\x91\x05coloro\x90\x03red", HObject("Car", {"color": "red"})),
    (b"VO\x01A\x90o\x90o\x90z", [HObject("A"), HObject("A")]),
    (b"O\x01A\x90O\x01B\x90o\x91", HObject("B")),
]  # fmt: skip


@pytest.mark.parametrize(("data", "value"), BOTH_WAYS)
def test_production_is_written_and_read(data: bytes, value: object) -> None:
    assert encode_value(value, V1) == data  # type: ignore[arg-type]
    assert same(decode_value(data, V1), value)


@pytest.mark.parametrize(("data", "value"), READ_ONLY + DRAFT_2)
def test_other_forms_are_read(data: bytes, value: object) -> None:
    assert same(decode_value(data, V1), value)


@pytest.mark.parametrize(("data", "value"), DRAFT_2)
def test_draft_2_is_read_inside_a_call(data: bytes, value: object) -> None:
    call = decode_call(b"c\x02\x00m\x00\x02pm" + data + b"z")
    assert call.method == "pm"
    assert same(call.arguments, (value,))


@pytest.mark.parametrize("short", [b"J\x00", b"K\x00\x00", b"R\x00\x00\x00\x00"])
def test_draft_2_references(short: bytes) -> None:
    [inner, again] = decode_call(b"c\x02\x00m\x00\x01mVz" + short + b"z").arguments
    assert inner is again


@pytest.mark.parametrize("tag", sorted({*range(256)} - {
    *range(0x30), *range(0x38, 0x40), *b"BDFIJKLMNORSTVXbdghijkorsvwx", *range(0x80, 0x100),
}))  # fmt: skip
def test_free_byte_begins_no_value(tag: int) -> None:
    with pytest.raises(CodecError, match="no value begins"):
        decode_value(bytes([tag]) + b"N" * 8, V1)


@pytest.mark.parametrize(
    "data",
    [
        b"R\x00\x00\x00\x00",
        b"VR\x00\x00\x00\x01z",
        b"VR\xff\xff\xff\xffz",
        b"VJ\x01z",
        b"V",
        b"VN",
        b"MN",
        b"MNz",
        b"Mt\x00\x05ab",
        b"Vu\x90z",
        b"v\x90\x90",
        b"VVt\x00\x01Azv\x90\x8fz",
        b"o\x90",
        b"O\x90\x90\x90",
        b"OO\x01A\x90\x90\x90",
        b"s\x00\x01aN",
        b"b\x00\x01aN",
        b"S\x00\x02a",
        b"S\xff\xff",
        b"B\x00\x02a",
        b"rNS\x00\x00",
        b"",
    ],
)
def test_what_the_grammar_does_not_allow_is_refused(data: bytes) -> None:
    with pytest.raises(CodecError):
        decode_value(data, V1)
