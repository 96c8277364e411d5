"""`cycle`: every step of a business day in order, for one date or for a range of missed ones."""

from datetime import datetime
from typing import Annotated

import typer

from billing_center.cli.run_context import count_ended, open_runs, watched
from billing_center.clock import civil_day
from billing_center.errors import Busy, OutOfRange
from billing_center.period import ONE_DAY, days_of
from billing_center.runs.run import RunState
from jobs.cycle import failure_of, run_cycle
from jobs.registry import STEPS


def cycle(
    day: Annotated[
        datetime | None, typer.Option("--date", "--from", formats=["%Y-%m-%d"], help="business day; else today")
    ] = None,
    to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="last day of a range, included")
    ] = None,
) -> None:
    """Rate, aggregate, issue invoices, send deductions, control services: again without harm, in order."""
    with open_runs() as context:
        center = context.center
        first = day.date() if day is not None else civil_day(center.clock.now(), center.settings.zone)
        last = to.date() if to is not None else first
        if last < first:
            raise OutOfRange(f"--to {last} lies before {first}", field="to")
        days = list(days_of(first, last + ONE_DAY))
        with watched(context, "cycle", total=len(days) * len(STEPS), position=count_ended()) as shown:
            for one in days:
                ran = run_cycle(shown, one, again=True)
                assert ran.run is not None
                if not ran.yours:
                    raise Busy(f"run {ran.run.run_id} is under way on {ran.run.node}", run_id=ran.run.run_id)
                if ran.run.state is not RunState.DONE:
                    raise failure_of(ran.run)
