"""The chain of migrations (Alembic). Old code must run on the new schema."""
