"""The database's own limit for the rows that a step has written: INSERT .. SELECT and COPY into empty twins.

A twin has the table's columns, keys and indexes. What a step updates in place is not in it.
"""

import io
from collections.abc import Sequence
from time import perf_counter

from sqlalchemy import Connection, MetaData, Table, text
from sqlalchemy.schema import CreateTable

from billing_center.center import Center


def insert_select_s(center: Center, tables: Sequence[tuple[Table, str]]) -> tuple[int, float]:
    """Rows and seconds to copy what each (table, condition) chooses into its twin, inside the database."""
    rows, seconds = 0, 0.0
    for table, condition in tables:
        with center.database.write() as connection:
            _make_twin(connection, table)
            began = perf_counter()
            rows += connection.execute(
                text(f"INSERT INTO twin_{table.name} SELECT * FROM {table.name} WHERE {condition}")
            ).rowcount
        seconds += perf_counter() - began
        _drop(center, table)
    return rows, seconds


def copy_s(center: Center, tables: Sequence[tuple[Table, str]]) -> float | None:
    """Seconds for the same rows by COPY from this program's memory; None where there is no COPY."""
    if center.database.kind != "postgresql":
        return None
    seconds = 0.0
    for table, condition in tables:
        with center.database.write() as connection:
            _make_twin(connection, table)
            driver = connection.connection.driver_connection
            assert driver is not None
            with driver.cursor() as cursor:
                held = io.BytesIO()
                with cursor.copy(
                    f"COPY (SELECT * FROM {table.name} WHERE {condition}) TO STDOUT (FORMAT binary)"
                ) as out:
                    for block in out:
                        held.write(block)
                began = perf_counter()
                with cursor.copy(f"COPY twin_{table.name} FROM STDIN (FORMAT binary)") as into:
                    into.write(held.getvalue())
        seconds += perf_counter() - began
        _drop(center, table)
    return seconds


def _make_twin(connection: Connection, table: Table) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE TABLE twin_{table.name} (LIKE {table.name} INCLUDING ALL)"))
        return
    twin = table.to_metadata(MetaData(), name=f"twin_{table.name}")
    indexes = list(twin.indexes)
    connection.execute(CreateTable(twin))
    for index in indexes:
        index.name = f"twin_{index.name}"
        index.create(connection)


def _drop(center: Center, table: Table) -> None:
    with center.database.write() as connection:
        connection.execute(text(f"DROP TABLE twin_{table.name}"))
