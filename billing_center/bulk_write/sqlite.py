"""SQLite: prepared statements; an insert carries many rows.

The driver lets go of the interpreter for every row that it executes. While the door's event loop is busy, taking
it back lasts up to 5 ms each time, so rows go in by the dozen: 64 to a statement, then the eights that are left,
then the last few. So the texts are few, and the driver keeps them prepared.
"""

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Select, String, Table, bindparam, func

from billing_center.bulk_write.prepared import prepared
from billing_center.bulk_write.way import Column, Names, Row, keys_of

TOGETHER = 64
"""Rows that one statement inserts at most. 64 rows of 40 columns stay below every limit."""

EIGHT = 8


class PreparedRows:
    """See `Way`."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """One INSERT, executed for every row."""
        self._write(connection, table, rows, "")

    def insert_columns(
        self,
        connection: Connection,
        table: Table,
        names: tuple[str, ...],
        columns: Sequence[Column],
        millionths: Names,
    ) -> None:
        """One INSERT, executed for every row."""
        converted = prepared(table, names, connection.dialect, millionths).converted(columns)
        self._insert(connection, table, names, converted, "")

    def insert_missing(self, connection: Connection, table: Table, rows: Sequence[Row]) -> int:
        """INSERT .. ON CONFLICT DO NOTHING."""
        return self._write(connection, table, rows, f" ON CONFLICT ({_listed(keys_of(table))}) DO NOTHING")

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[Row], add: Sequence[str], replace: Sequence[str]
    ) -> None:
        """INSERT .. ON CONFLICT DO UPDATE."""
        changes = [f'"{c}" = "{table.name}"."{c}" + excluded."{c}"' for c in add]
        changes += [f'"{c}" = excluded."{c}"' for c in replace]
        conflict = f" ON CONFLICT ({_listed(keys_of(table))}) DO UPDATE SET {', '.join(changes)}"
        self._write(connection, table, rows, conflict)

    def update(self, connection: Connection, table: Table, rows: Sequence[Row], replace: Sequence[str]) -> int:
        """One UPDATE by key, executed for every row."""
        keys = keys_of(table)
        changes = ", ".join(f'"{name}" = ?' for name in replace)
        text = f'UPDATE "{table.name}" SET {changes} WHERE {_equal(keys)}'
        columns = prepared(table, (*replace, *keys), connection.dialect).columns(rows)
        return connection.exec_driver_sql(text, list(zip(*columns, strict=True))).rowcount

    def delete(self, connection: Connection, table: Table, names: Sequence[str], columns: Sequence[Column]) -> int:
        """One DELETE by key, executed for every row."""
        converted = prepared(table, tuple(names), connection.dialect).converted(columns)
        text = f'DELETE FROM "{table.name}" WHERE {_equal(names)}'
        return connection.exec_driver_sql(text, list(zip(*converted, strict=True))).rowcount

    def _write(self, connection: Connection, table: Table, rows: Sequence[Row], conflict: str) -> int:
        names = tuple(rows[0])
        return self._insert(
            connection, table, names, prepared(table, names, connection.dialect).columns(rows), conflict
        )

    def _insert(
        self, connection: Connection, table: Table, names: Sequence[str], columns: Sequence[Column], conflict: str
    ) -> int:
        ready = list(zip(*columns, strict=True))
        marks = f"({', '.join('?' * len(names))})"
        target = f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES '
        written, at = 0, 0
        while at < len(ready):
            left = len(ready) - at
            together = min(TOGETHER, left if left < EIGHT else left - left % EIGHT)
            text = target + ", ".join([marks] * together) + conflict
            values = tuple(chain.from_iterable(ready[at : at + together]))
            written += connection.exec_driver_sql(text, values).rowcount
            at += together
        return written


def among_json(statement: Select[Any], columns: Sequence[Any]) -> Select[Any]:
    """The statement for the rows whose columns are among the keys of `asked_json`.

    Each key goes by the index; several IN lists would be multiplied.
    """
    asked = func.json_each(bindparam("asked", type_=String())).table_valued("value", name="given")
    parts = (func.json_extract(asked.c.value, f"$[{place}]") for place in range(len(columns)))
    return statement.where(*(column == part for column, part in zip(columns, parts, strict=True)))


def asked_json(connection: Connection, columns: Sequence[Any], values: Sequence[Column]) -> dict[str, str] | None:
    """What `among_json` is asked for: one text that the keys are read from. None for what JSON cannot carry."""
    converted = []
    for column, given in zip(columns, values, strict=True):
        convert = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        plain = convert is None or isinstance(given[0], str)
        converted.append(given if plain else [convert(value) for value in given])
    keys = json.dumps(list(zip(*converted, strict=True)))
    return None if "\\u0000" in keys else {"asked": keys}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _equal(names: Sequence[str]) -> str:
    return " AND ".join(f'"{name}" = ?' for name in names)
