"""A toy job over a scratch table, importable by worker processes: one row per subject, so a doubled one fails.

The process that reads the file named by BILLING_TOY_DEATH and finds its task in it kills itself with SIGKILL
in the middle of a chunk, once.
"""

import os
import signal
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select

from billing_center.bootstrap import open_center
from billing_center.center import Center, UnitOfWork
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, TaskWork
from billing_center.settings import Settings
from jobs import rate_days
from jobs.executor import InThisProcess
from jobs.job import Context, Job, Trigger
from jobs.run_job import run_job

DEATH = "BILLING_TOY_DEATH"
SUBJECTS = 240
done = Table("toy_done", MetaData(), Column("subject", String(20), primary_key=True), Column("worker", Integer))


def chunk(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """Subject n belongs to shard n."""
    first = int(portion.position) + 1 if portion.position else portion.first_shard
    last = min(portion.last_shard, SUBJECTS - 1)
    todo = range(first, min(first + portion.limit, last + 1))
    for subject in todo:
        work.connection.execute(insert(done).values(subject=f"{subject:03d}", worker=os.getpid()))
        _die_at(subject)
    return ChunkDone(len(todo), str(todo[-1]) if todo and todo[-1] < last else None)


def _die_at(subject: int | str) -> None:
    named = os.environ.get(DEATH)
    if named is None:
        return
    path = Path(named)
    try:
        doomed = path.read_text()
    except FileNotFoundError:
        return
    if doomed == str(subject):
        path.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


JOB = Job("toy", "writes one row per subject", Trigger.DAILY, work=TaskWork(chunk))


def rate_and_die(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """The real chunk of `rate_days`; the process dies with its charges written and not yet committed."""
    rated = rate_days.rate(work, run, portion)
    if rated.next_position:
        _die_at(rated.next_position)
    return rated


RATE_DAYS = replace(rate_days.JOB, work=TaskWork(rate_and_die, rate_days.next_order))


def written(center: Center) -> list[str]:
    """The subjects done."""
    with center.reading() as work:
        return list(work.connection.execute(select(done.c.subject).order_by(done.c.subject)).scalars())


def run_in_child(settings: Settings, business_day: str) -> None:
    """What a node of its own does: open the center and run the job in this process."""
    center = open_center(settings)
    run_job(Context(center, {}, InThisProcess()), JOB, date.fromisoformat(business_day))
