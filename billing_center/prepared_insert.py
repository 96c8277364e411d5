"""Inserting many rows with little work for each: one prepared text, columns turned into what the driver takes.

Where it stands in the walk: below `bulk`, which decides what to insert. SQLAlchemy builds a dictionary and walks
all types for every row; here the text and each column's conversion are found once per table, and a batch goes to
the driver as it stands: COPY or one INSERT .. SELECT from arrays on PostgreSQL, one executemany on SQLite. The
conversions are those of the column types, so what is stored is the same. Oracle keeps SQLAlchemy's way.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError

COPY_FROM = 16
"""Rows from which COPY pays for its extra round trip."""


class Prepared:
    """How rows with certain columns go into a table of a database."""

    def __init__(self, table: Table, names: tuple[str, ...], dialect: Dialect) -> None:
        columns = [table.c[name] for name in names]
        quote = dialect.identifier_preparer.quote
        listed = ", ".join(quote(name) for name in names)
        self._pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
        self._conversions: list[Callable[[Any], Any] | None] = [
            column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns
        ]
        keys = ", ".join(quote(column.name) for column in table.primary_key)
        types = ", ".join(f"%s::{column.type.compile(dialect)}[]" for column in columns)
        marks = ", ".join("?" * len(columns))
        target = f"INSERT INTO {quote(table.name)} ({listed})"
        self.copy = f"COPY {quote(table.name)} ({listed}) FROM STDIN"
        self.from_arrays = f"{target} SELECT * FROM unnest({types})"
        self.from_values = f"{target} VALUES ({marks})"
        self.unless_there = f" ON CONFLICT ({keys}) DO NOTHING"

    def columns(self, rows: Sequence[Any]) -> list[Sequence[Any]]:
        """The rows as columns of what the driver takes. Raises: what a type raises for a value it refuses."""
        columns: list[Sequence[Any]] = list(zip(*map(self._pick, rows), strict=True))
        for place, convert in enumerate(self._conversions):
            if convert is None:
                continue
            values = columns[place]
            if isinstance(values[0], date):
                converted = {
                    value: convert(value) for value in set(values)
                }  # many rows say the same day or instant
                columns[place] = [converted[value] for value in values]
            else:
                columns[place] = [convert(value) for value in values]
        return columns


def insert_prepared(
    connection: Connection, table: Table, rows: Sequence[Any], *, unless_there: bool
) -> int | None:
    """Insert the rows; with `unless_there`, those whose primary key is new. Returns how many went in.

    All rows have the keys of the first. Returns None, and inserts nothing, where this way cannot be gone:
    on Oracle, and for a table whose missing columns have a default that only SQLAlchemy knows.
    Raises: DBAPIError, as SQLAlchemy names it.
    """
    dialect = connection.dialect
    names = tuple(rows[0])
    if dialect.name == "oracle" or _has_hidden_defaults(table, names):
        return None
    prepared = _prepared(table, names, dialect)
    columns = prepared.columns(rows)
    if dialect.name == "sqlite":
        text = prepared.from_values + (prepared.unless_there if unless_there else "")
        return connection.exec_driver_sql(text, list(zip(*columns, strict=True))).rowcount
    if not unless_there and len(rows) >= COPY_FROM:
        _copy(connection, prepared.copy, columns)
        return len(rows)
    text = prepared.from_arrays + (prepared.unless_there if unless_there else "")
    return connection.exec_driver_sql(text, tuple(list(column) for column in columns)).rowcount


@lru_cache(256)
def _prepared(table: Table, names: tuple[str, ...], dialect: Dialect) -> Prepared:
    return Prepared(table, names, dialect)


@lru_cache(256)
def _has_hidden_defaults(table: Table, names: tuple[str, ...]) -> bool:
    return any(column.default is not None and column.name not in names for column in table.columns)


def _copy(connection: Connection, text: str, columns: Sequence[Sequence[Any]]) -> None:
    """COPY through psycopg, its errors named as SQLAlchemy names them."""
    driver: Any = connection.connection.driver_connection
    errors: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(text) as copying:
            for row in zip(*columns, strict=True):
                copying.write_row(row)
    except errors as error:
        lost = driver.closed or driver.broken
        named = DBAPIError.instance(
            text,
            None,
            error,
            errors,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=connection.dialect,
        )
        if lost:
            connection.invalidate(error)
        raise named from error
