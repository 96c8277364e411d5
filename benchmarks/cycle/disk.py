"""What the rows of each table take on the disk of a PostgreSQL server, indexes included."""

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
