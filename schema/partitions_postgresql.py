"""PostgreSQL: RANGE by month, below it HASH, one catch-all per table.

A month is made beside the table and attached, so that writers of other months never wait. Its bounds are also a
CHECK, which spares attaching it (here or to history) the look at every row. Names: charge_2026_01, its parts
charge_2026_01_h0 and so on; a month keeps its name in history.
"""

import re
from datetime import date

from sqlalchemy import Connection, Table, text

LOCK_WAIT_MS = 3000
"""How long a change of partitions waits for a lock: whoever waits behind it waits as long."""

CATCH_ALL = "_default"
_PARTITION = re.compile(r"_(\d{4})_(\d\d)(_h\d+)?$")


def is_partition(name: str) -> bool:
    """Whether a table of this name is a partition and none that is declared."""
    return _PARTITION.search(name) is not None or name.endswith(CATCH_ALL)


def name_of(table: str, month: date) -> str:
    """The name of a table's partition for a month."""
    return f"{table}_{month:%Y_%m}"


def make_catch_all(table: Table) -> str:
    """The partition for days that have no month of their own."""
    return f"CREATE TABLE {table.name}{CATCH_ALL} PARTITION OF {table.name} DEFAULT"


def months_of(connection: Connection, table: str) -> list[date]:
    """The months that are attached to a table, oldest first."""
    statement = text(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = to_regclass(:name) ORDER BY c.relname"
    )
    matches = (_PARTITION.search(name) for name in connection.execute(statement, {"name": table}).scalars())
    return [date(int(found[1]), int(found[2]), 1) for found in matches if found]


def caught(connection: Connection, table: Table) -> dict[date, int]:
    """How many rows of each month lie in the catch-all."""
    statement = text(
        f"SELECT date_trunc('month', day)::date, count(*) FROM {table.name}{CATCH_ALL} GROUP BY 1 ORDER BY 1"
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def wait_briefly(connection: Connection) -> None:
    """A lock that is not had in time is a lost race, which is tried again; nobody queues behind it for long."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}")


def make_month(connection: Connection, table: Table, month: date, *, hashes: int) -> int:
    """Make, fill from the catch-all and attach a month; returns how many rows it took over."""
    wait_briefly(connection)
    connection.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE UPDATE EXCLUSIVE MODE")
    if month in months_of(connection, table.name):
        return 0
    name = name_of(table.name, month)
    first, end = bounds(month)
    by_hash = f" PARTITION BY HASH ({table.info['hash_by']})" if hashes > 1 else ""
    connection.exec_driver_sql(
        f"CREATE TABLE {name} (LIKE {table.name} INCLUDING DEFAULTS,"
        f" CONSTRAINT ck_{name} CHECK (day >= {first} AND day < {end})){by_hash}"
    )
    for part in range(hashes if hashes > 1 else 0):
        connection.exec_driver_sql(
            f"CREATE TABLE {name}_h{part} PARTITION OF {name} FOR VALUES WITH (MODULUS {hashes}, REMAINDER {part})"
        )
    rows = take_from_catch_all(connection, table, month, name)
    attach(connection, table.name, name, month)
    return rows


def take_from_catch_all(connection: Connection, table: Table, month: date, to: str) -> int:
    """Move the month's rows from the catch-all to the table named; returns how many. No more can come after."""
    connection.exec_driver_sql(f"LOCK TABLE {table.name}{CATCH_ALL} IN ACCESS EXCLUSIVE MODE")
    first, end = bounds(month)
    return connection.exec_driver_sql(
        f"WITH caught AS (DELETE FROM {table.name}{CATCH_ALL} WHERE day >= {first} AND day < {end} RETURNING *)"
        f" INSERT INTO {to} SELECT * FROM caught"
    ).rowcount


def attach(connection: Connection, parent: str, name: str, month: date) -> None:
    """Make the table named the parent's partition for the month."""
    first, end = bounds(month)
    connection.exec_driver_sql(
        f"ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({end})"
    )


def detach(connection: Connection, parent: str, name: str) -> None:
    """Take the month out of its parent; the table stays, with its rows and indexes."""
    connection.exec_driver_sql(f"ALTER TABLE {parent} DETACH PARTITION {name}")


def bounds(month: date) -> tuple[str, str]:
    """The first day of the month and that of the next one, as SQL."""
    end = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return f"DATE '{month}'", f"DATE '{end}'"
