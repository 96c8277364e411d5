"""What rows take on the disk of a PostgreSQL server, indexes included, and what its log of changes takes."""

from sqlalchemy import func, select, text

from benchmarks.figures import Row
from billing_center.center import Center
from schema.tables import metadata

_SIZE = text("""
    WITH RECURSIVE part AS (
        SELECT CAST(:name AS regclass) AS id
        UNION ALL
        SELECT inhrelid::regclass FROM pg_inherits JOIN part ON inhparent = part.id
    )
    SELECT sum(pg_total_relation_size(id)) FROM part
""")
FEW = 1000


def log_position(center: Center) -> int | None:
    """Bytes that the server's log has had so far; None on other databases."""
    if center.database.kind != "postgresql":
        return None
    with center.database.engine.connect() as connection:
        asked = text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
        return int(connection.execute(asked).scalar_one())


def log_bytes_each(center: Center, before: int | None, items: int) -> float | None:
    """What each of the items has added to the log since."""
    now = log_position(center)
    return None if now is None or before is None or not items else (now - before) / items


def sizes(center: Center, case: str) -> list[Row]:
    """Rows and bytes a row of every table with more than a few; nothing on other databases."""
    if center.database.kind != "postgresql":
        return []
    found = []
    with center.database.engine.connect() as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
            if rows > FEW:
                taken = connection.execute(_SIZE, {"name": table.name}).scalar_one()
                found.append(Row("disk", case, table.name, items=rows, bytes_each=float(taken) / rows))
    return found
