"""`job list|run|status|retry|stop`: the jobs, and what their runs did."""

import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from billing_center.center import Center
from billing_center.cli.context import open_context
from billing_center.cli.run_context import count_ended, local_time, open_runs, print_json, watched
from billing_center.clock import civil_day
from billing_center.errors import Busy
from billing_center.runs.close_run import stop_run
from billing_center.runs.run import Run, RunReport, RunState
from billing_center.runs.show_runs import recent_runs, run_report
from billing_center.runs.worker import this_process
from jobs.cycle import CYCLE, continue_cycle, failure_of
from jobs.registry import JOBS, STEPS, job_named
from jobs.run_job import Ran, continue_run, run_job

app = typer.Typer(no_args_is_help=True, help="Jobs: run by hand, looked at, stopped and continued.")
console = Console(markup=False, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of tables")]
RunId = Annotated[str, typer.Argument(help="id from `job status`, such as rate_days:2026-03-02:1")]


@app.command("list")
def list_jobs(as_json: AsJson = False) -> None:
    """Every job, in the order of the day."""
    table = Table("job", "runs", "what it does")
    for job in JOBS:
        if as_json:
            print_json({"job": job.job_id, "trigger": job.trigger.value, "title": job.title})
        table.add_row(job.job_id, job.trigger.value, job.title)
    if not as_json:
        console.print(table)


@app.command("run")
def run_by_hand(
    name: Annotated[str, typer.Argument(help="a job from `job list`")],
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="business day; today if left out")
    ] = None,
) -> None:
    """Run a job for a business day, again if it is done: what is due is read from the rows."""
    job = job_named(name)
    with open_runs() as context:
        center = context.center
        on = day.date() if day is not None else civil_day(center.clock.now(), center.settings.zone)
        with watched(context, name, total=1, position=count_ended()) as shown:
            ran = run_job(shown, job, on)
        _tell(center, ran)


@app.command()
def status(
    run_id: Annotated[str | None, typer.Argument(help="one run with its tasks and failures")] = None,
    job: Annotated[str | None, typer.Option(help="only runs of this job")] = None,
    limit: Annotated[int, typer.Option(min=1, help="runs, or failures, at most")] = 20,
    as_json: AsJson = False,
) -> None:
    """The newest runs; or one run, its tasks, counts, durations and failures."""
    with open_context() as center, center.reading() as work:
        if run_id is not None:
            _show_report(center, run_report(work, run_id, failures=limit), as_json=as_json)
            return
        _show_runs(center, recent_runs(work, job=job, limit=limit), as_json=as_json)


@app.command()
def retry(run_id: RunId) -> None:
    """Let a failed or stopped run go on from where each of its tasks stood."""
    with open_runs() as context:
        with context.center.reading() as work:
            is_cycle = run_report(work, run_id, failures=0).run.job == CYCLE
        go_on = continue_cycle if is_cycle else continue_run
        total = len(STEPS) if is_cycle else 1
        with watched(context, run_id, total=total, position=count_ended()) as shown:
            ran = go_on(shown, run_id, retry=True)
        _tell(context.center, ran)


@app.command()
def stop(run_id: RunId) -> None:
    """Ask a run to stop; its tasks stop after the chunk under way, and `job retry` lets them go on."""
    with open_context() as center:
        run = center.transact("operator", lambda work: stop_run(work, run_id, this_process()))
        console.print(f"run {run.run_id} is {run.state.value}")


def _tell(center: Center, ran: Ran) -> None:
    """How the run ended. Raises: Broken when it did not end well; Busy when it is another process's."""
    run = ran.run
    if run is None:
        return
    if not ran.yours and run.state is not RunState.DONE:
        raise Busy(f"run {run.run_id} is under way on {run.node}", run_id=run.run_id)
    if sys.stdout.isatty():
        _show_runs(center, [run], as_json=False)
    if run.state is not RunState.DONE:
        raise failure_of(run)


def _show_runs(center: Center, runs: list[Run], *, as_json: bool) -> None:
    run_column = Column("run", no_wrap=True)  # it is typed again: job status RUN, job retry RUN
    table = Table(run_column, "state", "started", "finished", "ms", "tasks", "items", "failures", "error")
    for run in runs:
        if as_json:
            print_json(asdict(run))
        table.add_row(
            run.run_id, run.state.value, local_time(center, run.started_at), local_time(center, run.finished_at),
            str(run.duration_ms), str(run.tasks), str(run.items), str(run.failures), run.error,
        )  # fmt: skip
    if not as_json:
        console.print(table if runs else "no job has run yet")


def _show_report(center: Center, report: RunReport, *, as_json: bool) -> None:
    if as_json:
        print_json({**asdict(report), "percent": report.percent})
        return
    _show_runs(center, [report.run], as_json=False)
    console.print(f"{report.percent} % of its tasks have ended")
    tasks = Table("task", "shards", "state", "position", "items", "failures", "ms", "worker", "error")
    for task in report.tasks:
        tasks.add_row(
            str(task.task_no), f"{task.first_shard}-{task.last_shard}", task.state.value, task.position,
            str(task.items), str(task.failures), str(task.duration_ms), task.worker, task.error,
        )  # fmt: skip
    console.print(tasks)
    if report.failures:
        failures = Table("failed", "at", "code", "why")
        for failure in report.failures:
            failures.add_row(failure.subject, local_time(center, failure.at), failure.code, failure.message)
        console.print(failures)
