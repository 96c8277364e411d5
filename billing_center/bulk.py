"""Writing many rows as each database does it best: the one module of the domain that knows dialects.

Three acts: insert rows, insert the rows whose key is not there yet, and add rows up into sums. Each is one
round trip per batch, and each means the same on SQLite, PostgreSQL and Oracle.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    any_,
    bindparam,
    insert,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from billing_center.prepared_insert import insert_prepared

Row = Mapping[str, Any]
BATCH = 500
"""Keys asked for in one statement: below Oracle's 1,000 and SQLite's limit of variables."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert facts. A key that is there already raises IntegrityError: the caller's guard failed."""
    if rows and insert_prepared(connection, table, rows, unless_there=False) is None:
        connection.execute(insert(table), list(rows))


def insert_missing(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert the rows whose primary key is not there yet; the others change nothing. Returns how many went in.

    A row with the key of a concurrent transaction waits for it. Rows are written in the order of their keys,
    so that two batches never wait for each other.
    """
    if not rows:
        return 0
    keys = [column.name for column in table.primary_key]
    ordered = sorted(rows, key=lambda row: tuple(str(row[k]) for k in keys))
    if connection.dialect.name == "oracle":
        return connection.execute(text(_merge(table, {})), ordered).rowcount
    inserted = insert_prepared(connection, table, ordered, unless_there=True)
    if inserted is None:
        statement = _upsert(connection, table).on_conflict_do_nothing(index_elements=keys)
        counted = {"preserve_rowcount": True}
        inserted = connection.execute(statement, ordered, execution_options=counted).rowcount
    return inserted


def add_up(connection: Connection, table: Table, rows: Sequence[Row], *, add: Sequence[str]) -> None:
    """Insert each row, or add its `add` columns to the row that has its primary key.

    The rows of one call must have different keys.
    """
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    ordered = sorted(rows, key=lambda row: tuple(str(row[k]) for k in keys))
    if connection.dialect.name == "oracle":
        connection.execute(text(_merge(table, {c: f"t.{c} + s.{c}" for c in add})), ordered)
        return
    statement = _upsert(connection, table)
    new = statement.excluded
    statement = statement.on_conflict_do_update(index_elements=keys, set_={c: table.c[c] + new[c] for c in add})
    connection.execute(statement, ordered)


def put(connection: Connection, table: Table, rows: Sequence[Row], *, replace: Sequence[str]) -> None:
    """Insert each row, or set its `replace` columns on the row that has its primary key."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    ordered = sorted(rows, key=lambda row: tuple(str(row[k]) for k in keys))
    if connection.dialect.name == "oracle":
        connection.execute(text(_merge(table, {c: f"s.{c}" for c in replace})), ordered)
        return
    statement = _upsert(connection, table)
    new = statement.excluded
    statement = statement.on_conflict_do_update(index_elements=keys, set_={c: new[c] for c in replace})
    connection.execute(statement, ordered)


def rows_by_key(
    connection: Connection, statement: Select[Any], columns: Sequence[Any], keys: Iterable[Any]
) -> list[Any]:
    """The rows of `statement` whose `columns` are among `keys`, asked for in bounded portions.

    Keys are values for one column and tuples for several; the statement must then select those columns. Each
    column is asked for by itself, which every database plans well, and the tuples are told apart here.
    """
    found: list[Any] = []
    unique = sorted(set(keys))
    for at in range(0, len(unique), BATCH):
        part = unique[at : at + BATCH]
        if len(columns) == 1:
            found.extend(connection.execute(statement.where(among(connection, columns[0], part))))
            continue
        wanted = set(part)
        asked = statement.where(
            *(among(connection, column, sorted({k[n] for k in part})) for n, column in enumerate(columns))
        )
        names = [column.name for column in columns]
        found.extend(
            row for row in connection.execute(asked) if tuple(getattr(row, name) for name in names) in wanted
        )
    return found


def among(connection: Connection, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """`column` is one of at most `BATCH` values.

    One array parameter on PostgreSQL, so that the text of a statement is the same for any number of values.
    """
    if connection.dialect.name == "postgresql":
        chosen: ColumnElement[bool] = column == any_(
            bindparam(None, list(values), type_=postgresql.ARRAY(column.type))
        )
    else:
        chosen = column.in_(values)
    return chosen


def lock_rows(connection: Connection, table: Table, column: str, keys: Sequence[str]) -> list[Any]:
    """Lock the rows with these keys until the transaction ends, in key order, and return them.

    SQLite has one writer at a time, so its lock is there already.
    """
    statement = select(table).order_by(table.c[column]).with_for_update()
    return rows_by_key(connection, statement, [table.c[column]], keys)


def claimed(statement: Select[Any], connection: Connection) -> Select[Any]:
    """The statement, locking its rows and passing over those that another worker holds."""
    if connection.dialect.name == "postgresql":
        return statement.with_for_update(skip_locked=True)
    return statement


def _upsert(connection: Connection, table: Table) -> Any:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _merge(table: Table, changes: Mapping[str, str]) -> str:
    """Oracle's MERGE for one bound row: SQLAlchemy has no construct for it. Names come from the tables."""
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    source = ", ".join(f":{n} AS {n}" for n in names)
    match = " AND ".join(f"t.{k} = s.{k}" for k in keys)
    sql = f"MERGE INTO {table.name} t USING (SELECT {source} FROM dual) s ON ({match})"
    if changes:
        sql += " WHEN MATCHED THEN UPDATE SET " + ", ".join(f"t.{c} = {v}" for c, v in changes.items())
    columns, values = ", ".join(names), ", ".join(f"s.{n}" for n in names)
    return f"{sql} WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({values})"
