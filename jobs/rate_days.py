"""Rate the days of orders: business day D rates every order through D-1, the last day that is over."""

from billing_center.center import UnitOfWork
from billing_center.order.orders_to_rate import orders_to_rate
from billing_center.order.rate_days import rate_days
from billing_center.period import ONE_DAY
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, TaskWork
from billing_center.settings import Settings
from jobs.job import Job, Trigger


def rate(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """The next orders of the shards, each through the day before the business day."""
    done = rate_days(
        work,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        through=run.business_day - ONE_DAY,
        after_order=portion.position,
        limit=portion.limit,
        run_id=run.run_id,
    )
    return ChunkDone(done.orders, done.last_order_id or None)


def next_order(work: UnitOfWork, run: Run, portion: Portion) -> str | None:
    """The order that a chunk of one would rate."""
    found = orders_to_rate(
        work.connection,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        through=run.business_day - ONE_DAY,
        after_order=portion.position,
        limit=1,
    )
    return found[0].order_id if found else None


def orders_at_once(settings: Settings) -> int:
    """Rating inside the database, many orders in one transaction cost little more than one."""
    oracle = settings.database_url.startswith("oracle")
    return settings.chunk_size if oracle else settings.order_batch


JOB = Job(
    "rate_days",
    "rate the days of orders",
    Trigger.DAILY,
    work=TaskWork(rate, next_order, subjects_at_once=orders_at_once),
)
