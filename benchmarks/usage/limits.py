"""What the database can do with the same rows by itself: COPY in, and INSERT .. SELECT, with the same indexes."""

from typing import Any

from benchmarks.usage.meter import Cost, measured
from billing_center.center import Center

TABLES = ("usage_event", "charge")
MOST = 1_000_000
"""Rows at most: they are held in memory between the two ways."""


def database_limits(center: Center) -> list[Cost]:
    """The costs of writing the rows of both tables again, into twins of them."""
    way = _copied if center.database.kind == "postgresql" else _selected
    return [cost for table in TABLES for cost in way(center, table)]


def _copied(center: Center, table: str) -> list[Cost]:
    found = []
    for act in ("COPY", "INSERT .. SELECT"):
        with center.database.engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE twin (LIKE {table} INCLUDING ALL)")
            driver: Any = connection.connection.driver_connection
            cursor = driver.cursor()
            pieces: list[bytes] = []
            chosen = f"SELECT * FROM {table} LIMIT {MOST}"
            rows = connection.exec_driver_sql(f"SELECT count(*) FROM ({chosen}) c").scalar_one()
            if act == "COPY":
                with cursor.copy(f"COPY ({chosen}) TO STDOUT (FORMAT binary)") as out:
                    pieces = [bytes(piece) for piece in out]
                copying = cursor.copy("COPY twin FROM STDIN (FORMAT binary)")
                with measured(f"limit: {act} into {table}", rows) as cost, copying as into:
                    for piece in pieces:
                        into.write(piece)
            else:
                with measured(f"limit: {act} into {table}", rows) as cost:
                    connection.exec_driver_sql(f"INSERT INTO twin {chosen}")
            found.append(cost)
            connection.exec_driver_sql("DROP TABLE twin")
    return found


def _selected(center: Center, table: str) -> list[Cost]:
    with center.database.engine.begin() as connection:
        for kind, name, made in connection.exec_driver_sql(
            f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name = '{table}' AND sql IS NOT NULL"
        ).all():
            text = made.replace(table, "twin", 1) if kind == "table" else made.replace(name, f"twin_{name}", 1)
            connection.exec_driver_sql(text if kind == "table" else text.replace(f"ON {table}", "ON twin", 1))
        with measured(f"limit: INSERT .. SELECT into {table}") as cost:
            cost.rows = connection.exec_driver_sql(f"INSERT INTO twin SELECT * FROM {table}").rowcount
    with center.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE twin")
    return [cost]
