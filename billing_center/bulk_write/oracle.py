"""Oracle: array binds. MERGE for what may be there already, since it has no other upsert.

MERGE looks first and inserts then, so another transaction may insert the same key in between: the row then fails
with ORA-00001 once that transaction has committed. The driver's batch errors tell such rows apart and let the rest
of the batch go in; they are merged again, and then find the other's row.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, Table, TextClause, bindparam, insert, select, text, tuple_
from sqlalchemy.exc import IntegrityError, StatementError

from billing_center.bulk_write.portable import as_rows, delete_statement, row_values, update_statement
from billing_center.bulk_write.way import Column, Names, Row, keys_of
from schema.oracle import BATCH_ERRORS

TRIES = 3
"""Times that a row is merged whose key another transaction inserts meanwhile. The last failure is raised."""


class ArrayBinds:
    """See `Way`. Each statement is bound to all rows and goes in one round trip."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """One INSERT."""
        with _as_the_type_said():
            connection.execute(insert(table), list(rows))

    def insert_columns(
        self,
        connection: Connection,
        table: Table,
        names: tuple[str, ...],
        columns: Sequence[Column],
        millionths: Names,
    ) -> None:
        """One INSERT."""
        self.insert(connection, table, as_rows(table, names, columns, millionths))

    def insert_missing(self, connection: Connection, table: Table, rows: Sequence[Row]) -> int:
        """MERGE that only inserts."""
        names = tuple(rows[0])
        return _merge_rows(connection, merge(table, names), row_values(rows, names))

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[Row], add: Sequence[str], replace: Sequence[str]
    ) -> None:
        """MERGE."""
        names = tuple(rows[0])
        _merge_rows(connection, merge(table, names, tuple(add), tuple(replace)), row_values(rows, names))

    def update(self, connection: Connection, table: Table, rows: Sequence[Row], replace: Sequence[str]) -> int:
        """UPDATE by key."""
        keys = keys_of(table)
        values = row_values(rows, [*keys, *replace])
        with _as_the_type_said():
            return connection.execute(update_statement(table, keys, replace), values).rowcount

    def delete(self, connection: Connection, table: Table, names: Sequence[str], columns: Sequence[Column]) -> int:
        """DELETE by key."""
        given = row_values([dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)], names)
        return connection.execute(delete_statement(table, names), given).rowcount


@lru_cache(512)
def merge(
    table: Table, names: tuple[str, ...], add: tuple[str, ...] = (), replace: tuple[str, ...] = ()
) -> TextClause:
    """Oracle's MERGE for one bound row: SQLAlchemy has no construct for it.

    Names come from the tables. The binds have the columns' types, so that values go as in every other statement.
    """
    match = " AND ".join(f"t.{key} = :g_{key}" for key in keys_of(table))
    sql = f"MERGE INTO {table.name} t USING dual ON ({match})"
    changes = [f"t.{name} = t.{name} + :g_{name}" for name in add]
    changes += [f"t.{name} = :g_{name}" for name in replace]
    if changes:
        sql += f" WHEN MATCHED THEN UPDATE SET {', '.join(changes)}"
    values = ", ".join(f":g_{name}" for name in names)
    sql += f" WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) VALUES ({values})"
    return text(sql).bindparams(*(bindparam(f"g_{name}", type_=table.c[name].type) for name in names))


def lock_chosen(statement: Select[Any]) -> Select[Any]:
    """The rows that `statement` chooses from one table, locked; those that others hold are passed over."""
    (table,) = statement.get_final_froms()
    keys = list(table.primary_key)
    chosen = statement.with_only_columns(*keys).correlate(None)
    matched = keys[0].in_(chosen) if len(keys) == 1 else tuple_(*keys).in_(chosen)
    locked = select(*statement.selected_columns).where(matched).with_for_update(skip_locked=True)
    return locked.order_by(*statement._order_by_clauses)


def _merge_rows(connection: Connection, statement: TextClause, rows: Sequence[Mapping[str, Any]]) -> int:
    """Merge every row; how many were inserted or changed. Raises: IntegrityError."""
    left, merged = list(rows), 0
    for last in (*[False] * (TRIES - 1), True):
        failed: list[Any] = []
        options: dict[str, Any] = {"preserve_rowcount": True}
        if not last:
            options[BATCH_ERRORS] = failed
        try:
            with _as_the_type_said():
                merged += connection.execute(statement, left, execution_options=options).rowcount
        except IntegrityError:
            if last or len(left) > 1:
                raise
            continue  # a row by itself is no batch and fails by itself
        left = [left[error.offset] for error in failed]
        if not left:
            break
    return merged


@contextmanager
def _as_the_type_said() -> Iterator[None]:
    """What a column type says of a wrong value, as it says it: SQLAlchemy wraps it."""
    try:
        yield
    except StatementError as error:
        if isinstance(error.orig, ValueError):
            raise error.orig from error
        raise
