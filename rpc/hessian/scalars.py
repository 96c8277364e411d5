"""Null, booleans, numbers and dates, which both grammars read by the same rules under other tags."""

from typing import Any

from rpc.hessian.instants import instant_of
from rpc.hessian.reader import I64, Reader
from rpc.hessian.values import make_long


def null(_reader: Reader, _tag: int) -> None:
    return None


def true(_reader: Reader, _tag: int) -> bool:
    return True


def false(_reader: Reader, _tag: int) -> bool:
    return False


def int_direct(_reader: Reader, tag: int) -> int:
    return tag - 0x90


def int_byte(reader: Reader, tag: int) -> int:
    return (tag - 0xC8) * 0x100 + reader.u8()


def int_short(reader: Reader, tag: int) -> int:
    return (tag - 0xD4) * 0x10000 + reader.u16()


def int_full(reader: Reader, _tag: int) -> int:
    return reader.i32()


def long_direct(_reader: Reader, tag: int) -> Any:
    return make_long(tag - 0xE0)


def long_byte(reader: Reader, tag: int) -> Any:
    return make_long((tag - 0xF8) * 0x100 + reader.u8())


def long_short(reader: Reader, tag: int) -> Any:
    return make_long((tag - 0x3C) * 0x10000 + reader.u16())


def long_int(reader: Reader, _tag: int) -> Any:
    return make_long(reader.i32())


def long_full(reader: Reader, _tag: int) -> Any:
    return make_long(reader.i64())


def double_zero(_reader: Reader, _tag: int) -> float:
    return 0.0


def double_one(_reader: Reader, _tag: int) -> float:
    return 1.0


def double_byte(reader: Reader, _tag: int) -> float:
    return float(reader.i8())


def double_short(reader: Reader, _tag: int) -> float:
    return float(reader.i16())


def double_thousandths(reader: Reader, _tag: int) -> float:
    """A 32-bit int of thousandths, multiplied as every writer did when it chose this form."""
    return 0.001 * reader.i32()


def double_full(reader: Reader, _tag: int) -> float:
    return reader.f64()


def date_millis(reader: Reader, _tag: int) -> Any:
    at = reader.at
    reader.at = at + 8
    return instant_of(I64(reader.body, at)[0])
