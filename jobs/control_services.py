"""Fixed service control: suspend the orders of payers in arrears whose control day has come."""

from billing_center.center import UnitOfWork
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, TaskWork
from billing_center.service_control.control_services import control_services
from billing_center.service_control.store import payers_to_control
from billing_center.uncollected import uncollected
from jobs.job import Job, Trigger


def control(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """The next payers of the shards that are in arrears."""
    with uncollected(portion.limit):
        done = control_services(
            work,
            first_shard=portion.first_shard,
            last_shard=portion.last_shard,
            on=run.business_day,
            after_payer=portion.position,
            limit=portion.limit,
            run_id=run.run_id,
        )
    return ChunkDone(done.orders, done.last_payer_id or None)


def next_payer(work: UnitOfWork, run: Run, portion: Portion) -> str | None:
    """The payer that a chunk of one would look at."""
    found = payers_to_control(
        work.connection,
        first_shard=portion.first_shard,
        last_shard=portion.last_shard,
        on=run.business_day,
        after_payer=portion.position,
        limit=1,
    )
    return found[0] if found else None


JOB = Job(
    "control_services",
    "suspend the orders of payers in arrears",
    Trigger.DAILY,
    work=TaskWork(control, next_payer),
)
