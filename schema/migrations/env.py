"""What Alembic runs: migrate over the connection that `schema.migrate` hands in, or print SQL for a DBA."""

from alembic import context
from sqlalchemy import Connection

from schema.partitions import is_declared
from schema.tables import metadata

connection: Connection | None = context.config.attributes.get("connection")
if connection is not None:
    context.configure(connection=connection, target_metadata=metadata, compare_type=True, include_name=is_declared)
else:
    context.configure(
        dialect_name=context.config.get_main_option("dialect_name") or "oracle",
        target_metadata=metadata,
        literal_binds=True,
    )
    context.get_context().dialect.insert_returning = False  # a script has no place for what would come back
with context.begin_transaction():
    context.run_migrations()
