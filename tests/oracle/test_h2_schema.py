"""The migrations and the declared tables make the same database, as H2 understood Oracle's DDL."""

from schema.engine import open_engine
from schema.migrate import upgrade
from schema.tables import metadata
from tests.oracle.h2_dialect import h2_url


def script(port: int, name: str, *, migrated: bool) -> list[str]:
    """Everything in a new database, as H2 itself would write it down."""
    engine = open_engine(h2_url(port, name))
    if migrated:
        upgrade(engine)
    else:
        metadata.create_all(engine)
    with engine.connect() as connection:
        written = connection.exec_driver_sql("SCRIPT NODATA").scalars().all()
    engine.dispose()
    return sorted(line for line in written if "ALEMBIC_VERSION" not in line.upper())


def test_the_migrated_database_equals_the_declared_tables(h2_port: int) -> None:
    declared = script(h2_port, "declared", migrated=False)
    assert script(h2_port, "migrated", migrated=True) == declared
    assert len([line for line in declared if "CREATE MEMORY TABLE" in line]) == len(metadata.tables)
