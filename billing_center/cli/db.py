"""`db upgrade|check|backup|restore|rebuild-rollups`: the newest schema, whether all of it agrees, and copies."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import rich.progress
import typer
from rich.console import Console

from billing_center.backup.sqlite_backup import Backup, back_up, look_into
from billing_center.backup.sqlite_restore import restore
from billing_center.backup.where import sqlite_file
from billing_center.charge.roll_up import rebuild
from billing_center.cli.context import loaded_settings, open_context
from billing_center.cli.run_context import print_json
from billing_center.clock import civil_day
from billing_center.database_check.check import Scope
from billing_center.database_check.run_checks import CHECKS, Checked, Watch, chosen, run_checks
from billing_center.errors import Broken
from schema.engine import open_engine
from schema.migrate import current_revision, newest_revision, upgrade

app = typer.Typer(no_args_is_help=True, help="The database: migrations, checks, copies.")
console = Console(markup=False, highlight=False, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="print JSON lines")]


@app.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the newest schema; harmless when it is there."""
    settings = loaded_settings().settings
    engine = open_engine(settings.database_url)
    before = current_revision(engine)
    upgrade(engine, hashes=settings.partition_hashes)
    Console().print(f"database at migration {newest_revision()} (was {before or 'empty'})")
    engine.dispose()


@app.command("check")
def check_database(
    only: Annotated[
        list[str] | None,
        typer.Option(help=f"only this check, again for more: {', '.join(check.name for check in CHECKS)}"),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="only facts of this day and later")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="findings shown of one check at most")] = 1000,
    as_json: AsJson = False,
) -> None:
    """Check the schema, the partitions, and that all facts agree. It only reads. Exit code 3 on any finding."""
    checks = chosen(only or [])
    at = _check_migration()
    shown = total = 0
    with open_context() as center:
        today = civil_day(center.clock.now(), center.settings.zone)
        first = since.date() if since else None
        scope = Scope(today, first, center.settings.partition_months_ahead, limit)
        with _watched() as watch:
            for checked in run_checks(center.database, checks, scope, watch):
                _tell(checked, as_json=as_json)
                shown += len(checked.findings)
                total += checked.more
    if as_json:
        print_json({"migration": at, "checks": len(checks), "findings": shown, "complete": not total})
    if shown:
        raise Broken(f"{shown} findings{' and more' if total else ''}; docs/operations.md says what each means")
    if not as_json:
        console.print(f"database at migration {at}, as it should be; {len(checks)} checks found nothing")


def _check_migration() -> str | None:
    """The migration that the database is at. Raises: Broken when it is not the program's."""
    engine = open_engine(loaded_settings().settings.database_url)
    at, newest = current_revision(engine), newest_revision()
    engine.dispose()
    if at != newest:
        raise Broken(
            f"the database is at migration {at}, the program at {newest}: run `billing-center db upgrade`"
        )
    return at


def _tell(checked: Checked, *, as_json: bool) -> None:
    for one in checked.findings:
        print_json(asdict(one)) if as_json else console.print(f"{one.check}: {one.subject}: {one.what}")
    if not as_json and not checked.findings:
        console.print(f"{checked.check.name}: {checked.check.proves}")
    if not as_json and checked.more:
        console.print(f"{checked.check.name}: more than {len(checked.findings)} findings, see --limit")


@contextmanager
def _watched() -> Iterator[Watch]:
    """What is being checked, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda name, done: None
        return
    columns = (
        rich.progress.SpinnerColumn(),
        rich.progress.TextColumn("[bold]{task.description}"),
        rich.progress.TimeElapsedColumn(),
        rich.progress.TextColumn("{task.fields[parts]} parts done"),
    )
    with rich.progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, parts=0)
        yield lambda name, done: bar.update(task, description=name, parts=done)


@app.command("backup")
def back_up_database(file: Path, as_json: AsJson = False) -> None:
    """Copy the SQLite database into a new FILE while the program runs, and prove the copy."""
    source = sqlite_file(loaded_settings().settings.database_url, restoring=False, file=file)
    _say(back_up(source, file), f"copied to {file}", as_json=as_json)


@app.command("restore")
def restore_database(
    file: Path,
    replace: Annotated[bool, typer.Option(help="put it in the place of the database that is there")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a copy made by `db backup` where the database belongs. The program must be stopped."""
    target = sqlite_file(loaded_settings().settings.database_url, restoring=True, file=file)
    kept = restore(file, target, replace=replace)
    _say(
        look_into(target), f"restored to {target}{f', what was there is {kept}' if kept else ''}", as_json=as_json
    )


def _say(copy: Backup, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"migration": copy.migration, "rows": copy.rows})
        return
    tables = sum(1 for count in copy.rows.values() if count)
    console.print(f"{done}: migration {copy.migration}, {sum(copy.rows.values())} rows in {tables} tables, sound")


@app.command("rebuild-rollups")
def rebuild_rollups() -> None:
    """Mark every roll-up to be computed anew from the charges by the next `roll_up`."""
    with open_context() as center:
        count = center.transact("operator", rebuild)
    Console().print(f"{count} cells are marked; `billing-center job run roll_up` computes them now")
