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


def count_month(table: Table, month: date) -> str:
    """Note in `history_month` what the month comes to before it moves."""
    sums = [f"NVL(SUM({name}), 0)" if name in table.c else "0" for name in ("quantity", "amount")]
    return (
        "INSERT INTO history_month (month, table_name, state, row_count, quantity, amount, changed_at, actor)"
        f" SELECT {_bound(month)}, '{table.name}', 'MOVING', COUNT(*), {', '.join(sums)}, SYSTIMESTAMP, 'dba'"
        f" FROM {table.name} PARTITION FOR ({_bound(month)})"
    )


def move_month(table: Table, history: Table, month: date, *, hashes: int) -> list[str]:
    """Hand the month over to history by two exchanges through an empty table of the same shape.

    Between the two, for the time of a change in the dictionary, the month is in neither.
    """
    swap = f"{table.name}_swap"
    return [
        *_make_swap(table, swap, hashes=hashes),
        f"LOCK TABLE {history.name} PARTITION FOR ({_bound(month)}) IN SHARE MODE",  # makes it exist
        _exchange(table.name, swap, month),
        _exchange(history.name, swap, month),
        f"DROP TABLE {swap} PURGE",
    ]


def drop_month(table: Table, month: date) -> str:
    """Drop a month for good."""
    return f"ALTER TABLE {table.name} DROP PARTITION FOR ({_bound(month)})"


def _make_swap(table: Table, swap: str, *, hashes: int) -> list[str]:
    """The table that a month passes through: hashed as the month's subpartitions are, indexes alike."""
    by_hash = f" PARTITION BY HASH ({table.info['hash_by']}) PARTITIONS {hashes}" if hashes > 1 else ""
    local = " LOCAL" if hashes > 1 else ""
    keys = ", ".join(column.name for column in table.primary_key)
    statements = [
        f"CREATE TABLE {swap}{by_hash} FOR EXCHANGE WITH TABLE {table.name}",
        f"ALTER TABLE {swap} ADD CONSTRAINT pk_{swap} PRIMARY KEY ({keys}) USING INDEX{local}",
    ]
    for number, index in enumerate(sorted(table.indexes, key=lambda one: str(one.name))):
        columns = ", ".join(column.name for column in index.columns)
        statements.append(f"CREATE INDEX ix_{swap}_{number} ON {swap} ({columns}){local}")
    return statements


def _exchange(table: str, swap: str, month: date) -> str:
    """Swap the month's rows with those of the swap table: names change hands, no row is copied."""
    return (
        f"ALTER TABLE {table} EXCHANGE PARTITION FOR ({_bound(month)}) WITH TABLE {swap}"
        " INCLUDING INDEXES WITHOUT VALIDATION"
    )


def _bound(day: date) -> str:
    return f"TO_DATE('{day}', 'YYYY-MM-DD')"
