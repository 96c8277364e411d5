"""Oracle: INTERVAL partitions by month, HASH subpartitions below, indexes local, months moved by exchange.

Oracle makes the partition of a new month by itself when the first row comes. Nothing here has run on an Oracle
server yet: the statements are kept as golden text and read by people.
"""

from datetime import date

from sqlalchemy import Table

FIRST_MONTH = date(2000, 1, 1)
"""Interval partitions need a first bound; nothing is older."""


def cut(table: Table, *, hashes: int) -> str:
    """Cut an empty table by month and hash, with all its indexes local (12.2 and later)."""
    below = f" SUBPARTITION BY HASH ({table.info['hash_by']}) SUBPARTITIONS {hashes}" if hashes > 1 else ""
    names = [str(table.primary_key.name), *sorted(str(index.name) for index in table.indexes)]
    local = ", ".join(f"{name} LOCAL" for name in names)
    return (
        f"ALTER TABLE {table.name} MODIFY PARTITION BY RANGE (day) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')){below}"
        f" (PARTITION p_first VALUES LESS THAN ({_bound(FIRST_MONTH)})) UPDATE INDEXES ({local})"
    )


def make_swap(table: Table, swap: str, *, hashes: int) -> list[str]:
    """An empty table of the same shape for two exchanges; where months are cut by hash, it is cut likewise."""
    below = f" PARTITION BY HASH ({table.info['hash_by']}) PARTITIONS {hashes}" if hashes > 1 else ""
    statements = [f"CREATE TABLE {swap}{below} FOR EXCHANGE WITH TABLE {table.name}"]
    if hashes > 1:  # FOR EXCHANGE WITH TABLE copies the shape; the hash must be said after the columns
        statements = [f"CREATE TABLE {swap}{below} AS SELECT * FROM {table.name} WHERE 1 = 0"]
    keys = ", ".join(column.name for column in table.primary_key)
    statements.append(
        f"ALTER TABLE {swap} ADD CONSTRAINT pk_{swap} PRIMARY KEY ({keys}) USING INDEX"
        + (" LOCAL" if hashes > 1 else "")
    )
    for number, index in enumerate(sorted(table.indexes, key=lambda one: str(one.name))):
        columns = ", ".join(column.name for column in index.columns)
        statements.append(
            f"CREATE INDEX ix_{swap}_{number} ON {swap} ({columns})" + (" LOCAL" if hashes > 1 else "")
        )
    return statements


def open_month(table: str, month: date) -> str:
    """Make an interval partition exist without a row: locking it does."""
    return f"LOCK TABLE {table} PARTITION FOR ({_bound(month)}) IN SHARE MODE"


def exchange(table: str, swap: str, month: date) -> str:
    """Swap the month's rows with those of the swap table: names change hands, no row is copied."""
    return (
        f"ALTER TABLE {table} EXCHANGE PARTITION FOR ({_bound(month)}) WITH TABLE {swap}"
        " INCLUDING INDEXES WITHOUT VALIDATION"
    )


def drop_month(table: str, month: date) -> str:
    """Drop a month for good."""
    return f"ALTER TABLE {table} DROP PARTITION FOR ({_bound(month)})"


def _bound(day: date) -> str:
    return f"TO_DATE('{day}', 'YYYY-MM-DD')"
