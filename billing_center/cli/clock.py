"""`clock show|set|advance`: the test clock, which stands still until it is told to move."""

from datetime import timedelta
from typing import Annotated

import typer

from billing_center.cli.context import open_context
from billing_center.cli.run_context import open_runs, print_json, watched
from billing_center.clock import civil_day
from billing_center.errors import OutOfRange
from billing_center.test_clock import StoredTestClock, parse_instant, require_test_clock
from jobs.advance_clock import advance
from jobs.job import Progress

app = typer.Typer(no_args_is_help=True, help="The clock: what it shows and, for a test clock, moving it.")


@app.command()
def show() -> None:
    """Which clock the center runs on, and what it shows."""
    with open_context() as center:
        kind = "test" if isinstance(center.clock, StoredTestClock) else "real"
        at = center.clock.now()
        print_json({"clock": kind, "at": at.isoformat(), "local": at.astimezone(center.settings.zone).isoformat()})


@app.command("set")
def set_clock(instant: Annotated[str, typer.Argument(help="ISO instant with offset, not in the past")]) -> None:
    """Move the test clock forward and run nothing; the next `advance` catches up what fell due."""
    with open_context() as center:
        at = require_test_clock(center.clock).move(parse_instant(instant))
        print_json({"clock": "test", "at": at.isoformat()})


@app.command("advance")
def advance_clock(
    to: Annotated[str | None, typer.Option("--to", help="ISO instant with offset")] = None,
    days: Annotated[int, typer.Option(min=0, help="days from where the clock stands")] = 0,
    hours: Annotated[int, typer.Option(min=0, help="hours from where the clock stands")] = 0,
) -> None:
    """Move the test clock and run what falls due on the way, in order; to where it stands: what is due now."""
    if to is not None and (days or hours):
        raise OutOfRange("--to goes without --days and --hours", field="to")
    with open_runs() as context:
        center = context.center
        now = require_test_clock(center.clock).now()
        until = parse_instant(to) if to is not None else now + timedelta(days=days, hours=hours)
        zone = center.settings.zone
        first = civil_day(now, zone)

        def position(progress: Progress) -> int:
            return (progress.business_day - first).days

        total = max((civil_day(until, zone) - first).days, 1)
        with watched(context, "advancing", total=total, position=position) as shown:
            moved = advance(center, until, context.senders, shown.watch, executor=context.executor)
        print_json({"clock": "test", "at": moved.at.isoformat(), "cycles": len(moved.cycles)})
