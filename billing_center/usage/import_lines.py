"""A line of a file of uses: from CSV columns or a JSON object to a command, or to the rule that it breaks.

Columns are named as in insertServiceOp or as in this program (userId or user_id, useAge or quantity, ...), in any
order and case; unknown ones are ignored. Instants are ISO 8601 (without an offset: in the business time zone) or
milliseconds since 1970 in UTC. Where it stands in the walk: `import_uses` reads files with it, as the door reads
calls. Design: contract, insertServiceOp.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from billing_center.errors import MissingField, OutOfRange, Refused, WrongValue
from billing_center.money import exact
from billing_center.usage.reported_uses import RecordUsage

NAMES: Mapping[str, tuple[str, ...]] = {
    "guid": ("uuid",),
    "userId": ("user",),
    "username": (),
    "payerMemId": ("payerId", "payer"),
    "productId": ("product", "productKey", "productCode"),
    "productName": (),
    "startDate": ("startedAt", "startTime"),
    "endDate": ("endedAt", "endTime"),
    "amount": (),
    "useAge": ("quantity", "usage"),
    "useUnit": ("unit",),
}
"""The contract's name of each column, and what else it may be called."""

LONGEST = {"guid": 100, "userId": 64, "username": 200, "payerMemId": 64, "productId": 64, "productName": 200,
           "useUnit": 20}  # fmt: skip
"""Characters of each text, as the door takes them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KNOWN = {word.casefold(): name for name, others in NAMES.items() for word in (name, *others)}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the file, its text, and the use that it tells or the rule that it breaks."""

    number: int
    text: str
    read: RecordUsage | Refused


def read_csv(lines: Iterable[str], caller: str, zone: ZoneInfo) -> Iterator[Line]:
    """The lines of a CSV file, whose first names the columns. Raises: WrongValue when that one does not."""
    kept: list[str] = []
    rows = csv.reader(_kept(lines, kept))
    columns = [column_of(word) for word in next(rows, [])]
    kept.clear()
    if "userId" not in columns or "productId" not in columns:
        raise WrongValue("the first line must name the columns, userId and productId among them", field="file")
    before = rows.line_num
    for row in rows:
        text, number, before = "".join(kept), before + 1, rows.line_num
        kept.clear()
        if row:
            yield Line(number, text.rstrip("\r\n"), _read(dict(zip(columns, row, strict=False)), caller, zone))


def read_json_lines(lines: Iterable[str], caller: str, zone: ZoneInfo) -> Iterator[Line]:
    """The lines of a file with a JSON object on each."""
    for number, text in enumerate(lines, start=1):
        if text.strip():
            yield Line(number, text.rstrip("\r\n"), _read_json(text, caller, zone))


@lru_cache(256)
def column_of(word: str) -> str:
    """The contract's name of a column; "" for one that is not known."""
    return _KNOWN.get(word.strip().lstrip("\ufeff").replace("_", "").casefold(), "")


def _read_json(text: str, caller: str, zone: ZoneInfo) -> RecordUsage | Refused:
    try:
        told = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return WrongValue("the line is no JSON object", field="line")
    if not isinstance(told, dict):
        return WrongValue("the line is no JSON object", field="line")
    return _read({column_of(name): value for name, value in told.items()}, caller, zone)


def _read(told: Mapping[str, Any], caller: str, zone: ZoneInfo) -> RecordUsage | Refused:
    try:
        started_at = _instant(told, "startDate", zone)
        if started_at is None:
            raise MissingField("startDate is required", field="startDate")
        return RecordUsage(
            caller=caller,
            guid=_text(told, "guid"),
            user_id=_required(told, "userId"),
            user_name=_text(told, "username"),
            payer_id=_text(told, "payerMemId"),
            product_id=_required(told, "productId"),
            product_name=_text(told, "productName"),
            started_at=started_at,
            ended_at=_instant(told, "endDate", zone) or started_at,
            amount=_decimal(told, "amount"),
            quantity=_decimal(told, "useAge"),
            unit=_text(told, "useUnit"),
        )
    except Refused as refused:
        return refused


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        if isinstance(value, bool | dict | list):
            raise WrongValue(f"{name} must be a text", field=name)
        value = str(value)
    value = value.strip()
    if len(value) > LONGEST[name]:
        raise OutOfRange(f"{name} has more than {LONGEST[name]} characters", field=name)
    if not value.isprintable():
        raise WrongValue(f"{name} has characters that cannot be kept, or is not UTF-8", field=name)
    return value


def _required(told: Mapping[str, Any], name: str) -> str:
    value = _text(told, name)
    if not value:
        raise MissingField(f"{name} is required", field=name)
    return value


def _decimal(told: Mapping[str, Any], name: str) -> Decimal | None:
    value = told.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise WrongValue(f"{name} must be a decimal number", field=name)
    return exact(value.strip() if isinstance(value, str) else value, field=name)


def _instant(told: Mapping[str, Any], name: str, zone: ZoneInfo) -> datetime | None:
    value = told.get(name)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return _EPOCH + timedelta(milliseconds=value)
        if value.isdecimal() and len(value) > 8:
            return _EPOCH + timedelta(milliseconds=int(value))
        instant = datetime.fromisoformat(value)
    except (ValueError, OverflowError, AttributeError):
        raise WrongValue(f"{name} must be an instant like 2026-03-01T09:30:00+08:00", field=name) from None
    instant = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)


def _kept(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    """The lines, each kept until its row has been read."""
    for line in lines:
        kept.append(line)
        yield line
