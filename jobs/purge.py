"""Delete what is kept for a time only: refused calls, tasks of old runs (never the runs), what they reconciled,
identities of old uses (never the uses)."""

from billing_center.access.refused_calls import purge_refused
from billing_center.center import UnitOfWork
from billing_center.reconcile.show_differences import purge_differences
from billing_center.runs.run import Run
from billing_center.runs.show_runs import purge_tasks
from billing_center.runs.work_task import ChunkDone, Portion, take_step
from billing_center.usage.purge_identities import purge_identities
from jobs.job import Context, Job, Trigger

REFUSED_AT_ONCE = 5000
RUNS_AT_ONCE = 500
RECONCILED_AT_ONCE = 20
IDENTITIES_AT_ONCE = 5000


def delete_old(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """A bounded number of old rows. When every kind came up short, nothing old is left."""
    refused = purge_refused(work, limit=REFUSED_AT_ONCE)
    runs = purge_tasks(work, limit=RUNS_AT_ONCE)
    differences = purge_differences(work, limit=RECONCILED_AT_ONCE)
    identities = purge_identities(work, limit=IDENTITIES_AT_ONCE)
    more = refused == REFUSED_AT_ONCE or runs == RUNS_AT_ONCE or differences == RECONCILED_AT_ONCE
    more = more or identities == IDENTITIES_AT_ONCE
    return ChunkDone(refused + runs + differences + identities, "" if more else None)


def purge(context: Context, run: Run) -> None:
    """Chunk after chunk, each a transaction of its own."""
    while not context.leave():
        end = take_step(context.center, run.run_id, 0, delete_old, worker=context.worker, limit=1)
        context.after_chunk()
        if end is not None:
            break


JOB = Job("purge", "delete old refused calls, tasks of old runs and differences", Trigger.DAILY, act=purge)
