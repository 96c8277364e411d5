"""No migration but the first breaks a program of the version before that still runs."""

from pathlib import Path

import pytest

import schema.migrations
from schema.tables import metadata
from tests.schema.migration_rules import broken_rules

VERSIONS = Path(schema.migrations.__file__).parent / "versions"
LATER = sorted(path for path in VERSIONS.glob("0*.py") if not path.name.startswith("0001"))
CUT = {table.name for table in metadata.sorted_tables if "hash_by" in table.info}
BIG = {table.name for table in metadata.sorted_tables if "shard" in table.columns} - CUT
CONTRACT = 'CONTRACT = "nobody runs 1.3 any more, which read it"\n'

FORBIDDEN = [
    'op.drop_column("charge", "note")',
    'op.drop_table("meter")',
    'op.rename_table("meter", "counter")',
    'op.drop_index("ix_charge_period", table_name="charge")',
    'op.alter_column("charge", "note", new_column_name="remark")',
    'op.alter_column("charge", "note", type_=sa.String(400))',
    'op.alter_column("charge", "note", nullable=False)',
    'op.execute("ALTER TABLE charge DROP COLUMN note")',
    'op.execute("ALTER TABLE charge ALTER COLUMN note SET NOT NULL")',
]
FORBIDDEN_ALWAYS = [
    'op.add_column("charge", sa.Column("extra", sa.Integer(), nullable=False))',
    'op.create_index("ix_meter_extra", "meter", ["extra"])',
    'op.create_index("ix_charge_extra", "charge", ["extra"], postgresql_concurrently=True)',
    'op.create_check_constraint("ck_x", "charge", "amount > 0")',
]
ALLOWED = [
    'op.add_column("charge", sa.Column("extra", sa.Integer()))',
    'op.add_column("charge", sa.Column("extra", sa.Integer(), nullable=False, server_default="0"))',
    'op.create_index("ix_meter_extra", "meter", ["extra"], postgresql_concurrently=True)',
    'op.create_index("ix_catalog_load_at", "catalog_load", ["at"])',
    'op.create_check_constraint("ck_x", "charge", "amount > 0", postgresql_not_valid=True)',
    'op.create_table("charge_note", sa.Column("x"))\n    op.create_index("ix_n", "charge_note", ["x"])',
]


def migration(step: str) -> str:
    return f"def upgrade() -> None:\n    {step}\n\n\ndef downgrade() -> None:\n    op.drop_table('t')\n"


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_a_migration_keeps_the_rules(path: Path) -> None:
    assert broken_rules(path.read_text(encoding="utf-8"), BIG, CUT) == []


@pytest.mark.parametrize("step", FORBIDDEN)
def test_what_takes_away_is_a_contract_step(step: str) -> None:
    assert len(broken_rules(migration(step), BIG, CUT)) == 1
    assert broken_rules(CONTRACT + migration(step), BIG, CUT) == []
    assert len(broken_rules('CONTRACT = ""\n' + migration(step), BIG, CUT)) == 1  # it says why


@pytest.mark.parametrize("step", FORBIDDEN_ALWAYS)
def test_what_locks_out_or_breaks_is_never_allowed(step: str) -> None:
    assert len(broken_rules(CONTRACT + migration(step), BIG, CUT)) == 1


@pytest.mark.parametrize("step", ALLOWED)
def test_what_adds_is_allowed(step: str) -> None:
    assert broken_rules(migration(step), BIG, CUT) == []
