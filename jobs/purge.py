"""Delete what is kept for a time only: refused calls, and the tasks of old runs (never the runs)."""

from billing_center.access.refused_calls import purge_refused
from billing_center.center import UnitOfWork
from billing_center.runs.run import Run
from billing_center.runs.show_runs import purge_tasks
from billing_center.runs.work_task import ChunkDone, Portion, take_step
from jobs.job import Context, Job, Trigger

REFUSED_AT_ONCE = 5000
RUNS_AT_ONCE = 500


def delete_old(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """A bounded number of old rows. When both kinds came up short, nothing old is left."""
    refused = purge_refused(work, limit=REFUSED_AT_ONCE)
    runs = purge_tasks(work, limit=RUNS_AT_ONCE)
    more = refused == REFUSED_AT_ONCE or runs == RUNS_AT_ONCE
    return ChunkDone(refused + runs, "" if more else None)


def purge(context: Context, run: Run) -> None:
    """Chunk after chunk, each a transaction of its own."""
    while not context.leave():
        end = take_step(context.center, run.run_id, 0, delete_old, worker=context.worker, limit=1)
        context.after_chunk()
        if end is not None:
            break


JOB = Job("purge", "delete old refused calls and tasks of old runs", Trigger.DAILY, act=purge)
