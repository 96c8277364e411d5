"""Bringing a database to the newest schema, and telling whether it is there."""

import io
import re

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "schema:migrations")
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine, *, hashes: int | None = None) -> None:
    """Run every migration that the database has not had yet; harmless when it has had them all.

    `hashes` is how many parts a month is cut into by hash, fixed here for Oracle only; see `schema.partitions`.
    """
    config = _config()
    if hashes is not None:
        config.attributes["hashes"] = hashes
    with engine.connect() as connection:  # the step's own transaction: one made CONCURRENTLY must leave it
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def upgrade_script(dialect: str) -> str:
    """What `upgrade` runs on an empty database of a kind, as a script for a DBA: 'oracle' or 'postgresql'.

    It is written without asking a server, for Oracle 12.2 and later.
    """
    config, script = _config(), io.StringIO()
    config.output_buffer = script
    config.set_main_option("dialect_name", dialect)
    command.upgrade(config, "head", sql=True)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", script.getvalue())).strip() + "\n"


def current_revision(engine: Engine) -> str | None:
    """The migration that the database is at, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The newest migration that this program brings."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def known_revisions() -> set[str]:
    """Every migration that this program brings."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
