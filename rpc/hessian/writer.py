"""Writing, what both versions share: which Python value becomes which production.

A `Writer` collects bytes and remembers the containers that it has begun, so that one which comes
again is written as a reference to its first writing. That is what Java does too, it makes circles
writable (a Java exception is its own cause), and it keeps shared things shared. Two containers that
are merely equal are both written.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
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
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise CodecError("a decimal that is not a number")
    if not _INT_MIN < exponent <= _INT_MAX:
        raise CodecError("a decimal with more places than BigDecimal can have")
    return str(number.copy_abs() if number.is_zero() else number)


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
        if isinstance(value, str):
            self.string(value)
        elif value is None:
            self.out += b"N"
        elif isinstance(value, bool):
            self.out += b"T" if value else b"F"
        elif isinstance(value, int):
            self._whole(value)
        elif isinstance(value, (list, dict, tuple, HObject, HMap)):
            self._container(value)
        elif isinstance(value, Decimal):
            self.take_number()
            self.object(BIG_DECIMAL, {"value": decimal_text(value)})
        elif isinstance(value, datetime):
            self.date(millis_of(value))
        elif isinstance(value, float):
            self.double(value)
        elif isinstance(value, (bytes, bytearray)):
            self.binary(bytes(value))
        elif isinstance(value, Remote):
            self.remote(value)
        else:
            raise CodecError(f"Hessian has no form for a {type(value).__name__}")

    def _whole(self, value: Any) -> None:
        if not _LONG_MIN <= value <= _LONG_MAX:
            raise CodecError("an integer of more than 64 bits")
        if isinstance(value, Millis):
            self.date(int(value))
        elif isinstance(value, Long) or not _INT_MIN <= value <= _INT_MAX:
            self.long(int(value))
        else:
            self.int32(int(value))

    def _container(self, value: Any) -> None:
        """Write a list, map or object, or a reference to where it was begun."""
        number = self.numbers.get(id(value))
        if number is not None:
            self.reference(number)
            return
        self.numbers[id(value)] = self.take_number()
        self.kept.append(value)  # an id is only good while its owner lives
        self.depth += 1
        if self.depth > DEEPEST:
            raise LimitExceeded("depth", DEEPEST)
        if isinstance(value, HObject):
            if not value.type_name:
                raise CodecError("an object whose type has no name")
            self.object(value.type_name, value.fields)
        elif isinstance(value, HList):
            self.list_of(value.type_name, value)
        elif isinstance(value, (list, tuple)):
            self.list_of("", value)
        elif isinstance(value, HMap):
            self.map_of(value.type_name, value.pairs)
        else:
            self.map_of("", list(value.items()))
        self.depth -= 1

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
