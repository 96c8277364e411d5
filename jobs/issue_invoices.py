"""Issue invoices for every period that ended by the business day, then number them and queue their deductions."""

from functools import partial

from billing_center.center import UnitOfWork
from billing_center.invoice.issue_invoices import issue_invoices, payers_to_bill
from billing_center.invoice.number_invoices import Place, number_after
from billing_center.runs.run import Run
from billing_center.runs.work_task import ACTOR, ChunkDone, Portion, TaskWork
from billing_center.uncollected import uncollected
from jobs.job import Context, Job, Trigger


def issue(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """The next payers of the shards whose period has ended."""
    with uncollected(portion.limit):
        done = issue_invoices(
            work,
            first_shard=portion.first_shard,
            last_shard=portion.last_shard,
            on=run.business_day,
            after_payer=portion.position,
            limit=portion.limit,
            run_id=run.run_id,
        )
    return ChunkDone(done.invoices, done.last_payer_id or None)


def next_payer(work: UnitOfWork, run: Run, portion: Portion) -> str | None:
    """The payer that a chunk of one would invoice."""
    found = payers_to_bill(
        work,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        on=run.business_day,
        after_payer=portion.position,
        limit=1,
    )
    return found[0] if found else None


def number(context: Context, run: Run) -> None:
    """Number what was issued, in transactions of their own, until nothing is left without a number.

    Each goes on where the one before it ended; the last one looks from the beginning.
    """
    limit = context.center.settings.chunk_size
    place: Place | None = None
    while True:
        numbering = partial(number_after, after=place, run_id=run.run_id, limit=limit)
        with uncollected(limit):
            done = context.center.transact(ACTOR, numbering)
        if not done.invoices and place is None:
            return
        place = done.last
        context.after_chunk()


JOB = Job(
    "issue_invoices", "close periods and issue invoices", Trigger.DAILY, work=TaskWork(issue, next_payer),
    finish=number,
)  # fmt: skip
