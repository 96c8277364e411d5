"""Writing, what both versions share: which Python value becomes which production.

A `Writer` collects bytes and remembers the containers that it has begun, so that one which comes
again is written as a reference to its first writing. That is what Java does too, it makes circles
writable (a Java exception is its own cause), and it keeps shared things shared. Two containers that
are merely equal are both written.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from rpc.hessian.errors import CodecError, LimitExceeded
from rpc.hessian.instants import millis_of
from rpc.hessian.limits import DEEPEST
from rpc.hessian.objects import HMap, HObject
from rpc.hessian.values import HList, Long, Millis, Remote

BIG_DECIMAL = "java.math.BigDecimal"
_INT_MIN, _INT_MAX = -(1 << 31), (1 << 31) - 1
_LONG_MIN, _LONG_MAX = -(1 << 63), (1 << 63) - 1


def decimal_text(number: Decimal) -> str:
    """The text that Java's BigDecimal.toString gives for the same digits and the same scale.

    Raises: CodecError for NaN and the infinities, which BigDecimal does not have.
    """
    text = str(number)
    if text.replace(".", "", 1).isdigit():
        return text  # as money mostly is
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise CodecError("a decimal that is not a number")
    if not _INT_MIN < exponent <= _INT_MAX:
        raise CodecError("a decimal with more places than BigDecimal can have")
    return str(number.copy_abs()) if number.is_zero() else text


class Writer(ABC):
    """Collects the bytes of one message; the two versions fill in the productions."""

    def __init__(self, beginning: bytes = b"") -> None:
        self.out = bytearray(beginning)
        self.numbers: dict[int, int] = {}
        self.kept: list[object] = []
        self.next_number = 0
        self.depth = 0

    def finish(self, end: bytes = b"") -> bytes:
        """Everything written so far, and `end` after it."""
        return bytes(self.out) + end

    def value(self, value: Any) -> None:
        """Write any value of `rpc.hessian.values.Value`.

        Raises: CodecError for anything else, for numbers out of range and dates without a zone;
            LimitExceeded past a nesting that no reader of this package takes.
        """
        put = PRODUCTIONS.get(type(value))
        if put is None:
            put = _put_for(value)
        put(self, value)

    def big_decimal(self, text: str) -> None:
        """Write a BigDecimal of this text; its number is taken already."""
        self.object(BIG_DECIMAL, {"value": text})

    def begin(self, container: Any) -> bool:
        """Number a list, map or object; False if it has been before and was written as a reference."""
        number = self.numbers.get(id(container))
        if number is not None:
            self.reference(number)
            return False
        self.numbers[id(container)] = self.take_number()
        self.kept.append(container)  # an id is only good while its owner lives
        self.depth += 1
        if self.depth > DEEPEST:
            raise LimitExceeded("depth", DEEPEST)
        return True

    def take_number(self) -> int:
        """The reference number of the container that begins now."""
        number = self.next_number
        self.next_number += 1
        return number

    # --- the productions, which the versions write ---------------------------------------------

    @abstractmethod
    def string(self, text: str) -> None: ...

    @abstractmethod
    def binary(self, data: bytes) -> None: ...

    @abstractmethod
    def int32(self, number: int) -> None: ...

    @abstractmethod
    def long(self, number: int) -> None: ...

    @abstractmethod
    def double(self, number: float) -> None: ...

    @abstractmethod
    def date(self, millis: int) -> None: ...

    @abstractmethod
    def reference(self, number: int) -> None: ...

    @abstractmethod
    def list_of(self, type_name: str, items: Sequence[Any]) -> None: ...

    @abstractmethod
    def map_of(self, type_name: str, pairs: Sequence[tuple[Any, Any]]) -> None: ...

    @abstractmethod
    def object(self, type_name: str, fields: Mapping[str, Any]) -> None: ...

    @abstractmethod
    def remote(self, remote: Remote) -> None: ...


# --- which Python type is which production -------------------------------------------------------


def _put_null(writer: Writer, _value: Any) -> None:
    writer.out += b"N"


def _put_bool(writer: Writer, value: Any) -> None:
    writer.out += b"T" if value else b"F"


def _put_int(writer: Writer, value: Any) -> None:
    number = int(value)
    if _INT_MIN <= number <= _INT_MAX:
        writer.int32(number)
    else:
        _put_long(writer, number)


def _put_long(writer: Writer, value: Any) -> None:
    number = int(value)
    if not _LONG_MIN <= number <= _LONG_MAX:
        raise CodecError("an integer of more than 64 bits")
    writer.long(number)


def _put_millis(writer: Writer, value: Any) -> None:
    number = int(value)
    if not _LONG_MIN <= number <= _LONG_MAX:
        raise CodecError("a date of more than 64 bits")
    writer.date(number)


def _put_float(writer: Writer, value: Any) -> None:
    writer.double(float(value))


def _put_decimal(writer: Writer, value: Any) -> None:
    writer.take_number()
    writer.big_decimal(decimal_text(value))


def _put_date(writer: Writer, value: Any) -> None:
    writer.date(millis_of(value))


def _put_string(writer: Writer, value: Any) -> None:
    writer.string(str(value))


def _put_binary(writer: Writer, value: Any) -> None:
    writer.binary(bytes(value))


def _put_typed_list(writer: Writer, value: Any) -> None:
    if writer.begin(value):
        writer.list_of(value.type_name, value)
        writer.depth -= 1


def _put_list(writer: Writer, value: Any) -> None:
    if writer.begin(value):
        writer.list_of("", value)
        writer.depth -= 1


def _put_dict(writer: Writer, value: Any) -> None:
    if writer.begin(value):
        writer.map_of("", list(value.items()))
        writer.depth -= 1


def _put_map(writer: Writer, value: Any) -> None:
    if writer.begin(value):
        writer.map_of(value.type_name, value.pairs)
        writer.depth -= 1


def _put_object(writer: Writer, value: Any) -> None:
    if not value.type_name:
        raise CodecError("an object whose type has no name")
    if writer.begin(value):
        writer.object(value.type_name, value.fields)
        writer.depth -= 1


def _put_remote(writer: Writer, value: Any) -> None:
    writer.remote(value)


PRODUCTIONS: dict[type, Callable[[Writer, Any], None]] = {
    str: _put_string,
    type(None): _put_null,
    bool: _put_bool,
    Long: _put_long,
    Millis: _put_millis,
    int: _put_int,  # a long if it must be
    float: _put_float,
    Decimal: _put_decimal,  # an object java.math.BigDecimal
    datetime: _put_date,
    bytes: _put_binary,
    bytearray: _put_binary,
    HObject: _put_object,
    HList: _put_typed_list,
    list: _put_list,
    tuple: _put_list,
    HMap: _put_map,
    dict: _put_dict,
    Remote: _put_remote,
}
"""Of a type that is none of these, the first that it extends counts: hence the order."""


def _put_for(value: Any) -> Callable[[Writer, Any], None]:
    for known, put in PRODUCTIONS.items():
        if isinstance(value, known):
            return put
    raise CodecError(f"Hessian has no form for a {type(value).__name__}")
