"""Calls that were answered "-1": kept, listed, and deleted when they are old.

Where it stands in the walk: a "-1" is answered only after its row was committed, in the same transaction as
the other calls of its group. Design: contract, "The three kinds of answer".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from billing_center.access import store
from billing_center.bounded_count import BoundedCount, count_rows
from billing_center.center import UnitOfWork
from billing_center.clock import start_of_day
from billing_center.errors import OutOfRange, Refused

LONGEST_TEXT = 200
MOST_ITEMS = 40
DEEPEST = 6
LONGEST_DOCUMENT = 8000
"""Characters of the JSON in which a refused call's arguments are kept; longer ones are cut to their beginning."""


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """Who called what, with which arguments, and the rule that it broke."""

    caller: str
    operation: str
    code: str
    field: str
    message: str
    arguments: str  # bounded JSON of plain values: `arguments_document`


@dataclass(frozen=True, slots=True)
class RefusedCallEntry:
    """A refused call as it is listed, with when it came."""

    refused_id: str
    at: datetime
    call: RefusedCall


def refused_call(caller: str, operation: str, arguments: Sequence[object], error: Refused) -> RefusedCall:
    """The refused call that an error makes of a call; `arguments` are plain values (see `arguments_document`)."""
    field, message = error.field or "", error.message
    return RefusedCall(caller, operation, error.code.value, field, message, arguments_document(arguments))


def keep_refused(work: UnitOfWork, refused: RefusedCall) -> None:
    """Keep a refused call."""
    store.insert_refused_call(
        work.connection,
        {
            "refused_id": work.new_id(),
            "at": work.at,
            "caller": clean(refused.caller, 64) or "-",
            "operation": clean(refused.operation, 64) or "-",
            "code": refused.code,
            "field": clean(refused.field, 64),
            "message": clean(refused.message, 400),
            "arguments": refused.arguments,
        },
    )


def list_refused(
    work: UnitOfWork,
    *,
    limit: int = 100,
    caller: str | None = None,
    operation: str | None = None,
    code: str | None = None,
    before: str = "",
) -> list[RefusedCallEntry]:
    """The newest refused calls, at most `limit`, from before the id `before` on.

    Of one caller, operation or broken rule (`code`) when named.
    """
    rows = store.refused_call_rows(
        work.connection, limit=limit, caller_id=caller, operation=operation, code=code, before=before
    )
    return [_entry(row) for row in rows]


def show_refused(work: UnitOfWork, refused_id: str) -> RefusedCallEntry:
    """The refused call with this id. Raises: OutOfRange when there is none, or it was purged."""
    row = store.refused_call_row(work.connection, refused_id)
    if row is None:
        raise OutOfRange(f"no refused call has the id {refused_id!r}", field="refused_id")
    return _entry(row)


def count_refused_today(work: UnitOfWork) -> BoundedCount:
    """How many calls were refused since the civil day began."""
    return count_rows(work.connection, store.refused_since(start_of_day(work.today, work.zone)))


def _entry(row: Row[Any]) -> RefusedCallEntry:
    call = RefusedCall(row.caller, row.operation, row.code, row.field, row.message, row.arguments)
    return RefusedCallEntry(row.refused_id, row.at, call)


def purge_refused(work: UnitOfWork, *, limit: int = 10_000) -> int:
    """Delete at most `limit` refused calls older than the setting `refused_kept_days`; returns how many went."""
    before = work.at - timedelta(days=work.settings.refused_kept_days)
    return store.delete_refused_calls(work.connection, before, limit)


def arguments_document(arguments: Sequence[object]) -> str:
    """Bounded JSON of a call's arguments: texts, lists and depth are cut, so that a row stays small."""
    text = json.dumps([_bounded(value, DEEPEST) for value in arguments], ensure_ascii=False, sort_keys=True)
    if len(text) <= LONGEST_DOCUMENT:
        return text
    return json.dumps({"cut": text[: LONGEST_DOCUMENT // 2]}, ensure_ascii=False)


def _bounded(value: object, depth: int) -> object:
    """A value as JSON can hold it; what is cut ends in an ellipsis."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple) and depth == 0:
        return "…"
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MOST_ITEMS]
        return {clean(str(name), LONGEST_TEXT): _bounded(inner, depth - 1) for name, inner in pairs}
    if isinstance(value, list | tuple):
        return [_bounded(inner, depth - 1) for inner in value[:MOST_ITEMS]]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return clean(str(value), LONGEST_TEXT)


def clean(text: str, longest: int) -> str:
    """Text that every database takes: no lone surrogates, no NUL, at most `longest` characters."""
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
