-- What schema sends. Made by `make oracle-sql`.

-- schema/migrate.py: current_revision
SELECT alembic_version.version_num
FROM alembic_version;
