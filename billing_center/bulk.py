"""Writing and finding many rows: the one interface of the domain's bulk work, in front of `bulk_write`.

Five acts: insert rows, insert the rows whose key is not there yet, add rows up into sums, put rows in the place
of what was there, delete by key. Each is a bounded number of round trips per batch, goes the way that its database
is best at, and means the same on all of them. Names of tables and columns are the schema's; the values are what
the columns' types take, and a value that a type refuses raises its ValueError.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import eq, itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, any_, bindparam, select, tuple_
from sqlalchemy.dialects import postgresql

from billing_center.bulk_write.oracle import ArrayBinds, lock_chosen
from billing_center.bulk_write.portable import Portable
from billing_center.bulk_write.postgresql import Arrays, among_arrays, asked_arrays
from billing_center.bulk_write.prepared import has_hidden_defaults
from billing_center.bulk_write.sqlite import PreparedRows, among_json, asked_json
from billing_center.bulk_write.way import Row, Way, keys_of

TOGETHER = 10_000
"""Keys asked for in one statement where they are arrays."""

BATCH = 500
"""Keys asked for in one statement: below Oracle's 1,000 and SQLite's limit of variables."""

WAYS: Mapping[str, Way] = {"postgresql": Arrays(), "sqlite": PreparedRows(), "oracle": ArrayBinds()}
"""The best way of each database, by SQLAlchemy's name of it."""
_AMONG = {"postgresql": among_arrays, "sqlite": among_json}
_ASKED = {"postgresql": asked_arrays, "sqlite": asked_json}
"""How keys are asked for together; elsewhere in portions of `BATCH`."""

_STATEMENTS: dict[Any, Select[Any]] = {}
MOST_STATEMENTS = 1000
"""Statements that ask for keys together, by what they say: making one takes longer than a small answer."""

PORTABLE: Way = Portable()
"""For any other."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert facts. A key that is there already raises IntegrityError: the caller's guard failed."""
    if rows:
        _way(connection, table, rows).insert(connection, table, rows)


def insert_tuples(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    millionths: frozenset[str],
) -> None:
    """Insert facts given as tuples in the order of `names`: less work for each row than a mapping.

    For `millionths` see `insert_columns`. Raises: IntegrityError as `insert_rows`.
    """
    insert_columns(connection, table, names, list(zip(*rows, strict=True)), millionths=millionths)


def insert_columns(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    columns: Sequence[Sequence[Any]],
    *,
    millionths: frozenset[str],
) -> None:
    """Insert facts given as columns of one length, in the order of `names`: no work for each row in between.

    What stands in the columns `millionths` are whole numbers of 0.000001: of an amount, of a second since 1970.
    Raises: IntegrityError as `insert_rows`.
    """
    if columns and columns[0]:
        _way(connection, table, ()).insert_columns(connection, table, names, columns, millionths)


def insert_missing(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert the rows whose primary key is not there yet; the others change nothing. Returns how many went in.

    The rows must have different keys. A row with the key of a concurrent transaction waits for it.
    """
    if not rows:
        return 0
    return _way(connection, table, rows).insert_missing(connection, table, in_key_order(table, rows))


def add_up(connection: Connection, table: Table, rows: Sequence[Row], *, add: Sequence[str]) -> None:
    """Insert each row, or add its `add` columns to the row that has its primary key.

    The rows of one call must have different keys.
    """
    if rows:
        _way(connection, table, rows).upsert(connection, table, in_key_order(table, rows), add, ())


def put(connection: Connection, table: Table, rows: Sequence[Row], *, replace: Sequence[str]) -> None:
    """Insert each row, or set its `replace` columns on the row that has its primary key.

    The rows of one call must have different keys.
    """
    if rows:
        _way(connection, table, rows).upsert(connection, table, in_key_order(table, rows), (), replace)


def change(connection: Connection, table: Table, rows: Sequence[Row], *, replace: Sequence[str]) -> int:
    """Set the `replace` columns of the rows with these primary keys; how many were there. Nothing is inserted.

    The rows of one call must have different keys. They are locked in an order that the database chooses: who may
    meet another worker in the same rows locks the payers (orders) first.
    """
    if not rows:
        return 0
    return _way(connection, table, ()).update(connection, table, in_key_order(table, rows), replace)


def delete_rows(
    connection: Connection, table: Table, keys: Sequence[Any], *, columns: Sequence[str] | None = None
) -> int:
    """Delete the rows with these primary keys (or these values of `columns`); how many were there.

    A key is a value for one column and a tuple for several; the keys must be different. Locks as `change` does.
    """
    if not keys:
        return 0
    names = keys_of(table) if columns is None else list(columns)
    ordered = sorted(keys)
    given: list[Sequence[Any]] = [ordered] if len(names) == 1 else list(zip(*ordered, strict=True))
    return _way(connection, table, ()).delete(connection, table, names, given)


def in_key_order(table: Table, rows: Sequence[Row]) -> list[Row]:
    """The rows in the order of their keys, so that two batches that meet never wait for each other in a ring."""
    return sorted(rows, key=itemgetter(*keys_of(table)))


def _way(connection: Connection, table: Table, rows: Sequence[Row]) -> Way:
    if rows and has_hidden_defaults(table, tuple(rows[0])):
        return PORTABLE
    return WAYS.get(connection.dialect.name, PORTABLE)


def rows_by_key(
    connection: Connection, statement: Select[Any], columns: Sequence[Any], keys: Iterable[Any]
) -> list[Any]:
    """The rows of `statement` whose `columns` are among `keys`, asked for in bounded portions.

    Keys are values for one column and tuples for several; the statement must then select those columns. On
    PostgreSQL and SQLite the keys are a table that is joined; elsewhere each column is asked for by itself, which
    every database plans well, and the tuples are told apart here.
    """
    found: list[Any] = []
    unique = sorted(dict.fromkeys(keys))  # those that come in order are sorted at once
    asked_together = _ASKED.get(connection.dialect.name)
    if asked_together is not None:
        together = _together(connection, statement, columns)
        for at in range(0, len(unique), TOGETHER):
            part = unique[at : at + TOGETHER]
            values = [part] if len(columns) == 1 else list(zip(*part, strict=True))
            asked_for = asked_together(connection, columns, values)
            if asked_for is None:
                break
            found.extend(connection.execute(together, asked_for).all())
        else:
            return found
        found.clear()
    for at in range(0, len(unique), BATCH):
        part = unique[at : at + BATCH]
        if len(columns) == 1:
            found.extend(connection.execute(statement.where(among(connection, columns[0], part))).all())
            continue
        wanted = set(part)
        asked = statement.where(
            *(among(connection, column, sorted({k[n] for k in part})) for n, column in enumerate(columns))
        )
        names = [column.name for column in columns]
        found.extend(
            row for row in connection.execute(asked).all() if tuple(getattr(row, name) for name in names) in wanted
        )
    return found


def _together(connection: Connection, statement: Select[Any], columns: Sequence[Any]) -> Select[Any]:
    """The statement that asks for keys together: the same one for all that say the same and hold no values."""
    dialect = connection.dialect.name
    said = statement._generate_cache_key()
    if said is None or said.bindparams:
        return _AMONG[dialect](statement, columns)
    key = (dialect, said.key, *map(id, columns))
    made = _STATEMENTS.get(key)
    if made is None:
        if len(_STATEMENTS) >= MOST_STATEMENTS:
            _STATEMENTS.clear()
        made = _STATEMENTS[key] = _AMONG[dialect](statement, columns)
    return made


def among(connection: Connection, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """`column` is one of at most `BATCH` values.

    One array parameter on PostgreSQL, so that the text of a statement is the same for any number of values.
    """
    if connection.dialect.name == "postgresql":
        compared = column.type.coerce_compared_value(eq, next(iter(values), None))
        chosen: ColumnElement[bool] = column == any_(
            bindparam(None, list(values), type_=postgresql.ARRAY(compared))
        )
    else:
        chosen = column.in_(values)
    return chosen


def after_key(connection: Connection, columns: Sequence[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """The row stands behind `values` in the order of the columns: where a walk along an index goes on.

    One comparison of rows, which an index on the columns answers by itself; Oracle has none: spelled out there.
    """
    if connection.dialect.name != "oracle":
        further: ColumnElement[bool] = tuple_(*columns) > tuple_(*values)
        return further
    behind: ColumnElement[bool] = columns[-1] > values[-1]
    for column, value in reversed(list(zip(columns[:-1], values[:-1], strict=True))):
        behind = (column > value) | ((column == value) & behind)
    behind &= columns[0] >= values[0]
    return behind


def lock_rows(connection: Connection, table: Table, column: str, keys: Sequence[str]) -> list[Any]:
    """Lock the rows with these keys until the transaction ends, in key order, and return them.

    SQLite has one writer at a time, so its lock is there already.
    """
    statement = select(table).order_by(table.c[column]).with_for_update()
    return rows_by_key(connection, statement, [table.c[column]], keys)


def claimed(statement: Select[Any], connection: Connection) -> Select[Any]:
    """The statement, locking its rows and passing over those that another worker holds.

    Oracle locks no rows of a query that ends after so many (ORA-02014): there a subquery chooses, by key. SQLite
    has one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        return statement.with_for_update(skip_locked=True)
    if connection.dialect.name == "oracle":
        return lock_chosen(statement)
    return statement
