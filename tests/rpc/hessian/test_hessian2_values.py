"""Every production of Hessian 2.0, byte by byte; most are the examples of the specification."""

from datetime import UTC, datetime

import pytest

from rpc.hessian import CodecError, HList, HMap, HObject, Long, Millis, Remote, decode_value, encode_value

MINUTE = datetime(1998, 5, 8, 9, 51, tzinfo=UTC)
SECOND = datetime(1998, 5, 8, 9, 51, 31, tzinfo=UTC)

BOTH_WAYS = [
    # null, boolean
    (b"N", None),
    (b"T", True),
    (b"F", False),
    # int
    (b"\x90", 0),
    (b"\x80", -16),
    (b"\xbf", 47),
    (b"\xc8\x30", 48),
    (b"\xc7\xef", -17),
    (b"\xc0\x00", -2048),
    (b"\xcf\xff", 2047),
    (b"\xd0\x00\x00", -262144),
    (b"\xd7\xff\xff", 262143),
    (b"I\x00\x04\x00\x00", 262144),
    (b"I\x80\x00\x00\x00", -(1 << 31)),
    (b"I\x7f\xff\xff\xff", (1 << 31) - 1),
    # long
    (b"\xe0", Long(0)),
    (b"\xd8", Long(-8)),
    (b"\xef", Long(15)),
    (b"\xf0\x00", Long(-2048)),
    (b"\xf8\x10", Long(16)),
    (b"\xff\xff", Long(2047)),
    (b"\x38\x00\x00", Long(-262144)),
    (b"\x3f\xff\xff", Long(262143)),
    (b"Y\x00\x04\x00\x00", Long(262144)),
    (b"Y\x80\x00\x00\x00", Long(-(1 << 31))),
    (b"L\x00\x00\x00\x00\x80\x00\x00\x00", Long(1 << 31)),
    (b"L\x80\x00\x00\x00\x00\x00\x00\x00", Long(-(1 << 63))),
    # double
    (b"\x5b", 0.0),
    (b"\x5c", 1.0),
    (b"\x5d\x80", -128.0),
    (b"\x5d\x7f", 127.0),
    (b"\x5e\x80\x00", -32768.0),
    (b"\x5e\x00\x80", 128.0),
    (b"\x5f\x00\x00\x2f\xda", 12.25),
    (b"\x5f\xff\xff\xff\x06", -0.25),
    (b"D\x40\x28\x80\x00\x00\x00\x00\x01", 12.250000000000002),
    (b"D\x80\x00\x00\x00\x00\x00\x00\x00", -0.0),
    (b"D\x7f\xf0\x00\x00\x00\x00\x00\x00", float("inf")),
    # date
    (b"J\x00\x00\x00\xd0\x4b\x92\x84\xb8", SECOND),
    (b"K\x00\xe3\x83\x8f", MINUTE),
    (b"J\xff\xff\xff\xff\xff\xff\xff\xff", datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
    (b"J\x7f\xff\xff\xff\xff\xff\xff\xff", Millis((1 << 63) - 1)),
    # string
    (b"\x00", ""),
    (b"\x05hello", "hello"),
    (b"\x01\xc3\x83", "\u00c3"),
    (b"\x1f" + b"x" * 31, "x" * 31),
    (b"\x30\x20" + b"x" * 32, "x" * 32),
    (b"\x33\xff" + b"x" * 1023, "x" * 1023),
    (b"S\x04\x00" + b"x" * 1024, "x" * 1024),
    (b"R\x80\x00" + b"x" * 32768 + b"\x01x", "x" * 32769),
    # binary
    (b"\x20", b""),
    (b"\x23\x01\x02\x03", b"\x01\x02\x03"),
    (b"\x34\x10" + b"x" * 16, b"x" * 16),
    (b"\x37\xff" + b"x" * 1023, b"x" * 1023),
    (b"B\x04\x00" + b"x" * 1024, b"x" * 1024),
    (b"A\x80\x00" + b"x" * 32768 + b"\x21x", b"x" * 32769),
    # list
    (b"\x78", []),
    (b"\x7f" + b"\x90" * 7, [0] * 7),
    (b"X\x98" + b"\x90" * 8, [0] * 8),
    (b"\x72\x04[int\x90\x91", HList("[int", [0, 1])),
    (b"V\x04[int\x98" + b"\x90" * 8, HList("[int", [0] * 8)),
    (b"\x79\x71\x04[int\x90", [HList("[int", [0])]),
    (b"\x7a\x71\x04[int\x90\x71\x90\x91", [HList("[int", [0]), HList("[int", [1])]),
    # map
    (b"HZ", {}),
    (b"H\x91\x03fee\xa0\x03fieZ", {1: "fee", 16: "fie"}),
    (b"M\x11java.util.TreeMap\x91\x90Z", HMap("java.util.TreeMap", [(1, 0)])),
    (b"H\x78\x90Z", HMap("", [([], 0)])),
    # object
    (b"C\x0bexample.Car\x92\x05color\x05model\x60\x03red\x06beetle",
     HObject("example.Car", {"color": "red", "model": "beetle"})),
    (b"C\x01A\x90\x60", HObject("A", {})),
    (b"C\x30\x23com.caucho.hessian.io.HessianRemote\x92\x04type\x03url\x60\x01A\x01u", Remote("A", "u")),
    (b"\x7aC\x01A\x91\x01x\x60\x90\x60\x91", [HObject("A", {"x": 0}), HObject("A", {"x": 1})]),
]  # fmt: skip

READ_ONLY = [
    # wide forms of small numbers
    (b"I\x00\x00\x00\x01", 1),
    (b"\xc8\x01", 1),
    (b"\xd4\x00\x01", 1),
    (b"L\x00\x00\x00\x00\x00\x00\x00\x01", Long(1)),
    (b"Y\x00\x00\x00\x01", Long(1)),
    (b"\x3c\x00\x01", Long(1)),
    (b"D\x3f\xf0\x00\x00\x00\x00\x00\x00", 1.0),
    (b"J\x00\x00\x00\x00\x00\x00\xea\x60", datetime(1970, 1, 1, 0, 1, tzinfo=UTC)),
    # long forms of short strings, and every final form after a chunk
    (b"S\x00\x01x", "x"),
    (b"\x30\x01x", "x"),
    (b"R\x00\x01aS\x00\x01b", "ab"),
    (b"R\x00\x01aR\x00\x01b\x30\x01c", "abc"),
    (b"R\x00\x01a\x00", "a"),
    (b"B\x00\x01x", b"x"),
    (b"A\x00\x01aA\x00\x01b\x20", b"ab"),
    (b"A\x00\x01a\x34\x01b", b"ab"),
    (b"A\x00\x01aB\x00\x01b", b"ab"),
    # bytes that python-hessian drops from 'S' strings
    (b"S\x00\x06yz{|}~", "yz{|}~"),
    # the type "" is no type
    (b"\x71\x00\x90", [0]),
    (b"U\x00Z", []),
    (b"M\x00\x01aNZ", {"a": None}),
    # lists without a length
    (b"W\x90\x91Z", [0, 1]),
    (b"WZ", []),
    (b"U\x04[int\x90\x91Z", HList("[int", [0, 1])),
    # a typed map with strings for keys is what Hessian 1 writes for an object
    (b"M\x03Car\x05color\x03redZ", HObject("Car", {"color": "red"})),
    # a definition may stand before any value, and several in a row
    (b"C\x01A\x90\x79C\x01B\x91\x01x\x61\x60", [HObject("B", {"x": HObject("A", {})})]),
    (b"C\x01A\x90C\x01B\x90\x7a\x60\x61", [HObject("A"), HObject("B")]),
    (b"C\x01A\x90\x91", 1),
    # of a field that parent and child both have, the child's comes first and stays
    (b"C\x01A\x92\x01x\x01x\x60\x91N", HObject("A", {"x": 1})),
    (b"M\x01A\x01x\x91\x01xNZ", HObject("A", {"x": 1})),
]


def same(left: object, right: object) -> bool:
    """Equal, and of the same types all the way down; -0.0 is not 0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        kinds = getattr(left, "type_name", "") == getattr(right, "type_name", "")
        return kinds and len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return same(list(left.items()), list(right.items()))
    if isinstance(left, HObject) and isinstance(right, HObject):
        return left.type_name == right.type_name and same(left.fields, right.fields)
    if isinstance(left, HMap) and isinstance(right, HMap):
        return left.type_name == right.type_name and same(left.pairs, right.pairs)
    return repr(left) == repr(right)


@pytest.mark.parametrize(("data", "value"), BOTH_WAYS)
def test_production_is_written_and_read(data: bytes, value: object) -> None:
    assert encode_value(value) == data  # type: ignore[arg-type]
    assert same(decode_value(data), value)


@pytest.mark.parametrize(("data", "value"), READ_ONLY)
def test_other_forms_are_read(data: bytes, value: object) -> None:
    assert same(decode_value(data), value)


@pytest.mark.parametrize("tag", [0x40, 0x45, 0x47, 0x50, 0x5A])
def test_reserved_byte_begins_no_value(tag: int) -> None:
    with pytest.raises(CodecError, match="no value begins"):
        decode_value(bytes([tag]) + b"\x90" * 8)


@pytest.mark.parametrize(
    "data",
    [
        b"O\x90",
        b"\x60",
        b"Q\x90",
        b"\x79Q\x91",
        b"\x79Q\x8f",
        b"V\x90\x90",
        b"M\x91Z",
        b"V\x8f\x90",
        b"X\x8f",
        b"V\xe0\x90",
        b"C\x90\x90",
        b"CC\x01A\x90\x90\x90",
        b"C\x01A\xe0\x60",
        b"C\x01A\x8f\x60",
        b"C\x01A\x91\x90\x60",
        b"R\x00\x01a\x90",
        b"A\x00\x01a\x90",
        b"C\x00\x90\x60",
        b"Z",
        b"\x02\xff\xff",
        b"\x01\xe4\xb8",
        b"\x01\xc0\x80",
        b"\x01\x80",
        b"\x01" + b"\x80" * 1000,
        b"",
    ],
)
def test_what_the_grammar_does_not_allow_is_refused(data: bytes) -> None:
    with pytest.raises(CodecError):
        decode_value(data)


def test_thousandths_are_multiplied_as_every_writer_did() -> None:
    """0x5f is not the 32-bit float of the published draft, and 0.001 * n is not n / 1000."""
    assert decode_value(b"\x5f" + (17_011).to_bytes(4, "big")) == 0.001 * 17_011


def test_double_goes_as_thousandths_only_where_all_peers_agree() -> None:
    for thousandths in range(-5000, 5000, 7):
        number = thousandths / 1000
        assert same(decode_value(encode_value(number)), number)


def test_every_integer_near_a_border_comes_back_in_its_width() -> None:
    for border in (0, 8, 16, 47, 2048, 1 << 18, 1 << 31, 1 << 32, (1 << 63) - 2):
        for number in (border - 1, border, border + 1, -border - 1, -border, -border + 1):
            assert same(decode_value(encode_value(Long(number))), Long(number))
            if -(1 << 31) <= number < 1 << 31:
                assert same(decode_value(encode_value(number)), number)
            else:
                assert same(decode_value(encode_value(number)), Long(number))
