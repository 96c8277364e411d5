"""PostgreSQL: COPY for facts, else one statement whose parameters are whole columns as array literals.

An array literal is one text that the server reads quickly and the client writes with a join; the driver's own
arrays cost fifteen times the client's time. COPY is given its text in one piece for the same reason.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import UserDefinedType

from billing_center.bulk_write.prepared import Prepared, prepared
from billing_center.bulk_write.way import Column, Names, Row, keys_of

BY_INDEX_FROM = 100
"""Rows from which a planner left to itself might read the whole table."""

_OF_WHOLE_TABLES = ("hashjoin", "mergejoin")

COPY_FROM = 16
"""Rows from which COPY pays for its extra round trip."""


class Arrays:
    """See `Way`."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """COPY, or for a few rows INSERT .. SELECT from arrays."""
        way = prepared(table, tuple(rows[0]), connection.dialect)
        _insert_columns(connection, way, way.columns(rows))

    def insert_columns(
        self,
        connection: Connection,
        table: Table,
        names: tuple[str, ...],
        columns: Sequence[Column],
        millionths: Names,
    ) -> None:
        """COPY, or for a few rows INSERT .. SELECT from arrays."""
        way = prepared(table, names, connection.dialect, millionths)
        _insert_columns(connection, way, way.converted(columns))

    def insert_missing(self, connection: Connection, table: Table, rows: Sequence[Row]) -> int:
        """INSERT .. SELECT from arrays .. ON CONFLICT DO NOTHING."""
        way = prepared(table, tuple(rows[0]), connection.dialect)
        conflict = f" ON CONFLICT ({_listed(keys_of(table))}) DO NOTHING"
        return _execute(connection, _insert(way) + conflict, way.columns(rows))

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[Row], add: Sequence[str], replace: Sequence[str]
    ) -> None:
        """INSERT .. SELECT from arrays .. ON CONFLICT DO UPDATE."""
        way = prepared(table, tuple(rows[0]), connection.dialect)
        changes = [f'"{c}" = {way.table}."{c}" + excluded."{c}"' for c in add]
        changes += [f'"{c}" = excluded."{c}"' for c in replace]
        conflict = f" ON CONFLICT ({_listed(keys_of(table))}) DO UPDATE SET {', '.join(changes)}"
        _execute(connection, _insert(way) + conflict, way.columns(rows))

    def update(self, connection: Connection, table: Table, rows: Sequence[Row], replace: Sequence[str]) -> int:
        """UPDATE .. FROM arrays."""
        keys = keys_of(table)
        way = prepared(table, (*keys, *replace), connection.dialect)
        changes = ", ".join(f'"{name}" = given."{name}"' for name in replace)
        text = f"UPDATE {way.table} SET {changes} FROM {_given(way)} WHERE {_matched(way, keys)}"
        columns = way.columns(rows)
        if len(keys) > 1:
            return _execute_without(connection, _OF_WHOLE_TABLES, text, columns)
        # The keys are said once more, as what restricts the table itself: see `delete`.
        text += f" AND {_among(way)}"
        return _execute_without(connection, ("nestloop",), text, [*columns, columns[0]])

    def delete(self, connection: Connection, table: Table, names: Sequence[str], columns: Sequence[Column]) -> int:
        """DELETE of the rows whose key is in an array; of several columns USING arrays.

        A join could be done the other way round: the planner takes a queue that was empty when it was looked at
        for empty still, and went through a million uses that had come since for each that was to be deleted.
        """
        way = prepared(table, tuple(names), connection.dialect)
        if len(names) == 1:
            return _execute(connection, f"DELETE FROM {way.table} WHERE {_among(way)}", way.converted(columns))
        text = f"DELETE FROM {way.table} USING {_given(way)} WHERE {_matched(way, names)}"
        return _execute_without(connection, _OF_WHOLE_TABLES, text, way.converted(columns))


def _insert_columns(connection: Connection, way: Prepared, columns: Sequence[Column]) -> None:
    if len(columns[0]) < COPY_FROM:
        _execute(connection, _insert(way), columns)
    else:
        copy_columns(connection, way, columns)


def copy_columns(connection: Connection, way: Prepared, columns: Sequence[Column]) -> None:
    """COPY through psycopg, its errors named as SQLAlchemy names them."""
    text = f"COPY {way.table} ({', '.join(way.names)}) FROM STDIN"
    lines = copy_lines(columns)
    driver: Any = connection.connection.driver_connection
    errors: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(text) as copying:
            copying.write(lines)
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


def among_arrays(statement: Select[Any], columns: Sequence[Any]) -> Select[Any]:
    """The statement for the rows whose columns are among the `asked_arrays`, key by key inside the server.

    A plain join with thousands of keys makes the planner read the whole table, whatever its size; a subquery for
    each key, which OFFSET 0 keeps from being merged, goes by the index. So the cost of a batch stays the same.
    """
    names = [f"k{place}" for place in range(len(columns))]
    # Without a type of its own, so that the server reads the text as an array at once and not for every row.
    arrays = (
        cast(bindparam(f"asked_{place}", type_=_Untyped()), ARRAY(column.type))
        for place, column in enumerate(columns)
    )
    given = func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    matched = (column == given.c[name] for column, name in zip(columns, names, strict=True))
    of_key = statement.where(*matched).correlate(given).offset(0).lateral("found")
    return select(of_key).select_from(given.join(of_key, true()))


def asked_arrays(connection: Connection, columns: Sequence[Any], values: Sequence[Column]) -> dict[str, str]:
    """What `among_arrays` is asked for: the text of an array for each column, as its type converts the values."""
    asked = {}
    for place, (column, given) in enumerate(zip(columns, values, strict=True)):
        convert = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        plain = convert is None or isinstance(given[0], str)  # a text is compared as it stands, also ''
        asked[f"asked_{place}"] = _literal(given if plain else [convert(value) for value in given])
    return asked


class _Untyped(UserDefinedType[str]):
    """A text whose type the statement around it decides."""

    cache_ok = True

    def get_col_spec(self, **options: Any) -> str:
        """No column has it."""
        return "unknown"


@contextmanager
def planned_without(connection: Connection, *kinds: str) -> Iterator[None]:
    """PostgreSQL plans without these ways (nestloop, hashjoin, mergejoin, sort) for as long as this lasts."""
    connection.exec_driver_sql("; ".join(f"SET LOCAL enable_{kind} = off" for kind in kinds))
    yield
    connection.exec_driver_sql("; ".join(f"SET LOCAL enable_{kind} = default" for kind in kinds))


def _execute_without(connection: Connection, kinds: Sequence[str], text: str, columns: Sequence[Column]) -> int:
    """Without these kinds of join where there are many rows, so that they are found by their index."""
    if len(columns[0]) < BY_INDEX_FROM:
        return _execute(connection, text, columns)
    with planned_without(connection, *kinds):
        return _execute(connection, text, columns)


def _execute(connection: Connection, text: str, columns: Sequence[Column]) -> int:
    return connection.exec_driver_sql(text, tuple(map(_literal, columns))).rowcount


def _insert(way: Prepared) -> str:
    arrays = ", ".join(f"%s::{kind}[]" for kind in way.types)
    return f"INSERT INTO {way.table} ({', '.join(way.names)}) SELECT * FROM unnest({arrays})"


def _given(way: Prepared) -> str:
    arrays = ", ".join(f"%s::{kind}[]" for kind in way.types)
    return f"unnest({arrays}) AS given({', '.join(way.names)})"


def _among(way: Prepared) -> str:
    """That the first of the columns is among the values of an array."""
    return f"{way.table}.{way.names[0]} = ANY(%s::{way.types[0]}[])"


def _matched(way: Prepared, names: Sequence[str]) -> str:
    return " AND ".join(f'{way.table}."{name}" = given."{name}"' for name in names)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _literal(values: Column) -> str:
    """A column as the text of an array."""
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return "{" + ",".join(map(str, values)) + "}"
    if kinds == {str}:
        joined = '","'.join(values)
        if "\\" not in joined and joined.count('"') == 2 * (len(values) - 1):
            return '{"' + joined + '"}'
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def copy_lines(columns: Sequence[Column]) -> str:
    """The columns as COPY reads rows in its text format."""
    lines = "\n".join(map("\t".join, zip(*map(_texts, columns), strict=True)))
    rows, nothings = len(columns[0]), sum(values.count(None) for values in columns)
    plain = lines.count("\\") == nothings and "\r" not in lines
    if plain and lines.count("\t") == rows * (len(columns) - 1) and lines.count("\n") == rows - 1:
        return lines
    return "\n".join(map("\t".join, zip(*map(_escaped_texts, columns), strict=True)))


def _texts(values: Column) -> Sequence[str]:
    """The texts of a column, as if none of them had a character that COPY reads as its own."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return values
    if kinds == {date}:  # many rows say the same day
        days = {value: str(value) for value in set(values)}
        return [days[value] for value in values]
    if type(None) in kinds:
        return ["\\N" if value is None else str(value) for value in values]
    return list(map(str, values))


def _escaped_texts(values: Column) -> Sequence[str]:
    return ["\\N" if value is None else _SPECIAL.sub(_escaped, str(value)) for value in values]


def _escaped(found: re.Match[str]) -> str:
    return "\\" + _ESCAPES.get(found[0], found[0])


_PLAIN = {int, Decimal, date}
"""Types whose text needs no quotes."""
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\t": "t", "\n": "n", "\r": "r"}
