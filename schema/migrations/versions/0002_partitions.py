"""Partitions of the tables of facts; written by hand, what it does stands in `schema.partitions`

Revision: 0002
After: 0001
"""

from alembic import context, op

from schema.partitions import HASHES, layout

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """To this revision."""
    hashes = context.config.attributes.get("hashes", HASHES)
    for statement in layout(op.get_context().dialect.name, hashes=hashes):
        op.execute(statement)


def downgrade() -> None:
    """Back to the one before: the layout stays, which the declared tables allow."""
