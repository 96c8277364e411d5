"""The metadata that all tables share, with constraint names that are the same on every database."""

from typing import Any

from sqlalchemy import MetaData, Table, quoted_name, text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

ROOM = {"fillfactor": 80}
"""PostgreSQL leaves a fifth of each page free: a row that changes every day, in columns that no index holds, is
then written beside itself, and no index hears of it."""


HALF = {"fillfactor": 45}
"""The same for tables whose neighbouring rows all change in one transaction: what a page held before is freed only
after it, so the page must have room for every row twice. Filled to four fifths they grew as large."""


def only(condition: str) -> dict[str, Any]:
    """What makes an index hold the rows of a condition alone, where there are such indexes (not on Oracle)."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


HISTORY = "_history"
"""Ends the name of the table that a month of facts moves to when it is closed and old."""


def by_month(hash_by: str) -> dict[str, Any]:
    """What makes a table of facts partitioned: by the month of its `day`, below that by hash of a column by which
    it is looked up.

    Every unique key holds `day` and the column hashed by, so that each index is local to its partition. SQLite
    has no partitions; what PostgreSQL and Oracle are told besides is in `schema.partitions`.
    """
    return {"postgresql_partition_by": "RANGE (day)", "info": {"hash_by": hash_by}}


def history_of(table: Table) -> Table:
    """The same table once more, for the months that have moved out. Nothing but a move ever writes to it."""
    history = table.to_metadata(metadata, name=table.name + HISTORY)
    history.primary_key.name = quoted_name(f"pk_{history.name}", None)
    for index in history.indexes:
        index.name = quoted_name(str(index.name).replace(table.name, history.name, 1), None)
    return history
