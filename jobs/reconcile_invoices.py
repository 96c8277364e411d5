"""Reconcile the day's invoices: the books of every payer that was billed, beside what its raw facts come to.

It follows the sending, which waits for nobody, and no step builds on it: what differs is kept, logged and shown.
The job `reconcile` compares everything, also payers without an invoice of the day, uses and numbers.
"""

from billing_center.center import UnitOfWork
from billing_center.reconcile.reconcile_payers import next_subject, reconcile
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, TaskWork
from jobs.job import Job, Trigger
from jobs.reconcile import tell


def compare(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """The next payers of the shards that have an invoice of the day."""
    done = reconcile(
        work,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        position=portion.position,
        limit=portion.limit,
        run_id=run.run_id,
        billed_on=run.business_day,
    )
    return ChunkDone(done.compared, done.next_position)


def next_compared(work: UnitOfWork, run: Run, portion: Portion) -> str | None:
    """The position after the payer that a chunk of one would compare."""
    return next_subject(
        work,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        position=portion.position,
        billed_on=run.business_day,
    )


JOB = Job(
    "reconcile_invoices",
    "compare the books of the payers billed today with a second computation",
    Trigger.DAILY,
    work=TaskWork(compare, next_compared),
    finish=tell,
)
