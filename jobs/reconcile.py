"""Reconcile: every payer's books beside what its raw facts come to; what differs is kept and shown."""

from datetime import date

import structlog

from billing_center.center import UnitOfWork
from billing_center.reconcile.reconcile_payers import next_subject, reconcile
from billing_center.reconcile.show_differences import show_run
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, TaskWork
from jobs.job import Context, Job, Trigger

log = structlog.get_logger()


def compare(work: UnitOfWork, run: Run, portion: Portion, *, billed_on: date | None = None) -> ChunkDone:
    """The next payers of the shards, then the uses of their days, then what belongs to nobody alone.

    With `billed_on` the payers alone who have an invoice of that day.
    """
    done = reconcile(
        work,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        position=portion.position,
        limit=portion.limit,
        run_id=run.run_id,
        billed_on=billed_on,
    )
    return ChunkDone(done.compared, done.next_position)


def next_compared(work: UnitOfWork, run: Run, portion: Portion, *, billed_on: date | None = None) -> str | None:
    """The position after what a chunk of one would compare."""
    return next_subject(
        work,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        position=portion.position,
        billed_on=billed_on,
    )


def tell(context: Context, run: Run) -> None:
    """Say what the run found."""
    with context.center.reading() as work:
        counts = show_run(work, run.run_id, limit=0).counts
    say = log.error if counts["differences"] else log.info
    say("reconciled", run_id=run.run_id, **{name: counts[name] for name in ("differences", "payers", "charges")})


JOB = Job(
    "reconcile",
    "compare all books with a second computation from raw facts",
    Trigger.DAILY,
    work=TaskWork(compare, next_compared),
    finish=tell,
)
