"""`usage import FILE`: a file of uses in batches, each line once; broken off and started again it goes on."""

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import rich.progress
import typer
from rich.console import Console

from billing_center.access.caller import check_caller_id
from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.cli.context import open_context
from billing_center.cli.run_context import print_json
from billing_center.errors import Broken, Refused
from billing_center.logs import set_up_logs
from billing_center.settings import Settings
from billing_center.uncollected import uncollected
from billing_center.usage.file_pieces import Piece, lines_in, plan_of
from billing_center.usage.import_lines import NO_LINES, Lines, read_csv, read_json_lines
from billing_center.usage.import_uses import (
    FileImport,
    RefusedLine,
    begin_import,
    begin_piece,
    finish_pieces,
    import_lines,
)

JSON_ENDINGS = {".jsonl", ".ndjson", ".json"}
ERRORS = "surrogateescape"
"""Bytes that are no UTF-8 make their line a refused one, not the file."""

Opener = Callable[[], Center]


def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a first line of names; JSON lines")
    ],
    caller: Annotated[str, typer.Option(help="for whom the uses are reported: with a guid it tells them apart")],
    refused_to: Annotated[Path | None, typer.Option(help="where refused lines go (FILE.refused.jsonl)")] = None,
    workers: Annotated[int, typer.Option(min=1, help="processes that import pieces of a large file")] = 1,
) -> None:
    """Keep the uses of a file, each once; the same file again does nothing. Exit code 1: lines were refused."""
    check_caller_id(caller)
    refusals = refused_to or file.with_name(file.name + ".refused.jsonl")
    with open_context() as center:
        opened = partial(_opened, center.settings)
        state = import_whole(center, file, caller, refusals, workers=workers, opened=opened)
    _tell(state, refusals)
    if state.refused:
        raise Refused(f"{state.refused} lines were refused: see {refusals} or the refused calls")


def import_whole(
    center: Center, file: Path, caller: str, refusals: Path, *, workers: int = 1, opened: Opener | None = None
) -> FileImport:
    """Import what of the file is not decided yet; with `opened`, which opens their centers, in several processes.

    Raises: OutOfRange; Busy when another process is at it; Broken when a process of ours was ended.
    """
    plan = plan_of(file, quoted_lines=not _is_json(file))
    state = center.transact(
        "operator", lambda work: begin_import(work, digest=plan.digest, file_name=file.name, caller=caller)
    )
    if state.finished_at is not None:
        return state
    if not plan.pieces or state.lines_done:  # one that was begun as a whole goes on so
        return _go_on(center, state, file, refusals, None)
    names = [f"{file.name} {n}/{len(plan.pieces)}" for n in range(1, len(plan.pieces) + 1)]
    parts = [(file, state, piece, name, refusals) for piece, name in zip(plan.pieces, names, strict=True)]
    if workers == 1 or opened is None:
        for part in parts:
            _import_piece(center, part)
    else:
        _in_processes(parts, opened, workers)
    digests = [piece.digest for piece in plan.pieces]
    return center.transact("operator", lambda work: finish_pieces(work, state, digests))


def lines_of(
    file: Path, center: Center, caller: str, *, after: int, size: int, piece: Piece | None = None
) -> Iterator[Lines]:
    """The lines of the file, or of a piece of it, behind line `after`, so many at a time."""
    is_json = _is_json(file)
    read = read_json_lines if is_json else read_csv
    with file.open(encoding="utf-8-sig", errors=ERRORS, newline="") as text:
        lines: Iterator[str] = text
        before = 0
        if piece is not None and piece.begin:
            before, lines = piece.lines_before, lines_in(file, piece, "utf-8", ERRORS)
            if not is_json:  # each piece is read with the file's first line
                before, lines = before - 1, chain([text.readline()], lines)
        elif piece is not None:
            lines = lines_in(file, piece, "utf-8-sig", ERRORS)
        yield from read(lines, caller, center.settings.zone, before=before, after=after, size=size)


def _is_json(file: Path) -> bool:
    return file.suffix.casefold() in JSON_ENDINGS


def _go_on(center: Center, state: FileImport, file: Path, refusals: Path, piece: Piece | None) -> FileImport:
    """Import from the first line that is not decided."""
    size = center.settings.usage_batch
    portions = lines_of(file, center, state.caller, after=state.lines_done, size=size, piece=piece)
    lines = next(portions, NO_LINES)
    shown = sys.stdout.isatty()
    with rich.progress.Progress(*_COLUMNS, console=Console(), disable=not shown) as bar:
        task = bar.add_task(state.file_name, total=None)
        while state.finished_at is None:
            with uncollected(size):
                following = next(portions, None)
                decide = partial(
                    import_lines, file=state, lines=lines, last=following is None, is_piece=piece is not None
                )
                state, refused = center.transact("operator", decide)
                _write(refused, refusals)
                bar.update(task, completed=state.lines_done)
                lines = following or NO_LINES
    return state


Part = tuple[Path, FileImport, Piece, str, Path]
"""A piece of a file, its name, and where its refused lines go."""

_here: list[Center] = []


def _import_piece(center: Center, part: Part) -> None:
    file, whole, piece, name, refusals = part
    state = center.transact("operator", lambda work: begin_piece(work, whole, digest=piece.digest, name=name))
    if state.finished_at is None:
        _go_on(center, state, file, refusals, piece)


def _in_processes(parts: list[Part], opened: Opener, workers: int) -> None:
    """Each process takes the next piece that nobody has."""
    spawn = get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(parts)), spawn, _settle_in, (opened,)) as pool:
        try:
            list(pool.map(_import_here, parts))
        except BrokenProcessPool as error:
            raise Broken("a process of the import was ended: start the same import again") from error


def _settle_in(opened: Opener) -> None:
    _here[:] = [opened()]


def _import_here(part: Part) -> None:
    _import_piece(_here[0], part)


def _opened(settings: Settings) -> Center:
    set_up_logs(settings)
    return open_center(settings)


_COLUMNS = (
    rich.progress.TextColumn("[bold]{task.description}"),
    rich.progress.SpinnerColumn(),
    rich.progress.TextColumn("{task.completed:,} lines"),
    rich.progress.TimeElapsedColumn(),
)


def _write(refused: list[RefusedLine], to: Path) -> None:
    """Add the lines at once, so that processes do not write into each other's."""
    told = [
        {"line": one.number, "code": one.error.code.value, "field": one.error.field or "",
         "rule": one.error.message, "text": one.text}
        for one in refused
    ]  # fmt: skip
    if told:
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told)
        with to.open("ab", buffering=0) as out:
            out.write(lines.encode("utf-8", "backslashreplace"))


def _tell(state: FileImport, refusals: Path) -> None:
    counts = {"lines": state.lines_done, "kept": state.kept, "repeated": state.repeated, "refused": state.refused}
    if sys.stdout.isatty():
        Console().print(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    else:
        print_json({"file": state.file_name, **counts, "refused_to": str(refusals) if state.refused else ""})
