"""Oracle: array binds. MERGE for what may be there already, since it has no other upsert."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, insert, text

from billing_center.bulk_write.portable import delete_statement, row_values, update_statement
from billing_center.bulk_write.way import Row, keys_of


class ArrayBinds:
    """See `Way`. Each statement is bound to all rows and goes in one round trip."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """One INSERT."""
        connection.execute(insert(table), list(rows))

    def insert_missing(self, connection: Connection, table: Table, rows: Sequence[Row]) -> int:
        """MERGE that only inserts."""
        return connection.execute(text(merge(table, {})), list(rows)).rowcount

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[Row], add: Sequence[str], replace: Sequence[str]
    ) -> None:
        """MERGE."""
        changes = {c: f"t.{c} + s.{c}" for c in add} | {c: f"s.{c}" for c in replace}
        connection.execute(text(merge(table, changes)), list(rows))

    def update(self, connection: Connection, table: Table, rows: Sequence[Row], replace: Sequence[str]) -> int:
        """UPDATE by key."""
        keys = keys_of(table)
        values = row_values(rows, [*keys, *replace])
        return connection.execute(update_statement(table, keys, replace), values).rowcount

    def delete(self, connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Row]) -> int:
        """DELETE by key."""
        return connection.execute(delete_statement(table, names), row_values(rows, names)).rowcount


def merge(table: Table, changes: Mapping[str, str]) -> str:
    """Oracle's MERGE for one bound row: SQLAlchemy has no construct for it. Names come from the tables."""
    names = [column.name for column in table.columns]
    source = ", ".join(f":{n} AS {n}" for n in names)
    match = " AND ".join(f"t.{k} = s.{k}" for k in keys_of(table))
    sql = f"MERGE INTO {table.name} t USING (SELECT {source} FROM dual) s ON ({match})"
    if changes:
        sql += " WHEN MATCHED THEN UPDATE SET " + ", ".join(f"t.{c} = {v}" for c, v in changes.items())
    columns, values = ", ".join(names), ", ".join(f"s.{n}" for n in names)
    return f"{sql} WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({values})"
