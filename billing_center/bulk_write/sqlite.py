"""SQLite: one prepared statement, executed for every row inside the driver."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table

from billing_center.bulk_write.prepared import prepared
from billing_center.bulk_write.way import Row, keys_of


class PreparedRows:
    """See `Way`."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """One INSERT, executed for every row."""
        self._write(connection, table, rows, "")

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

    def delete(self, connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Row]) -> int:
        """One DELETE by key, executed for every row."""
        columns = prepared(table, tuple(names), connection.dialect).columns(rows)
        text = f'DELETE FROM "{table.name}" WHERE {_equal(names)}'
        return connection.exec_driver_sql(text, list(zip(*columns, strict=True))).rowcount

    def _write(self, connection: Connection, table: Table, rows: Sequence[Row], conflict: str) -> int:
        names = tuple(rows[0])
        columns = prepared(table, names, connection.dialect).columns(rows)
        marks = ", ".join("?" * len(names))
        text = f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES ({marks}){conflict}'
        return connection.exec_driver_sql(text, list(zip(*columns, strict=True))).rowcount


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _equal(names: Sequence[str]) -> str:
    return " AND ".join(f'"{name}" = ?' for name in names)
