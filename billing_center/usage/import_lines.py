"""Lines of a file of uses: from CSV columns or JSON objects to uses, or to the rules that they break.

Columns are named as in insertServiceOp or as in this program (userId or user_id, useAge or quantity, ...), in any
order and case; unknown ones are ignored. Instants are ISO 8601 (without an offset: in the business time zone) or
milliseconds since 1970 in UTC. Where it stands in the walk: `import_uses` reads files with it, as the door reads
calls. Design: contract, insertServiceOp.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from billing_center.errors import MissingField, OutOfRange, Refused, WrongValue
from billing_center.money import exact
from billing_center.usage.reported_uses import RecordUsage, UseColumns, columns_of

T = TypeVar("T")

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
class Lines:
    """Lines of a file that are decided together: their numbers and texts, the uses that they tell, and, by place
    among the lines, the rules that others break."""

    numbers: Sequence[int]
    texts: Sequence[str]
    uses: UseColumns
    sound: Sequence[int]  # the place of each use among the lines
    refused: Mapping[int, Refused]


NO_LINES = Lines((), (), columns_of(()), (), {})

Row = tuple[int, str, Sequence[str]]
"""A row of a CSV file: the number of its first line, its text and its cells."""


def read_csv(
    lines: Iterable[str], caller: str, zone: ZoneInfo, *, before: int = 0, after: int, size: int
) -> Iterator[Lines]:
    """The lines of a CSV file behind line `after`, so many at a time; the first of them names the columns.

    `before` other lines of the file came before these. Raises: WrongValue when the columns are not named.
    """
    left = iter(lines)
    header = csv.reader(left)
    columns = [column_of(word) for word in next(header, [])]
    if "userId" not in columns or "productId" not in columns:
        raise WrongValue("the first line must name the columns, userId and productId among them", field="file")
    for some in _rows(left, before + header.line_num, size):
        rows = [row for row in some if row[0] > after]
        if rows:
            yield _read_rows(rows, columns, caller, zone)


def read_json_lines(
    lines: Iterable[str], caller: str, zone: ZoneInfo, *, before: int = 0, after: int, size: int
) -> Iterator[Lines]:
    """The same of a file with a JSON object on each line."""
    told = (
        (number, text) for number, text in enumerate(lines, start=before + 1) if number > after and text.strip()
    )
    while some := list(islice(told, size)):
        numbers, texts = zip(*some, strict=True)
        yield _lines(numbers, texts, [_read_json(text, caller, zone) for text in texts])


def _rows(lines: Iterator[str], before: int, size: int) -> Iterator[list[Row]]:
    """The rows that have cells, so many at a time. Without quotes a line is a row, and needs no parser."""
    while some := list(islice(lines, size)):
        if '"' in "".join(some):
            rest = _parsed(chain(some, lines), before)
            while rows := list(islice(rest, size)):
                yield rows
            return
        numbered = enumerate(some, start=before + 1)
        yield [(n, text, text.rstrip("\r\n").split(",")) for n, text in numbered if text.rstrip("\r\n")]
        before += len(some)


def _parsed(lines: Iterable[str], before: int) -> Iterator[Row]:
    """The rows of lines of which some have quotes: a quoted cell may hold ends of lines."""
    kept: list[str] = []
    cells, done = csv.reader(_kept(lines, kept)), 0
    for row in cells:
        text, number, done = "".join(kept), done + 1, cells.line_num
        kept.clear()
        if row:
            yield before + number, text, row


def _read_rows(rows: Sequence[Row], columns: Sequence[str], caller: str, zone: ZoneInfo) -> Lines:
    """What rows tell. Where one breaks a rule, it is read by itself, so that the first rule names it."""
    numbers, texts, cells = zip(*rows, strict=True)
    if set(map(len, cells)) != {len(columns)}:
        nothing = ("",) * len(columns)
        cells = tuple((*row, *nothing)[: len(columns)] for row in cells)
    uses, bad = read_columns(dict(zip(columns, zip(*cells, strict=True), strict=True)), caller, zone)
    if not bad:
        return Lines(numbers, texts, uses, range(len(rows)), {})
    sound = [place for place in range(len(rows)) if place not in bad]
    again = {place: _read(dict(zip(columns, cells[place], strict=True)), caller, zone) for place in bad}
    refused = {place: read for place, read in again.items() if isinstance(read, Refused)}
    assert len(refused) == len(bad), "what breaks a rule in its column breaks it by itself"
    return Lines(numbers, texts, uses.at(sound), sound, refused)


def read_columns(told: Mapping[str, Sequence[str]], caller: str, zone: ZoneInfo) -> tuple[UseColumns, set[int]]:
    """The uses that columns tell, and the places of those that break a rule: what stands there is void."""
    count, bad = len(told["userId"]), set[int]()

    def texts(name: str) -> Sequence[str]:
        values = told.get(name, ("",) * count)
        together = "".join(values)
        if together.isprintable() and " " not in together and max(map(len, values)) <= LONGEST[name]:
            return values
        return _judged(values, lambda value: _text({name: value}, name), "", bad)

    def required(name: str) -> Sequence[str]:
        values = texts(name)
        bad.update(place for place, value in enumerate(values) if not value)
        return values

    def decimals(name: str) -> Sequence[Decimal | None]:
        return _judged(told.get(name, ("",) * count), lambda value: _decimal({name: value}, name), None, bad)

    started = _instants(told.get("startDate", ("",) * count), "startDate", zone, bad)
    bad.update(place for place, value in enumerate(started) if value is None)
    ended = _instants(told.get("endDate", ("",) * count), "endDate", zone, bad)
    begun = [value or _EPOCH for value in started]
    uses = UseColumns(
        (caller,) * count, texts("guid"), required("userId"), texts("username"), texts("payerMemId"),
        required("productId"), texts("productName"), begun,
        [end or start for end, start in zip(ended, begun, strict=True)],
        decimals("amount"), decimals("useAge"), texts("useUnit"),
    )  # fmt: skip
    return uses, bad


def _judged(values: Sequence[str], judge: Callable[[str], T], void: T, bad: set[int]) -> list[T]:
    """What each text of a column means; each is judged once."""
    known: dict[str, T] = {}
    wrong: set[str] = set()
    for value in set(values):
        try:
            known[value] = judge(value)
        except Refused:
            wrong.add(value)
            known[value] = void
    if wrong:
        bad.update(place for place, value in enumerate(values) if value in wrong)
    return [known[value] for value in values]


def _instants(values: Sequence[str], name: str, zone: ZoneInfo, bad: set[int]) -> Sequence[datetime | None]:
    """The instants of a column; most are ISO 8601 with milliseconds and an offset."""
    if not any(map(str.isdecimal, values)):
        try:
            found = list(map(datetime.fromisoformat, values))
            settled = all(one.tzinfo is not None and not one.microsecond % 1000 for one in found)
            return [one.astimezone(UTC) if settled else _settled(one, zone) for one in found]
        except (ValueError, OverflowError):
            pass  # one of them is none: each is judged by itself
    return _judged(values, lambda value: _instant({name: value}, name, zone), None, bad)


def _lines(numbers: Sequence[int], texts: Sequence[str], read: Sequence[RecordUsage | Refused]) -> Lines:
    sound = [(place, one) for place, one in enumerate(read) if isinstance(one, RecordUsage)]
    refused = {place: one for place, one in enumerate(read) if isinstance(one, Refused)}
    return Lines(numbers, texts, columns_of(one for _, one in sound), [place for place, _ in sound], refused)


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
        return _settled(datetime.fromisoformat(value), zone)
    except (ValueError, OverflowError, AttributeError):
        raise WrongValue(f"{name} must be an instant like 2026-03-01T09:30:00+08:00", field=name) from None


def _settled(instant: datetime, zone: ZoneInfo) -> datetime:
    """In milliseconds and UTC; one without a time zone is in that of the business."""
    instant = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    return (instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)).astimezone(UTC)


def _kept(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    """The lines, each kept until its row has been read."""
    for line in lines:
        kept.append(line)
        yield line
