"""Filter and rate the uses that wait. Design: billing rules, "A use, from collection to charge"."""

from billing_center.center import UnitOfWork
from billing_center.runs.run import Run, RunFailure
from billing_center.runs.work_task import ChunkDone, Portion, TaskWork
from billing_center.settings import Settings
from billing_center.usage.park import Parking, park
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.store import QueuedUse, claim_batch, waiting_count
from jobs.job import Context, Job, Trigger


def rate(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """One batch of the queue, to a shard's end unless a failure is sought; one that is not full is the last."""
    settings = work.settings
    done = rate_usage(
        work,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        limit=portion.limit,
        run_id=run.run_id,
        of_shard=settings.usage_shard_batch if portion.limit == settings.usage_batch else 0,
    )
    return ChunkDone(done, "" if done >= portion.limit else None)


def next_use(work: UnitOfWork, run: Run, portion: Portion) -> str | None:
    """The use that a batch of one would rate."""
    use = _claim_one(work, portion)
    return use.event_id if use else None


def park_use(work: UnitOfWork, run: Run, portion: Portion, failure: RunFailure) -> None:
    """A use whose rating breaks the whole batch waits, so that the others are rated."""
    use = _claim_one(work, portion)
    if use is not None and use.event_id == failure.subject:
        park(work, [Parking(use.event_id, use.tries, failure.code, failure.message)])


def uses_due(context: Context, work: UnitOfWork) -> int:
    """How many uses wait."""
    return waiting_count(work.connection, work.at)


def _claim_one(work: UnitOfWork, portion: Portion) -> QueuedUse | None:
    found = claim_batch(
        work.connection,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        now=work.at,
        limit=1,
    )
    return found[0] if found else None


def uses_at_once(settings: Settings) -> int:
    """Rating is set-based: many uses in one transaction cost little more than one."""
    return settings.usage_batch


WORK = TaskWork(rate, next_use, park_use, uses_at_once)
JOB = Job("rate_usage", "filter and rate uses", Trigger.TICK, work=WORK, due=uses_due)
