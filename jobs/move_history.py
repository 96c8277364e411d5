"""Move closed months out to history, bring back those that a person wants, delete what was kept long enough."""

from billing_center.center import UnitOfWork
from billing_center.history.keep_history import months_due, next_step
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, take_step
from jobs.job import Context, Job, Trigger


def step(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
    """One step, which begins from what the rows say and not from where a run broke off."""
    rows, month = next_step(work, limit=portion.limit)
    return ChunkDone(rows, month or None)


def move(context: Context, run: Run) -> None:
    """Step after step, each a transaction of its own."""
    limit = context.center.settings.chunk_size
    while not context.leave():
        end = take_step(context.center, run.run_id, 0, step, worker=context.worker, limit=limit)
        context.after_chunk()
        if end is not None:
            break


def history_due(context: Context, work: UnitOfWork) -> int:
    """How many months there is something to do for."""
    return len(months_due(work))


JOB = Job("move_history", "move closed months to history", Trigger.DAILY, act=move, due=history_due)
