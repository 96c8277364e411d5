"""Tables of facts cut by month and by hash: what PostgreSQL and Oracle are told, in one place.

Months are first days. A fact of a month that has no partition yet is never refused: PostgreSQL keeps it in the
catch-all partition until `make_partition` gives it its month, Oracle makes the month itself. SQLite has no
partitions, so that everything here does nothing there.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, select

from schema import partitions_oracle, partitions_postgresql
from schema.tables import metadata
from schema.tables.base import HISTORY

PARTITIONED: tuple[Table, ...] = tuple(
    table for table in metadata.sorted_tables if "hash_by" in table.info and not table.name.endswith(HISTORY)
)
"""The tables that are cut, without those of history, which get whole months handed over."""

HASHES = 2
"""Parts that a month is cut into by hash where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class MissingPartition:
    """A month of a table without a partition of its own; `rows` are there already, in the catch-all."""

    table: str
    month: date
    rows: int

    def __str__(self) -> str:
        waiting = f", {self.rows} rows lie in the catch-all" if self.rows else ""
        return f"{self.table} has no partition for {self.month:%Y-%m}{waiting}"


def oracle_move(month: date, *, hashes: int = HASHES) -> list[str]:
    """What a DBA runs on Oracle to hand a closed month over to history without copying a row, in order.

    First the month is counted into `history_month`, so that the job `move_history` proves afterwards what arrived.
    """
    pairs = [(t, metadata.tables[t.name + HISTORY]) for t in PARTITIONED if t.name + HISTORY in metadata.tables]
    counted = [partitions_oracle.count_month(table, month) for table, _ in pairs]
    moved = [s for pair in pairs for s in partitions_oracle.move_month(*pair, month, hashes=hashes)]
    return [*counted, "COMMIT", *moved]


def month_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def month_after(month: date, months: int = 1) -> date:
    """The month that comes so many months later (earlier: negative)."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def last_day(month: date) -> date:
    """The last day of the month."""
    return month_after(month) - timedelta(days=1)


def layout(dialect: str, *, hashes: int = HASHES) -> list[str]:
    """What the migration says once, of empty tables: PostgreSQL's catch-alls; on Oracle the cut of every table."""
    if dialect == "postgresql":
        return [partitions_postgresql.make_catch_all(table) for table in PARTITIONED]
    if dialect == "oracle":
        history = [metadata.tables[t.name + HISTORY] for t in PARTITIONED if t.name + HISTORY in metadata.tables]
        return [partitions_oracle.cut(table, hashes=hashes) for table in [*PARTITIONED, *history]]
    return []


def missing_partitions(connection: Connection, *, today: date, months_ahead: int) -> list[MissingPartition]:
    """Months from this one to so many ahead without a partition, and earlier or later ones that have facts.

    A late fact of a month that has moved to history stays in the catch-all, so such a month misses nothing.
    Reads the catalog and the catch-all, which holds little. Always empty but on PostgreSQL.
    """
    if connection.dialect.name != "postgresql":
        return []
    wanted = [month_after(month_of(today), n) for n in range(months_ahead + 1)]
    found = []
    for table in PARTITIONED:
        there = set(partitions_postgresql.months_of(connection, table.name))
        there |= set(partitions_postgresql.months_of(connection, table.name + HISTORY))
        waiting = partitions_postgresql.caught(connection, table)
        for month in sorted({*wanted, *waiting} - there):
            found.append(MissingPartition(table.name, month, waiting.get(month, 0)))
    return found


def make_partition(connection: Connection, table: str, month: date, *, hashes: int = HASHES) -> int:
    """Give the month of a table its partition, with the facts that the catch-all holds; returns how many.

    Harmless when it is there. Part of the caller's transaction; it waits some seconds for locks at most and is
    then a lost race. `hashes` is a power of two, 1 for none.
    """
    if connection.dialect.name != "postgresql":
        return 0
    return partitions_postgresql.make_month(connection, metadata.tables[table], month, hashes=hashes)


def is_declared(name: str | None, kind: str, parents: Any) -> bool:
    """For Alembic's `include_name`: whether a table is one that `schema.tables` may declare, and no partition."""
    return kind != "table" or name is None or not partitions_postgresql.is_partition(name)


def months_held(connection: Connection, table: Table) -> list[date]:
    """The months that have a partition of the table, or rows in it, oldest first."""
    if connection.dialect.name == "postgresql":
        own = partitions_postgresql.months_of(connection, table.name)
        return sorted({*own, *partitions_postgresql.caught(connection, table)})
    months: list[date] = []
    statement = select(func.min(table.c.day))
    while True:
        later = statement if not months else statement.where(table.c.day >= month_after(months[-1]))
        day = connection.execute(later).scalar_one()
        if day is None:
            return months
        months.append(month_of(day))


def can_hand_over(connection: Connection, source: Table, target: Table, month: date) -> bool:
    """Whether the month can go to the table's twin as a whole: here it has a partition, there it has none."""
    return has_partition(connection, source, month) and not has_partition(connection, target, month)


def hold_still(connection: Connection, table: Table, month: date) -> None:
    """Nobody writes to the month's partition until the transaction ends; reading goes on."""
    partitions_postgresql.wait_briefly(connection)
    name = partitions_postgresql.name_of(_plain(table), month)
    connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE MODE")


def hand_over(connection: Connection, source: Table, target: Table, month: date) -> int:
    """Make the month's partition one of the twin; no row is copied. Late facts in the catch-all go along into
    a table that has one. Returns how many those were."""
    name = partitions_postgresql.name_of(_plain(source), month)
    partitions_postgresql.wait_briefly(connection)
    partitions_postgresql.detach(connection, source.name, name)
    late = 0
    if target in PARTITIONED:
        late = partitions_postgresql.take_from_catch_all(connection, target, month, name)
    partitions_postgresql.attach(connection, target.name, name, month)
    return late


def has_partition(connection: Connection, table: Table, month: date) -> bool:
    """Whether the month is a partition of the table that can be handed over and dropped as a whole."""
    if connection.dialect.name != "postgresql":
        return False
    return month in partitions_postgresql.months_of(connection, table.name)


def drop_month(connection: Connection, table: Table, month: date) -> None:
    """Drop the month's partition with its rows, for good."""
    name = partitions_postgresql.name_of(_plain(table), month)
    partitions_postgresql.wait_briefly(connection)
    partitions_postgresql.detach(connection, table.name, name)
    connection.exec_driver_sql(f"DROP TABLE {name}")


def _plain(table: Table) -> str:
    """A month keeps the name that it was made under."""
    return table.name.removesuffix(HISTORY)
