"""Aggregate: recompute the roll-ups of every (shard, day) that charges were written to."""

from billing_center.center import UnitOfWork
from billing_center.charge.roll_up import roll_up
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, TaskWork
from jobs.job import Job, Trigger


def aggregate(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """The next marked cells. A chunk that is not full is the last one."""
    done = roll_up(work, first_shard=portion.first_shard, last_shard=portion.last_shard, limit=portion.limit)
    return ChunkDone(done, "" if done == portion.limit else None)


JOB = Job("roll_up", "aggregate charges by user, product and day", Trigger.DAILY, work=TaskWork(aggregate))
