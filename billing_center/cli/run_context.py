"""What commands that run jobs share: an open center with its senders, and progress that people or programs read.

On a terminal a bar, elsewhere one JSON line for each run that ended. Logs go to standard error.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from typing import Any

import rich.progress
from rich.console import Console

from billing_center.center import Center
from billing_center.cli.context import open_context
from billing_center.logs import set_up_logs
from billing_center.runs.run import UNFINISHED
from jobs.choose_executor import executor_for
from jobs.job import NOTHING_DUE, Context, Progress
from rpc.senders import senders_of

Position = Callable[[Progress], int]


@contextmanager
def open_runs() -> Iterator[Context]:
    """A context to run jobs with; its worker processes, if any, end with it."""
    with open_context() as center, ExitStack() as stack:
        level = "WARNING" if sys.stdout.isatty() else center.settings.log_level
        set_up_logs(center.settings.model_copy(update={"log_level": level}))
        executor = executor_for(center.settings)
        stack.callback(executor.close)
        yield Context(center, senders_of(center.settings), executor)


@contextmanager
def watched(context: Context, title: str, *, total: int, position: Position) -> Iterator[Context]:
    """The context with its progress shown: `position` tells how many of `total` steps lie behind."""
    if not sys.stdout.isatty():
        yield replace(context, watch=_print_line)
        return
    columns = (
        rich.progress.TextColumn("[bold]{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TimeElapsedColumn(),
        rich.progress.TextColumn("{task.fields[now]}"),
    )
    with rich.progress.Progress(*columns, console=Console()) as bar:
        task = bar.add_task(title, total=total, now="")

        def show(progress: Progress) -> None:
            now = f"{progress.business_day} {progress.job} {progress.items}"
            bar.update(task, completed=position(progress), now=now)

        yield replace(context, watch=show)
        bar.update(task, completed=total, now="")


def count_ended() -> Position:
    """A position that counts the steps that ended."""
    ended = 0

    def position(progress: Progress) -> int:
        nonlocal ended
        ended += progress.state not in UNFINISHED
        return ended

    return position


def print_json(document: dict[str, Any]) -> None:
    """One JSON line."""
    print(json.dumps(document, ensure_ascii=False, default=str))


def local_time(center: Center, instant: Any) -> str:
    """An instant in the business time zone, to the second; empty for None."""
    return "" if instant is None else f"{instant.astimezone(center.settings.zone):%Y-%m-%d %H:%M:%S}"


def _print_line(progress: Progress) -> None:
    if progress.state != NOTHING_DUE and progress.state not in UNFINISHED:
        print_json(asdict(progress))
