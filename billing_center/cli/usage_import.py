"""`usage import FILE`: a file of uses in batches, each line once; broken off and started again it goes on."""

import hashlib
import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import rich.progress
import typer
from rich.console import Console

from billing_center.access.caller import check_caller_id
from billing_center.center import Center
from billing_center.cli.context import open_context
from billing_center.cli.run_context import print_json
from billing_center.errors import Refused
from billing_center.uncollected import uncollected
from billing_center.usage.import_lines import NO_LINES, Lines, read_csv, read_json_lines
from billing_center.usage.import_uses import FileImport, RefusedLine, begin_import, import_lines

JSON_ENDINGS = {".jsonl", ".ndjson", ".json"}
PIECE = 1 << 20


def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a first line of names; JSON lines")
    ],
    caller: Annotated[str, typer.Option(help="for whom the uses are reported: with a guid it tells them apart")],
    refused_to: Annotated[Path | None, typer.Option(help="where refused lines go (FILE.refused.jsonl)")] = None,
) -> None:
    """Keep the uses of a file, each once; the same file again does nothing. Exit code 1: lines were refused."""
    check_caller_id(caller)
    refusals = refused_to or file.with_name(file.name + ".refused.jsonl")
    with open_context() as center:
        state = import_whole(center, file, caller, refusals)
    _tell(state, refusals)
    if state.refused:
        raise Refused(f"{state.refused} lines were refused: see {refusals} or the refused calls")


def import_whole(center: Center, file: Path, caller: str, refusals: Path) -> FileImport:
    """Import what of the file is not decided yet. Raises: OutOfRange; Busy when another process is at it."""
    digest = digest_of(file)
    state = center.transact(
        "operator", lambda work: begin_import(work, digest=digest, file_name=file.name, caller=caller)
    )
    return state if state.finished_at is not None else _go_on(center, state, file, refusals)


def digest_of(file: Path) -> str:
    """What tells the content of a file apart: SHA-256."""
    found = hashlib.sha256()
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def lines_of(file: Path, center: Center, caller: str, *, after: int, size: int) -> Iterator[Lines]:
    """The lines of the file behind line `after`, so many at a time.

    Bytes that are no UTF-8 make their line a refused one, not the file.
    """
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        read = read_json_lines if file.suffix.casefold() in JSON_ENDINGS else read_csv
        yield from read(text, caller, center.settings.zone, after=after, size=size)


def _go_on(center: Center, state: FileImport, file: Path, refusals: Path) -> FileImport:
    """Import from the first line that is not decided."""
    size = center.settings.usage_batch
    portions = lines_of(file, center, state.caller, after=state.lines_done, size=size)
    lines = next(portions, NO_LINES)
    shown = sys.stdout.isatty()
    with rich.progress.Progress(*_COLUMNS, console=Console(), disable=not shown) as bar:
        task = bar.add_task(file.name, total=None)
        while state.finished_at is None:
            with uncollected(size):
                following = next(portions, None)
                decide = partial(import_lines, file=state, lines=lines, last=following is None)
                state, refused = center.transact("operator", decide)
                _write(refused, refusals)
                bar.update(task, completed=state.lines_done)
                lines = following or NO_LINES
    return state


_COLUMNS = (
    rich.progress.TextColumn("[bold]{task.description}"),
    rich.progress.SpinnerColumn(),
    rich.progress.TextColumn("{task.completed:,} lines"),
    rich.progress.TimeElapsedColumn(),
)


def _write(refused: list[RefusedLine], to: Path) -> None:
    if refused:
        with to.open("a", encoding="utf-8", errors="backslashreplace") as out:
            for one in refused:
                told = {"line": one.number, "code": one.error.code.value, "field": one.error.field or "",
                        "rule": one.error.message, "text": one.text}  # fmt: skip
                out.write(json.dumps(told, ensure_ascii=False) + "\n")


def _tell(state: FileImport, refusals: Path) -> None:
    counts = {"lines": state.lines_done, "kept": state.kept, "repeated": state.repeated, "refused": state.refused}
    if sys.stdout.isatty():
        Console().print(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    else:
        print_json({"file": state.file_name, **counts, "refused_to": str(refusals) if state.refused else ""})
