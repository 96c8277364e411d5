"""What PostgreSQL's planner knows of the tables, brought up to date before long work.

Where it stands in the walk: before the tasks of a run. Autovacuum comes a minute late or more, and a step of the
day can make or change a million rows in less; a new month's partition begins with nothing known at all. A plan
made from that may read a whole table for every key. Oracle samples by itself.
"""

from sqlalchemy import Engine, text

CHANGED_ROWS, CHANGED_PART = 1000, 0.1
"""A table whose changes since it was looked at are more than these is looked at again."""

_OUTDATED = text("""
    SELECT quote_ident(schemaname) || '.' || quote_ident(relname)
    FROM pg_stat_user_tables
    WHERE schemaname = current_schema()
      AND n_mod_since_analyze >= :rows AND n_mod_since_analyze >= :part * n_live_tup
    ORDER BY 1
""")


def refresh_statistics(engine: Engine) -> list[str]:
    """ANALYZE the tables that have changed much; their names. Nothing on other databases.

    Reads a bounded sample of each. A table that another process looks at just now is passed over.
    """
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        found = connection.execute(_OUTDATED, {"rows": CHANGED_ROWS, "part": CHANGED_PART})
        names = [str(name) for name in found.scalars()]
        for name in names:
            connection.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {name}")
    return names
