"""Files of uses, as operators and mediation systems send them: each line kept once or refused with its reason.

A file is known by the digest of its content. The batch of lines and the mark of how far the import is are one
transaction, so an import that was broken off goes on behind its last batch, and one that is done does nothing;
within and across files a use is told apart as at the door (guid, else content). A refused line is kept among the
refused calls in the same transaction. Design: contract, insertServiceOp; field problems 6, 7 and 21.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

import structlog
from sqlalchemy import Row, select, update

from billing_center.access.refused_calls import keep_refused, refused_call
from billing_center.audit.write_entry import write_entry
from billing_center.bulk import delete_rows, insert_missing, lock_rows
from billing_center.center import UnitOfWork
from billing_center.errors import Busy, OutOfRange, Refused
from billing_center.usage.import_lines import Lines
from billing_center.usage.keep_uses import keep_uses
from schema.tables.usage import usage_import

log = structlog.get_logger()

OPERATION = "usage import"
"""Under this name refused lines are among the refused calls."""


@dataclass(frozen=True, slots=True)
class FileImport:
    """How far the import of a file is. `lines_done` is the number of the last line that is decided."""

    digest: str
    file_name: str
    caller: str
    lines_done: int
    kept: int
    repeated: int
    refused: int
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was not taken, and the rule that it broke."""

    number: int
    text: str
    error: Refused


def begin_import(work: UnitOfWork, *, digest: str, file_name: str, caller: str) -> FileImport:
    """The import of the file with this content, begun now unless it was begun before.

    Raises: OutOfRange when the same file was imported for another caller.
    """
    row = {
        "digest": digest, "file_name": file_name[:200], "caller": caller, "lines_done": 0, "kept": 0,
        "repeated": 0, "refused": 0, "started_at": work.at, "finished_at": None,
    }  # fmt: skip
    insert_missing(work.connection, usage_import, [row])
    found = _as_import(lock_rows(work.connection, usage_import, "digest", [digest])[0])
    if found.caller != caller:
        raise OutOfRange(f"this file was imported for caller {found.caller}", field="caller")
    return found


def begin_piece(work: UnitOfWork, whole: FileImport, *, digest: str, name: str) -> FileImport:
    """The import of a piece of a file, begun now unless it was begun before.

    Raises: Busy when another process has finished the file meanwhile.
    """
    [held] = lock_rows(work.connection, usage_import, "digest", [whole.digest])
    if held.finished_at is not None:
        raise Busy("another process has imported this file")
    return begin_import(work, digest=digest, file_name=name, caller=whole.caller)


def import_lines(
    work: UnitOfWork, file: FileImport, lines: Lines, *, last: bool, is_piece: bool = False
) -> tuple[FileImport, list[RefusedLine]]:
    """Decide the next lines of a file; how far it is then, and the lines that were refused.

    Raises: Busy when another process has gone on with this file.
    """
    held = lock_rows(work.connection, usage_import, "digest", [file.digest])
    if not held or held[0].lines_done != file.lines_done:
        raise Busy("another process imports this file")
    outcomes, new = keep_uses(work, lines.uses)
    broken = dict(lines.refused)
    for place, outcome in zip(lines.sound, outcomes, strict=True):
        if isinstance(outcome, Refused):
            broken[place] = outcome
    refused = [RefusedLine(lines.numbers[place], lines.texts[place].rstrip("\r\n"), error)
               for place, error in sorted(broken.items(), key=itemgetter(0))]  # fmt: skip
    for one in refused:
        keep_refused(work, refused_call(file.caller, OPERATION, [file.file_name, one.number, one.text], one.error))
    done = lines.numbers[-1] if lines.numbers else file.lines_done
    now = FileImport(
        file.digest, file.file_name, file.caller, done, file.kept + new,
        file.repeated + len(lines.numbers) - new - len(refused), file.refused + len(refused), file.started_at,
        work.at if last else None,
    )  # fmt: skip
    _keep(work, now, told=last and not is_piece)
    return now, refused


def finish_pieces(work: UnitOfWork, file: FileImport, digests: Sequence[str]) -> FileImport:
    """The import of a file whose pieces (their digests) are done; they are forgotten in what it says of all.

    Raises: Busy when one of them is not done, or another process has finished the file.
    """
    held = lock_rows(work.connection, usage_import, "digest", [file.digest])
    pieces = [_as_import(row) for row in lock_rows(work.connection, usage_import, "digest", digests)]
    if held[0].finished_at is not None or len(pieces) < len(digests) or any(p.finished_at is None for p in pieces):
        raise Busy("another process imports this file")
    now = replace(
        file,
        lines_done=max(piece.lines_done for piece in pieces),
        kept=sum(piece.kept for piece in pieces),
        repeated=sum(piece.repeated for piece in pieces),
        refused=sum(piece.refused for piece in pieces),
        finished_at=work.at,
    )
    _keep(work, now, told=True)
    delete_rows(work.connection, usage_import, list(digests))
    return now


def _keep(work: UnitOfWork, now: FileImport, *, told: bool) -> None:
    counts = {"lines_done": now.lines_done, "kept": now.kept, "repeated": now.repeated, "refused": now.refused}
    statement = update(usage_import).where(usage_import.c.digest == now.digest)
    work.connection.execute(statement.values(**counts, finished_at=now.finished_at))
    if told:
        write_entry(work, "uses_imported", now.file_name, counts | {"caller": now.caller, "digest": now.digest})
        log.info("uses_imported", file=now.file_name, **counts)


def imports(work: UnitOfWork, *, limit: int = 50) -> list[FileImport]:
    """The latest imports, newest first."""
    statement = select(usage_import).order_by(usage_import.c.started_at.desc(), usage_import.c.digest).limit(limit)
    return [_as_import(row) for row in work.connection.execute(statement)]


def _as_import(row: Row[tuple[object, ...]]) -> FileImport:
    return FileImport(**row._mapping)
