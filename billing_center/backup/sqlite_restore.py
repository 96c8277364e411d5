"""A proved copy becomes the database; what was there before stays beside it."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from billing_center.backup.sqlite_backup import look_into, sync
from billing_center.errors import Busy, OutOfRange
from schema.migrate import known_revisions


def restore(file: Path, target: Path, *, replace: bool) -> Path | None:
    """Put the copy where the database belongs. Returns where the database that was there is now, if one was.

    Raises: OutOfRange when the copy is of a migration that this program does not know, or a database is there
    and `replace` is not set; Busy when a program has that open; Broken when the copy is damaged.
    """
    held = look_into(file)
    if held.migration not in known_revisions():
        message = f"{file} is of migration {held.migration}, which this program does not know: take a newer one"
        raise OutOfRange(message, field="file")
    if target.exists() and not replace:
        raise OutOfRange(
            f"there is a database at {target}: say --replace to put {file} in its place", field="file"
        )
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, partial)
        sync(partial)
        if look_into(partial) != held:
            raise OutOfRange(f"{file} changed while it was copied", field="file")
        kept = _put_aside(target) if target.exists() else None
        partial.rename(target)
        sync(target.absolute().parent)
    finally:
        partial.unlink(missing_ok=True)
    return kept


def _put_aside(target: Path) -> Path:
    """Give the database that is there another name, once nobody has it open and its log is written into it."""
    kept = next(
        name for number in range(1, 1000)
        if not (name := target.with_name(f"{target.name}.before-restore-{number}")).exists()
    )  # fmt: skip
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # fails when anybody else has it open
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            raise Busy(f"a program has {target} open: stop it first") from error
    target.rename(kept)
    return kept
