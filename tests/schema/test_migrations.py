"""The migrated database is the declared one, and names fit every database."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from billing_center.center import Center
from schema.migrate import current_revision, newest_revision, upgrade
from schema.partitions import is_declared
from schema.tables import metadata

RESERVED_WORDS = """
access add all alter and any as asc audit between by char check cluster column comment compress connect
create current date decimal default delete desc distinct drop else exclusive exists file float for from
grant group having identified immediate in increment index initial insert integer intersect into is level
like lock long maxextents minus mode modify noaudit nocompress not nowait null number of offline on online
option or order pctfree prior public raw rename resource revoke row rowid rownum rows select session set
share size smallint start successful synonym sysdate table then to trigger uid union unique update user
validate values varchar varchar2 view whenever where with
"""


@pytest.mark.databases("sqlite", "postgresql", "oracle")  # H2 has no dictionary to reflect; see tests/oracle
def test_the_migrated_database_equals_the_declared_tables(center: Center) -> None:
    with center.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_name": is_declared})
        assert compare_metadata(context, metadata) == []


def test_upgrading_again_changes_nothing(center: Center) -> None:
    upgrade(center.database.engine)
    assert current_revision(center.database.engine) == newest_revision()


def test_names_fit_oracle() -> None:
    names = set(metadata.tables)
    for table in metadata.sorted_tables:
        names |= {column.name for column in table.columns}
        names |= {str(index.name) for index in table.indexes}
        names |= {str(constraint.name) for constraint in table.constraints if constraint.name}
    assert [name for name in sorted(names) if len(name) > 30 or name in RESERVED_WORDS.split()] == []


def test_every_row_that_belongs_to_a_payer_bears_its_shard() -> None:
    without = [
        table.name
        for table in metadata.sorted_tables
        if "payer_id" in table.columns and "shard" not in table.columns
    ]
    assert without == []
