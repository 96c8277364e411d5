"""The portable way: SQLAlchemy's own statements, bound to all rows. Works on every database, quickest on none.

What may be there already is looked up first, in portions, and then inserted or updated. Another transaction that
inserts one of the keys meanwhile makes the act start again, in a savepoint, once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Connection, Delete, Table, Update, bindparam, delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from billing_center.bulk_write.way import EPOCH, Column, Names, Row, keys_of
from schema.types import Instant

T = TypeVar("T")
Key = tuple[Any, ...]
PORTION = 100
"""Keys asked for in one statement: their columns together stay below every database's limit of variables."""


class Portable:
    """See `Way`."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """One INSERT, bound to every row."""
        connection.execute(insert(table), list(rows))

    def insert_columns(
        self,
        connection: Connection,
        table: Table,
        names: tuple[str, ...],
        columns: Sequence[Column],
        millionths: Names,
    ) -> None:
        """One INSERT, bound to every row."""
        self.insert(connection, table, as_rows(table, names, columns, millionths))

    def insert_missing(self, connection: Connection, table: Table, rows: Sequence[Row]) -> int:
        """Insert what is not found."""
        return _in_savepoint(connection, lambda: len(self._insert_absent(connection, table, rows)))

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[Row], add: Sequence[str], replace: Sequence[str]
    ) -> None:
        """Insert what is not found, update the rest."""

        def act() -> None:
            put_in = self._insert_absent(connection, table, rows)
            keys = keys_of(table)
            there = [row for row in rows if _key(row, keys) not in put_in]
            if there:
                statement = update_statement(table, keys, replace, add)
                connection.execute(statement, row_values(there, [*keys, *replace, *add]))

        _in_savepoint(connection, act)

    def update(self, connection: Connection, table: Table, rows: Sequence[Row], replace: Sequence[str]) -> int:
        """One UPDATE by key, bound to every row."""
        keys = keys_of(table)
        values = row_values(rows, [*keys, *replace])
        return connection.execute(update_statement(table, keys, replace), values).rowcount

    def delete(self, connection: Connection, table: Table, names: Sequence[str], columns: Sequence[Column]) -> int:
        """One DELETE by key, bound to every row."""
        given = row_values([dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)], names)
        return connection.execute(delete_statement(table, names), given).rowcount

    def _insert_absent(self, connection: Connection, table: Table, rows: Sequence[Row]) -> set[Key]:
        """Insert the rows whose key is not there; their keys."""
        keys = keys_of(table)
        columns = [table.c[key] for key in keys]
        found: set[Key] = set()
        asked = [_key(row, keys) for row in rows]
        for at in range(0, len(asked), PORTION):
            there = tuple_(*columns).in_(asked[at : at + PORTION])
            found.update(tuple(row) for row in connection.execute(select(*columns).where(there)))
        absent = [row for row in rows if _key(row, keys) not in found]
        if absent:
            connection.execute(insert(table), absent)
        return {_key(row, keys) for row in absent}


def update_statement(table: Table, keys: Sequence[str], replace: Sequence[str], add: Sequence[str] = ()) -> Update:
    """UPDATE of one row by its key; parameters as `row_values` names them."""
    changes: dict[str, Any] = {name: _given(table, name) for name in replace}
    changes |= {name: table.c[name] + _given(table, name) for name in add}
    return update(table).where(*(table.c[key] == _given(table, key) for key in keys)).values(changes)


def delete_statement(table: Table, names: Sequence[str]) -> Delete:
    """DELETE of the rows with these values; parameters as `row_values` names them."""
    return delete(table).where(*(table.c[name] == _given(table, name) for name in names))


def row_values(rows: Sequence[Row], names: Sequence[str]) -> list[dict[str, Any]]:
    """The parameters of each row. They are named apart from the columns, as UPDATE asks for it."""
    return [{f"g_{name}": row[name] for name in names} for row in rows]


def as_rows(
    table: Table, names: Sequence[str], columns: Sequence[Column], millionths: Names
) -> list[dict[str, Any]]:
    """Columns as rows, their millionths as what the column's type takes."""
    values = [
        _unscaled(table, name, column) if name in millionths else column
        for name, column in zip(names, columns, strict=True)
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _unscaled(table: Table, name: str, whole: Column) -> Column:
    if isinstance(table.c[name].type, Instant):
        return [value if value is None else EPOCH + timedelta(microseconds=value) for value in whole]
    return [value if value is None else Decimal(value).scaleb(-6) for value in whole]


def _given(table: Table, name: str) -> Any:
    return bindparam(f"g_{name}", type_=table.c[name].type)


def _key(row: Mapping[str, Any], keys: Sequence[str]) -> Key:
    return tuple(row[key] for key in keys)


def _in_savepoint(connection: Connection, act: Callable[[], T]) -> T:
    for last in (False, True):
        try:
            with connection.begin_nested():
                return act()
        except IntegrityError:
            if last:
                raise
    raise AssertionError("unreachable")
