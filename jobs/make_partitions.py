"""Make the partitions of the months to come, and of months whose facts came before their partition."""

from billing_center.center import UnitOfWork
from billing_center.history.make_partitions import make_next, missing
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, take_step
from jobs.job import Context, Job, Trigger


def make_one(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """One partition, in a transaction of its own: its locks are held as briefly as can be."""
    before = len(missing(work))
    left = make_next(work)
    return ChunkDone(min(before, 1), str(left) if left else None)


def make(context: Context, run: Run) -> None:
    """One after the other."""
    while not context.leave():
        end = take_step(context.center, run.run_id, 0, make_one, worker=context.worker, limit=1)
        context.after_chunk()
        if end is not None:
            break


def partitions_due(context: Context, work: UnitOfWork) -> int:
    """How many are missing."""
    return len(missing(work))


JOB = Job("make_partitions", "make partitions ahead", Trigger.DAILY, act=make, due=partitions_due)
