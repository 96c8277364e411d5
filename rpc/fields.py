"""Reading arguments: from what a caller sent to texts, instants, decimals and flags, by the contract's names.

Where it stands in the walk: between the codec and the command, and the only place where the shape of a value
is judged. Field names are matched without regard to case and through one table of aliases, since the 2009
document spells some of them three ways. Every reader names the contract's field when it refuses.
Design: contract, "How callers reach it"; wire, section 3.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from billing_center.errors import MissingField, OutOfRange, WrongValue
from billing_center.money import exact
from rpc.hessian import (
    CodecError,
    HMap,
    Value,
    WrongType,
    as_decimal,
    as_instant,
    as_int,
    as_text,
    fields_of,
    unwrap,
)
from rpc.hessian.errors import LostDecimal

ALIASES: Mapping[str, tuple[str, ...]] = {
    "username": ("userName", "user_name"),
    "userId": ("user_id",),
    "payerMemId": ("payerMemberId", "payerId", "payer_mem_id"),
    "productName": ("product_name",),
    "productId": ("product_id", "productKey", "productCode"),
    "startDate": ("start_date", "startTime"),
    "endDate": ("end_date", "endTime"),
    "amount": (),
    "useAge": ("usage", "use_age"),
    "useUnit": ("use_unit", "usageUnit"),
    "guid": ("uuid",),
    "orderId": ("ordereId", "ordered", "order_id"),
    "ordercode": ("orderCode", "order_code"),
    "custId": ("customerId", "cust_id"),
    "billingType": ("billing_type",),
    "status": ("state",),
    "productStrategyId": ("strategyId", "product_strategy_id"),
    "specCondition": ("specConditions", "spec_condition"),
    "isQuota": ("quota", "is_quota"),
    "currency": ("y",),
}
"""The contract's name of each field, and what else callers and the OCR'd document call it. Case never matters."""

_SPELLINGS = {
    name: tuple(known.lower() for known in (name, *aliases)) for name, aliases in ALIASES.items()
}  # fmt: skip

ID_LENGTH = 64
NAME_LENGTH = 200
MOST_FEATURES = 100
REMEMBERED_LENGTH = 2000
"""Characters of all names of an object together up to which they are remembered."""

_YES = {"1", "y", "yes", "true", "t", "是"}
_NO = {"0", "n", "no", "false", "f", "否", ""}
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Fields:
    """The fields of one parameter object, whatever class, order and spelling it came in.

    Unknown fields are ignored; a missing one is null. Where a field came under its own name and under an
    alias, the first that is not null counts, its own name first.
    """

    def __init__(self, value: Value, *, parameter: str) -> None:
        """Raises: MissingField for null, WrongValue for anything that is no object or map with names."""
        if value is None:
            raise MissingField(f"{parameter} is required", field=parameter)
        try:
            fields = fields_of(value)
        except CodecError:
            raise WrongValue(f"{parameter} must be an object or a map", field=parameter) from None
        self._fields = fields
        names = tuple(fields)
        self._keys = _remembered_keys(names) if sum(map(len, names)) <= REMEMBERED_LENGTH else _keys_of(names)

    def get(self, name: str) -> Any:
        """The value of a field of the contract, or None."""
        for key in self._keys[name]:
            value = self._fields[key]
            if value is not None:
                return value
        return None

    def text(self, name: str, *, required: bool = False, longest: int = ID_LENGTH) -> str:
        """See `read_text`."""
        value = self.get(name)
        if type(value) is str and len(value) <= longest and value.isprintable():  # nothing to refuse but a blank
            text = value.strip()
            if text or not required:
                return text
        elif value is None and not required:
            return ""
        return read_text(value, name, required=required, longest=longest)

    def instant(self, name: str) -> datetime | None:
        """See `read_instant`."""
        return read_instant(self.get(name), name)

    def decimal(self, name: str) -> Decimal | None:
        """See `read_decimal`."""
        return read_decimal(self.get(name), name)

    def flag(self, name: str) -> bool:
        """See `read_flag`."""
        return read_flag(self.get(name), name)

    def features(self, name: str) -> dict[str, str]:
        """See `read_features`."""
        return read_features(self.get(name), name)


def _keys_of(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """For each field of the contract the names under which this object may have it, in the order that counts."""
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(name.lower(), name)
    return {
        field: tuple(spelled[known] for known in spellings if known in spelled)
        for field, spellings in _SPELLINGS.items()
    }


_remembered_keys = lru_cache(256)(_keys_of)
"""A caller's objects have the same fields each time, and callers are few."""


def read_text(value: Value, field: str, *, required: bool = False, longest: int = ID_LENGTH) -> str:
    """A text without the spaces around it; "" for null. A whole number is taken for its digits.

    Raises: MissingField when it is required and blank; WrongValue for another kind of value; OutOfRange for a
    text too long, or with control characters or halves of characters in it.
    """
    inner = value if type(value) is str else unwrap(value)
    if type(inner) is str:
        text = inner.strip()
    elif inner is None:
        text = ""
    elif isinstance(inner, int) and not isinstance(inner, bool):
        text = str(int(inner))
    else:
        try:
            text = as_text(inner).strip()
        except WrongType:
            raise WrongValue(f"{field} must be a text", field=field) from None
    if required and not text:
        raise MissingField(f"{field} is required", field=field)
    if len(text) > longest:
        raise OutOfRange(f"{field} must have at most {longest} characters", field=field)
    if not (text.isascii() and text.isprintable()) and _UNSAFE.search(text):
        raise OutOfRange(f"{field} must not hold control characters or halves of characters", field=field)
    return text


def read_instant(value: Value, field: str) -> datetime | None:
    """An aware UTC instant in whole milliseconds, or None for null. Raises: WrongValue."""
    if value is None:
        return None
    try:
        return as_instant(value)
    except WrongType:
        raise WrongValue(f"{field} must be a date", field=field) from None


def required_instant(value: datetime | None, field: str) -> datetime:
    """The instant itself. Raises: MissingField for None."""
    if value is None:
        raise MissingField(f"{field} is required", field=field)
    return value


def read_decimal(value: Value, field: str) -> Decimal | None:
    """An exact decimal of at most six decimals, or None for null or blank text.

    Raises: LostDecimal when the caller's jar left the digits out; WrongValue; OutOfRange.
    """
    if value is None:
        return None
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
    try:
        return exact(as_decimal(value), field=field)
    except LostDecimal:
        raise
    except WrongType:
        raise WrongValue(f"{field} must be a decimal number", field=field) from None


def read_whole(value: Value, field: str) -> int:
    """A whole number: int, long, or their digits as text. Raises: MissingField for null or blank; WrongValue."""
    inner = unwrap(value)
    if isinstance(inner, str):
        inner = inner.strip() or None
    if inner is None:
        raise MissingField(f"{field} is required", field=field)
    try:
        if isinstance(inner, int):
            return as_int(inner)
        number = as_decimal(inner)
    except LostDecimal:
        raise
    except WrongType:
        raise WrongValue(f"{field} must be a whole number", field=field) from None
    if number != number.to_integral_value():
        raise WrongValue(f"{field} must be a whole number", field=field)
    return int(number)


def read_flag(value: Value, field: str) -> bool:
    """Yes or no: 1/Y/true or 0/N/false/blank, as text, number or boolean. Raises: WrongValue; OutOfRange."""
    inner = unwrap(value)
    if isinstance(inner, bool):
        return inner
    word = read_text(inner, field).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise OutOfRange(f"{field} must be 1 or 0, Y or N, true or false", field=field)


def read_features(value: Value, field: str) -> dict[str, str]:
    """Feature values by name, from a map, from JSON text, or from `key=value;key=value`; {} for null or blank.

    Raises: WrongValue for another kind of value; OutOfRange for text in neither form, or too much of it.
    """
    if value is None:
        return {}
    if isinstance(value, str):
        pairs = _feature_pairs(value.strip(), field)
    elif isinstance(value, HMap):
        pairs = list(value.items())
    else:
        try:
            pairs = list(fields_of(value).items())
        except CodecError:
            raise WrongValue(f"{field} must be a map of names and values", field=field) from None
    if len(pairs) > MOST_FEATURES:
        raise OutOfRange(f"{field} must have at most {MOST_FEATURES} features", field=field)
    features: dict[str, str] = {}
    for name, inner in pairs:
        known = read_text(name, field, required=True)
        features[known] = _feature_value(inner, field)
    return features


def _feature_pairs(text: str, field: str) -> list[tuple[Any, Any]]:
    if text.startswith("{"):
        try:
            read = json.loads(text, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise OutOfRange(f"{field} is not JSON", field=field) from None
        return list(read.items())
    pairs: list[tuple[Any, Any]] = []
    for part in _parts(text):
        name, mark, value = part.partition("=")
        if not mark:
            raise OutOfRange(f"{field} must read key=value;key=value, or be JSON", field=field)
        pairs.append((name, value))
    return pairs


def _parts(text: str) -> Iterable[str]:
    return (part for part in re.split("[;；]", text) if part.strip())


def _feature_value(value: Any, field: str) -> str:
    """A feature's value as text; numbers by their shortest plain form, so that 4, 4.0 and "4" are one."""
    inner = unwrap(value)
    if isinstance(inner, bool):
        return "true" if inner else "false"
    if inner is None or isinstance(inner, str | int):
        return read_text(inner, field, longest=NAME_LENGTH)
    try:
        number = inner if isinstance(inner, Decimal) else as_decimal(inner)
    except WrongType:
        raise WrongValue(f"{field} must hold texts and numbers only", field=field) from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise OutOfRange(f"{field} holds a number out of range", field=field)
    return format(number.normalize(), "f")
