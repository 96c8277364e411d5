"""Oracle's text of a statement as H2 in Oracle mode takes it, with its named binds in order."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

UNDERSTOOD = re.compile(
    r"\s*(?:ALTER\s+SESSION|ALTER\s+TABLE\s+\w+\s+(?:MODIFY|ADD|DROP|SPLIT|EXCHANGE|MOVE|TRUNCATE)\s+(?:SUB)?PARTITION)\b",
    re.IGNORECASE,
)
"""Statements that mean nothing to H2 and are taken as done."""

_TOKEN = re.compile(r"""'(?:[^']|'')*'|:"[^"]+"|"[^"]*"|:[A-Za-z]\w*|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_RETURNING = re.compile(r"^(.*)\bRETURNING\b(.*)\bINTO\b(.*)$", re.DOTALL | re.IGNORECASE)
_CHANGED = re.compile(r"\s*(?:UPDATE|INSERT\s+INTO|DELETE\s+FROM)\s+(\S+)", re.IGNORECASE)
_KINDS = ((datetime, "TIMESTAMP(6) WITH TIME ZONE"), (date, "DATE"), ((int, Decimal), "NUMBER(38, 6)"))
_BRANCH = re.compile(r"\b(THEN|ELSE)\s+:(\w+)", re.IGNORECASE)
_WORDS = (
    (re.compile(r"\bsys_context\(.*?\)", re.IGNORECASE), "'PUBLIC'"),
    (re.compile(r"\s+SKIP\s+LOCKED\b", re.IGNORECASE), ""),
    (re.compile(r"\bWITH\s+LOCAL\s+TIME\s+ZONE\b", re.IGNORECASE), "WITH TIME ZONE"),
    (re.compile(r"\bTIMESTAMP\s+WITH\b", re.IGNORECASE), "TIMESTAMP(6) WITH"),
)


def bind_names(statement: str) -> tuple[str, ...]:
    """The names of the binds, in order, each as often as it stands there."""
    return tuple(found[0].lstrip(":").strip('"') for found in _TOKEN.finditer(statement) if found[0][0] == ":")


def with_types(statement: str, row: Mapping[str, Any]) -> str:
    """The branches of CASE with the types of their binds said: Oracle knows them from the driver, H2 does not."""

    def cast(found: re.Match[str]) -> str:
        value = row.get(found[2])
        kind = next((kind for python, kind in _KINDS if isinstance(value, python)), "VARCHAR2(4000)")
        return f"{found[1]} CAST(:{found[2]} AS {kind})"

    return _BRANCH.sub(cast, statement) if "CASE" in statement else statement


@lru_cache(4096)
def as_h2(statement: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """H2's text with question marks, the binds in their order, and those that come back (RETURNING)."""
    given_back: tuple[str, ...] = ()
    if found := _RETURNING.match(statement):
        change, columns, into = found[1], found[2], found[3]
        given_back = bind_names(into)
        table = _CHANGED.match(change)
        assert table
        which = "OLD" if change.lstrip()[:6].upper() == "DELETE" else "FINAL"
        statement = f"SELECT {columns} FROM {which} TABLE ({change}) {table[1]}"
    for pattern, instead in _WORDS:
        statement = pattern.sub(instead, statement)
    order = _bind_keys(statement)
    return _TOKEN.sub(lambda token: "?" if token[0][0] == ":" else token[0], statement), order, given_back


def _bind_keys(statement: str) -> tuple[str, ...]:
    """As `bind_names`, but quoted where the statement quotes: so are the keys of the parameters."""
    return tuple(found[0][1:] for found in _TOKEN.finditer(statement) if found[0][0] == ":")
