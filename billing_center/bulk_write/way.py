"""What every way of writing many rows can do, and which way a database goes.

Where it stands in the walk: below `bulk`, which the stores call. All rows of one call have the keys of the first.
Rows that meet others of the table come in the order of their keys, so that two batches never wait for each other.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Table

Row = Mapping[str, Any]
Column = Sequence[Any]
Names = frozenset[str]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Whole instants are millionths of a second since then."""


class Way(Protocol):
    """Bulk writing in one kind of database. Each act is a bounded number of round trips, however many the rows."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert the rows. Raises: IntegrityError when a key is there; what a type raises for a wrong value."""
        ...

    def insert_columns(
        self,
        connection: Connection,
        table: Table,
        names: tuple[str, ...],
        columns: Sequence[Column],
        millionths: Names,
    ) -> None:
        """The same for columns in the order of `names`; what stands in those of `millionths` are whole numbers."""
        ...

    def insert_missing(self, connection: Connection, table: Table, rows: Sequence[Row]) -> int:
        """Insert the rows whose primary key is not there; how many went in."""
        ...

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[Row], add: Sequence[str], replace: Sequence[str]
    ) -> None:
        """Insert each row, or on the row that has its primary key add `add` columns and set `replace` columns."""
        ...

    def update(self, connection: Connection, table: Table, rows: Sequence[Row], replace: Sequence[str]) -> int:
        """Set columns of the rows that have these primary keys; how many were there."""
        ...

    def delete(self, connection: Connection, table: Table, names: Sequence[str], columns: Sequence[Column]) -> int:
        """Delete the rows whose columns `names` have these values; how many were there."""
        ...


def keys_of(table: Table) -> list[str]:
    """The names of the primary key's columns."""
    return [column.name for column in table.primary_key]
