"""A copy of the SQLite database at one moment, while others read and write, that is whole or not there.

SQLite's own backup copies all pages in one step from a snapshot: writers go on into the write-ahead log. The copy
is proved against counts of the same snapshot before it gets its name.
"""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from billing_center.errors import Broken, OutOfRange


@dataclass(frozen=True, slots=True)
class Backup:
    """What a file holds: its migration, and how many rows each table has."""

    migration: str
    rows: dict[str, int]


def back_up(source: Path, file: Path) -> Backup:
    """Copy the database to a new file. The name appears last, once the copy is proved and on the disk.

    Raises: OutOfRange when there is no database, or the file is there already; Broken when the copy is not sound.
    """
    if not source.is_file():
        raise OutOfRange(f"there is no database at {source}", field="database_url")
    if file.exists():
        raise OutOfRange(f"{file} is there already: a copy overwrites nothing", field="file")
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        expected = _copy(source, partial)
        found = look_into(partial)
        if found != expected:
            raise Broken(f"the copy holds {found} instead of {expected}")
        _name(partial, file)
    finally:
        partial.unlink(missing_ok=True)
    return found


def look_into(file: Path) -> Backup:
    """Prove a file and say what it holds.

    Raises: OutOfRange when it is no billing database; Broken when SQLite finds it damaged.
    """
    if not file.is_file():
        raise OutOfRange(f"there is no file {file}", field="file")
    try:
        with closing(_opened(file, "ro")) as connection:
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check(10)")]
            if problems != ["ok"]:
                raise Broken(f"{file} is damaged: {'; '.join(problems)}")
            return _held(connection)
    except sqlite3.DatabaseError as error:
        raise OutOfRange(f"{file} is no sound billing database: {error}", field="file") from error


def _copy(source: Path, partial: Path) -> Backup:
    """Copy in one step and count what is copied, both in the transaction that sees this moment."""
    with closing(_opened(source, "ro")) as live, closing(sqlite3.connect(partial)) as copy:
        live.execute("BEGIN")
        held = _held(live)
        live.backup(copy, pages=-1)
        live.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    return held


def _held(connection: sqlite3.Connection) -> Backup:
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
    ]
    if "alembic_version" not in names:
        raise OutOfRange("it is no billing database: it has no migration", field="file")
    (migration,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("none",)
    counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    return Backup(migration, counts)


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=30, isolation_level=None)


def _name(partial: Path, file: Path) -> None:
    """Give the file its name, never that of another one, and see both to the disk."""
    sync(partial)
    try:
        os.link(partial, file)
    except FileExistsError as error:
        raise OutOfRange(f"{file} is there already: a copy overwrites nothing", field="file") from error
    sync(file.absolute().parent)


def sync(path: Path) -> None:
    """What was written to a file, or the names of a folder, survives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
