"""Two sides that must come to the same, key by key: one statement adds both up and keeps the keys that differ."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select, union_all

from billing_center.database_check.check import Scope, rows_of
from billing_center.reconcile.difference import told
from schema.types import Amount

Sums = dict[str, ColumnElement[Any]]
Allowed = Callable[[Sums, Sums], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A key of which the sides differ: its columns, and both sides in words, only of what differs."""

    key: tuple[Any, ...]
    left: str
    right: str


def differences(
    connection: Connection,
    scope: Scope,
    left: Select[Any],
    right: Select[Any],
    *,
    keys: tuple[str, ...],
    compared: tuple[str, ...] = (),
    allowed: Allowed | None = None,
) -> Iterator[Difference]:
    """Keys of which the sides come to other sums.

    Both statements select the columns of the key and then, under the same names, what is added up; nothing is
    grouped yet. Only the sums in `compared` must agree, all when none is named; `allowed` says of both sides' sums
    which difference is none. Where a side has no row it is 0.
    """
    names = list(left.selected_columns.keys())[len(keys) :]
    rows = union_all(_beside(left, len(keys), first=True), _beside(right, len(keys), first=False)).subquery(
        "rows_"
    )
    lefts: Sums = {name: func.sum(rows.c[f"l_{name}"]) for name in names}
    rights: Sums = {name: func.sum(rows.c[f"r_{name}"]) for name in names}
    columns = [rows.c[f"k_{number}"] for number in range(len(keys))]
    differs = or_(*(lefts[name] != rights[name] for name in compared or names))
    if allowed is not None:
        differs = and_(differs, ~allowed(lefts, rights))
    statement = select(*columns, *lefts.values(), *rights.values()).group_by(*columns).having(differs)
    width = len(keys)
    for row in rows_of(connection, scope, statement.order_by(*columns)):
        both = zip(names, row[width : width + len(names)], row[width + len(names) :], strict=True)
        other = [one for one in both if one[1] != one[2] and one[0] in (compared or names)]
        words = [", ".join(f"{one[0]} {told(one[side])}" for one in other) for side in (1, 2)]
        yield Difference(tuple(row[:width]), words[0], words[1])


def _beside(one: Select[Any], keys: int, *, first: bool) -> Select[Any]:
    """The rows of one side with a 0 for each sum of the other."""
    rows = one.subquery()
    columns = list(rows.c)
    key = [column.label(f"k_{number}") for number, column in enumerate(columns[:keys])]
    own, other = ("l_", "r_") if first else ("r_", "l_")
    sums: dict[str, ColumnElement[Any]] = {f"{own}{column.name}": column for column in columns[keys:]}
    sums |= {f"{other}{column.name}": _nothing(column) for column in columns[keys:]}
    return select(*key, *(sums[name].label(name) for name in sorted(sums)))


def _nothing(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return literal(Decimal(0), column.type) if isinstance(column.type, Amount) else literal(0)
