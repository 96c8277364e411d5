"""What Java's own types look like once decoded, and how to get at what they mean.

    java.math.BigDecimal                     object {value: "12.50"}
        from a jar without its serializers   object {scale, intVal: null}   the digits are lost
        with a large number in such a jar    object {scale, intVal: BigInteger}
    java.math.BigInteger                     object {signum, mag: [int]} or {value: "12"}
    java.sql.Timestamp, Date, Time           object {value: date}
    java.util.Calendar                       CalendarHandle {type, date}
    boxed byte, short, float                 ByteHandle, ShortHandle, FloatHandle {_value}
    an enum's constant, java.lang.Class      object {name}
    java.util.Locale                         LocaleHandle {value}

Each function takes a decoded value for what it should be, whatever form it came in, or raises
WrongType. Class names are not looked at, except to tell a float from a double: the fields say it.
"""

import re
import struct
from datetime import datetime
from decimal import Context, Decimal
from typing import Any

from rpc.hessian.errors import LostDecimal, WrongType
from rpc.hessian.objects import HMap, HObject
from rpc.hessian.values import Millis

MOST_DIGITS = 400
"""Longer decimals, and exponents beyond it, are refused: 1E+999999999 is short but not harmless."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,10})?", re.ASCII)
_EXACT = Context(prec=3 * MOST_DIGITS, Emax=999_999, Emin=-999_999)
_LOST = (
    "this BigDecimal arrived without its digits. The caller's hessian jar lacks the resource"
    " META-INF/hessian/serializers (line: java.math.BigDecimal="
    "com.caucho.hessian.io.StringValueSerializer) and its twin META-INF/hessian/deserializers"
    " (line: java.math.BigDecimal=com.caucho.hessian.io.BigDecimalDeserializer); with both on"
    " the caller's class path decimals are sent whole"
)


def as_decimal(value: object) -> Decimal:
    """A decimal, exactly as sent: never by way of binary arithmetic, never a guess.

    Takes a BigDecimal or BigInteger object, int, long, a double or float by its shortest text, and
    a numeric string. NaN, the infinities and numbers of more than 400 digits are refused.
    Raises: LostDecimal when the digits are not on the wire; WrongType.
    """
    if type(value) is HObject and len(value.fields) == 1:  # a BigDecimal as Caucho's serializer writes it
        text = value.fields.get("value")
        if type(text) is str:
            return _decimal_of_text(text)
    value = unwrap(value)
    if isinstance(value, str):
        return _decimal_of_text(value)
    if isinstance(value, float):
        return _decimal_of_text(repr(value))
    if isinstance(value, int) and not isinstance(value, (bool, Millis)):
        return Decimal(int(value))
    fields = _fields(value)
    if fields is None:
        raise WrongType("a decimal was expected")
    if "signum" in fields:
        return Decimal(_big_integer(fields))
    inner = fields.get("value")
    if isinstance(inner, (str, int, float)):
        return as_decimal(inner)
    if "scale" in fields or "intVal" in fields:
        return _decimal_of_parts(fields)
    raise WrongType("a decimal was expected")


def _decimal_of_text(text: str) -> Decimal:
    if len(text) > MOST_DIGITS + 20 or not _NUMBER.fullmatch(text):
        raise WrongType("a text that is not a decimal")
    number = Decimal(text)
    if len(text) <= MOST_DIGITS and "e" not in text and "E" not in text:
        return number  # it has no more decimals than characters
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > MOST_DIGITS:
        raise WrongType("a decimal of too many digits")
    return number


def _decimal_of_parts(fields: dict[str, Any]) -> Decimal:
    """A BigDecimal written field by field: `intVal` times 10 to the power of minus `scale`."""
    whole = _fields(fields.get("intVal"))
    if whole is None:
        raise LostDecimal(_LOST)
    scale = fields.get("scale")
    if type(scale) is not int or abs(scale) > MOST_DIGITS:
        raise WrongType("a decimal of too many digits")
    return Decimal(as_decimal(fields["intVal"])).scaleb(-scale, _EXACT)


def _big_integer(fields: dict[str, Any]) -> int:
    """A BigInteger written field by field: a sign and 32-bit words, the highest first."""
    sign, words = fields.get("signum"), fields.get("mag")
    if sign not in (-1, 0, 1) or not isinstance(words, list) or len(words) > 32:
        raise WrongType("a big integer of too many digits, or not one at all")
    magnitude = 0
    for word in words:
        if not isinstance(word, int):
            raise WrongType("a big integer with something else in it")
        magnitude = magnitude << 32 | (word & 0xFFFFFFFF)
    if (sign == 0) != (magnitude == 0):
        raise WrongType("a big integer whose sign does not fit its digits")
    return int(sign) * magnitude


def as_instant(value: object) -> datetime:
    """A point in time: a date, an SQL date, time or timestamp, or a calendar; aware, UTC.

    Raises: WrongType; also for dates beyond the year 9999, which Python cannot hold.
    """
    if isinstance(value, datetime):
        return value
    fields = _fields(value)
    if fields is not None:
        value = fields.get("value", fields.get("date"))
        if isinstance(value, datetime):
            return value
    if isinstance(value, Millis):
        raise WrongType("a date beyond the years 1 to 9999")
    raise WrongType("a date was expected")


def as_int(value: object) -> int:
    """A whole number of int, long, byte or short. Raises: WrongType; also for null."""
    value = unwrap(value)
    if isinstance(value, int) and not isinstance(value, (bool, Millis)):
        return int(value)
    raise WrongType("a whole number was expected")


def as_text(value: object) -> str:
    """A string; of an enum's constant or a class its name, of a locale its text.

    Raises: WrongType; also for null.
    """
    if isinstance(value, str):
        return value
    fields = _fields(value)
    if fields is not None and len(fields) == 1:
        inner = fields.get("name", fields.get("value"))
        if isinstance(inner, str):
            return inner
    raise WrongType("a text was expected")


def as_bool(value: object) -> bool:
    """A boolean. Raises: WrongType."""
    if isinstance(value, bool):
        return value
    raise WrongType("a boolean was expected")


def as_list(value: object) -> list[Any]:
    """A list or array, typed or not. Raises: WrongType; also for null."""
    if isinstance(value, list):
        return value
    raise WrongType("a list was expected")


def unwrap(value: object) -> Any:
    """What is inside a ByteHandle, ShortHandle or FloatHandle; anything else is itself.

    A float becomes the double with the float's shortest text, so that 0.1f is 0.1.
    """
    if isinstance(value, HObject) and len(value.fields) == 1 and "_value" in value.fields:
        inner = value.fields["_value"]
        if isinstance(inner, float) and value.type_name.endswith("FloatHandle"):
            return _shortest_float(inner)
        return inner
    return value


def _shortest_float(number: float) -> float:
    """The double with the fewest digits that is the same 32-bit float."""
    try:
        narrow = struct.pack(">f", number)
    except OverflowError:
        return number
    for digits in range(1, 9):
        shorter = float(f"{number:.{digits}g}")
        if abs(shorter) < 3e38 and struct.pack(">f", shorter) == narrow:
            return shorter
    return number


def _fields(value: object) -> dict[Any, Any] | None:
    """The fields of an object or of any map; None for anything else."""
    if isinstance(value, HObject):
        return value.fields
    if isinstance(value, dict):
        return value
    if isinstance(value, HMap):
        return dict(pair for pair in value.pairs if isinstance(pair[0], str))
    return None
