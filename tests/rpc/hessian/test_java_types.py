"""Decimals, instants and numbers in all the forms in which Java sends them."""

import struct
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any

import pytest

from rpc.hessian import (
    CodecError,
    HList,
    HMap,
    HObject,
    Long,
    LostDecimal,
    Millis,
    ReplyForm,
    WrongType,
    as_bool,
    as_decimal,
    as_instant,
    as_int,
    as_list,
    as_text,
    decode_value,
    encode_value,
)

NOON = datetime(2009, 8, 1, 4, tzinfo=UTC)
BIG_DECIMAL = "java.math.BigDecimal"
BIG_INTEGER = "java.math.BigInteger"
HANDLE = "com.caucho.hessian.io."


def big(text: str) -> HObject:
    return HObject(BIG_DECIMAL, {"value": text})


def words(signum: int, *mag: int) -> HObject:
    return HObject(BIG_INTEGER, {"signum": signum, "mag": HList("[int", mag)})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (big("12.50"), "12.50"),
        (big("1E+3"), "1E+3"),
        (big("0E-8"), "0E-8"),
        (big("-0.005"), "-0.005"),
        (HObject("com.other.Money", {"value": "1"}), "1"),
        ({"value": "3.25"}, "3.25"),
        (HMap(BIG_DECIMAL, [("value", "3.25")]), "3.25"),
        (HObject(BIG_DECIMAL, {"value": 3}), "3"),
        (5, "5"),
        (Long(1 << 40), str(1 << 40)),
        (12.1, "12.1"),
        (0.1, "0.1"),
        (1e22, "1E+22"),
        ("12.50", "12.50"),
        ("-3", "-3"),
        (".5", "0.5"),
        (HObject(HANDLE + "FloatHandle", {"_value": struct.unpack(">f", struct.pack(">f", 0.1))[0]}), "0.1"),
        (HObject(HANDLE + "ShortHandle", {"_value": 7}), "7"),
        (words(1, 7), "7"),
        (words(-1, 1, 0), str(-(1 << 32))),
        (words(1, -1), str((1 << 32) - 1)),
        (words(0), "0"),
    ],
)
def test_decimal_is_read_exactly(value: object, text: str) -> None:
    assert str(as_decimal(value)) == text


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"scale": 2, "intVal": words(1, 1250)}, "12.50"),
        ({"scale": 0, "intVal": words(-1, 5)}, "-5"),
        ({"scale": -3, "intVal": words(1, 1)}, "1E+3"),
        ({"scale": 8, "intVal": words(0)}, "0E-8"),
        (
            {"scale": 3, "intVal": words(1, 0x1FFFFFFF, -1, -1)},
            str(Decimal(0x1FFFFFFFFFFFFFFFFFFFFFFF).scaleb(-3)),
        ),
        ({"scale": 1, "intVal": HObject(BIG_INTEGER, {"value": "125"})}, "12.5"),
    ],
)
def test_decimal_written_field_by_field_is_rebuilt(parts: dict[str, Any], text: str) -> None:
    with localcontext(prec=5):
        assert str(as_decimal(HObject(BIG_DECIMAL, parts))) == text


def test_decimal_without_its_digits_is_never_zero() -> None:
    for parts in ({"scale": 2, "intVal": None}, {"intVal": None, "scale": 2}, {"scale": 2}, {"intVal": None}):
        with pytest.raises(LostDecimal, match="META-INF/hessian/serializers"):
            as_decimal(HObject(BIG_DECIMAL, parts))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        float("nan"),
        float("inf"),
        float("-inf"),
        "",
        " 1",
        "1_0",
        "１２",
        "NaN",
        "Infinity",
        "0x10",
        "1e",
        "1E+999999999",
        "1E-999999999",
        "1E+99999999999",
        "9" * 1000,
        b"1",
        NOON,
        Millis(1),
        [],
        {},
        big("x"),
        HObject(BIG_DECIMAL, {"value": None}),
        HObject(BIG_DECIMAL, {"value": big("1")}),
        HObject(BIG_DECIMAL, {"value": float("nan")}),
        HObject(BIG_DECIMAL, {"scale": "2", "intVal": words(1, 1)}),
        HObject(BIG_DECIMAL, {"scale": 1 << 30, "intVal": words(1, 1)}),
        HObject(BIG_DECIMAL, {"scale": 2, "intVal": {"signum": 2, "mag": [1]}}),
        HObject(BIG_DECIMAL, {"scale": 2, "intVal": HObject(BIG_DECIMAL, {"scale": 1, "intVal": 1})}),
        words(1),
        words(0, 1),
        words(-1, 0),
        words(1, *([1] * 5000)),
        HObject(BIG_INTEGER, {"signum": 1, "mag": ["x"]}),
        HObject(BIG_INTEGER, {"signum": 1, "mag": None}),
        HObject(BIG_INTEGER, {"signum": [], "mag": []}),
    ],
)
def test_what_is_no_decimal_is_refused(value: object) -> None:
    with pytest.raises(WrongType):
        as_decimal(value)


@pytest.mark.parametrize("form", list(ReplyForm))
@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("12.50", "12.50"),
        ("1E+3", "1E+3"),
        ("1000", "1000"),
        ("0E-8", "0E-8"),
        ("0.00", "0.00"),
        ("-0.00", "0.00"),
        ("-0", "0"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1E-7"),
        ("-1.23E-10", "-1.23E-10"),
        ("1.5E+20", "1.5E+20"),
    ],
)
def test_decimal_is_written_as_java_prints_it(number: str, text: str, form: ReplyForm) -> None:
    made = decode_value(encode_value(Decimal(number), form), form)
    assert made == big(text)
    assert as_decimal(made) == Decimal(number)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_decimal_that_is_no_number_is_not_written(number: str) -> None:
    with pytest.raises(CodecError):
        encode_value(Decimal(number))


@pytest.mark.parametrize(
    "value",
    [
        NOON,
        HObject("java.sql.Timestamp", {"value": NOON}),
        HObject("java.sql.Date", {"value": NOON}),
        HMap("java.sql.Time", [("value", NOON)]),
        {"value": NOON},
        HObject(HANDLE + "CalendarHandle", {"type": None, "date": NOON}),
    ],
)
def test_instant_is_read(value: object) -> None:
    assert as_instant(value) == NOON


@pytest.mark.parametrize("value", [None, 5, Long(5), "2009-08-01", Millis(1 << 60), {"value": "x"}, {}, [], True])
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(WrongType):
        as_instant(value)


def test_whole_numbers_of_every_width() -> None:
    for value in (
        5,
        Long(5),
        HObject(HANDLE + "ByteHandle", {"_value": 5}),
        HObject(HANDLE + "ShortHandle", {"_value": 5}),
    ):
        assert (as_int(value), type(as_int(value))) == (5, int)
    for wrong in (None, True, 5.0, "5", Millis(5), HObject("A", {"_value": "5"}), []):
        with pytest.raises(WrongType):
            as_int(wrong)


def test_texts_and_named_things() -> None:
    assert as_text("RMB") == "RMB"
    assert as_text(HObject("com.x.Currency", {"name": "RMB"})) == "RMB"
    assert as_text(HObject("java.lang.Class", {"name": "java.lang.String"})) == "java.lang.String"
    assert as_text(HObject(HANDLE + "LocaleHandle", {"value": "zh_CN"})) == "zh_CN"
    for wrong in (None, 5, b"x", {}, {"name": 1}, HObject("A", {"name": "x", "other": 1})):
        with pytest.raises(WrongType):
            as_text(wrong)


def test_booleans_and_lists() -> None:
    assert as_bool(True) is True
    assert as_list(HList("[int", [1])) == HList("[int", [1])
    for wrong in (None, 1, "true"):
        with pytest.raises(WrongType):
            as_bool(wrong)
        with pytest.raises(WrongType):
            as_list(wrong)


def test_shortest_float_is_exact_for_every_kind() -> None:
    for number in (0.1, 1.1, 3.4028234e38, 1e-45, 16777216.0, -2.5, 0.0):
        [narrow] = struct.unpack(">f", struct.pack(">f", number))
        read = as_decimal(HObject(HANDLE + "FloatHandle", {"_value": narrow}))
        assert struct.pack(">f", float(read)) == struct.pack(">f", narrow)
