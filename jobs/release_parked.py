"""Put parked uses whose wait is over back into the queue."""

from billing_center.center import UnitOfWork
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, TaskWork
from billing_center.usage.park import release_due
from billing_center.usage.store import parked_due_count
from jobs.job import Context, Job, Trigger


def release(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """The next parked uses that are due. A chunk that is not full is the last one."""
    done = release_due(work, first_shard=portion.first_shard, last_shard=portion.last_shard, limit=portion.limit)
    return ChunkDone(done, "" if done == portion.limit else None)


def parked_due(context: Context, work: UnitOfWork) -> int:
    """How many parked uses are to be tried again."""
    return parked_due_count(work.connection, work.at)


JOB = Job("release_parked", "try parked uses again", Trigger.TICK, work=TaskWork(release), due=parked_due)
