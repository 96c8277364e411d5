"""Where the database is, and what copies it when it is a server."""

import shlex
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from billing_center.errors import Refused


def sqlite_file(url: str, *, restoring: bool, file: Path) -> Path:
    """The file of a SQLite database. Raises: Refused for a server, with the commands that copy (restore) it."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise Refused("a database in memory has no file", field="database_url")
        return Path(parsed.database)
    words = _postgresql(parsed, file) if parsed.get_backend_name() == "postgresql" else _oracle(parsed, file)
    raise Refused("\n".join([words[0], *(words[2] if restoring else words[1])]), field="database_url")


def _postgresql(url: URL, file: Path) -> tuple[str, list[str], list[str]]:
    to = " ".join(
        f"{option} {shlex.quote(str(value))}"
        for option, value in (("-h", url.host), ("-p", url.port), ("-U", url.username))
        if value
    )
    name, dump = shlex.quote(url.database or "billing"), shlex.quote(str(file))
    fresh = shlex.quote(f"{url.database or 'billing'}_restored")
    return (
        "PostgreSQL is copied by its own tools; docs/operations.md says more. The whole server with every commit:",
        [
            f"  pg_basebackup {to} -D BACKUP_DIRECTORY -X stream -c fast --progress   (with WAL archiving)",
            "this database alone, at one moment:",
            f"  pg_dump {to} -Fc -f {dump} {name}",
        ],
        [
            "  stop it, put the base backup in place, set restore_command and recovery_target_time, start it",
            "this database alone, into a fresh one:",
            f"  createdb {to} {fresh}",
            f"  pg_restore {to} --exit-on-error --no-owner -d {fresh} {dump}",
            f"then `billing-center db check` with BILLING_DATABASE_URL naming {fresh}, and only then change over",
        ],
    )


def _oracle(url: URL, file: Path) -> tuple[str, list[str], list[str]]:
    schema = (url.username or "billing").upper()
    dump = f"directory=DATA_PUMP_DIR dumpfile={shlex.quote(file.name)}"
    return (
        "Oracle is copied by its own tools (not run here; see docs/operations.md). The whole database:",
        [
            "  rman target / <<< 'BACKUP DATABASE PLUS ARCHIVELOG;'",
            "this schema alone, at one moment:",
            f"  expdp {schema} schemas={schema} {dump} flashback_time=systimestamp",
        ],
        [
            "  rman target / <<< 'RESTORE DATABASE; RECOVER DATABASE;'",
            "this schema alone, into another one:",
            f"  impdp {schema} {dump} remap_schema={schema}:{schema}_RESTORED",
            "then `billing-center db check` on it",
        ],
    )
