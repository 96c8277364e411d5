"""Reconcile the day's invoices: the books of every payer that was billed, beside what its raw facts come to.

It follows the sending, which waits for nobody, and no step builds on it: what differs is kept, logged and shown.
The job `reconcile` compares everything, also payers without an invoice of the day, uses and numbers.
"""

from billing_center.center import UnitOfWork
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, TaskWork
from jobs.job import Job, Trigger
from jobs.reconcile import compare, next_compared, tell


def compare_billed(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """The next payers of the shards that have an invoice of the day."""
    return compare(work, run, portion, billed_on=run.business_day)


def next_billed(work: UnitOfWork, run: Run, portion: Portion) -> str | None:
    """The position after the payer that a chunk of one would compare."""
    return next_compared(work, run, portion, billed_on=run.business_day)


JOB = Job(
    "reconcile_invoices",
    "compare the books of the payers billed today with a second computation",
    Trigger.DAILY,
    work=TaskWork(compare_billed, next_billed),
    finish=tell,
)
