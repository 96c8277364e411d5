"""What Alembic runs: migrate over the connection that `schema.migrate` hands in, or print SQL for a DBA."""

from alembic import context
from sqlalchemy import Connection

from schema.tables import metadata

connection: Connection | None = context.config.attributes.get("connection")
if connection is not None:
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
else:
    context.configure(
        dialect_name=context.config.get_main_option("dialect_name") or "oracle",
        target_metadata=metadata,
        literal_binds=True,
    )
with context.begin_transaction():
    context.run_migrations()
