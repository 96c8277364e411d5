"""What the sending jobs share: sending until nothing is due, counted in the run's one task.

Messages are claimed, sent outside any transaction and answered in batches, so the message rows and not the task
row say what is done; the task only counts.
"""

from billing_center.center import UnitOfWork
from billing_center.outbox.message import MessageKind
from billing_center.outbox.send import send_due
from billing_center.outbox.store import due_ids
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, TaskEnd, take_step
from jobs.job import Context


def send_all(context: Context, run: Run, kind: MessageKind) -> None:
    """Send until nothing of the kind is due, this process goes down, or the run is stopped."""
    sender = context.senders.get(kind)
    ended: list[TaskEnd] = []

    def count(answered: int, *, left: bool = True) -> None:
        done = ChunkDone(answered, "" if left else None)

        def counted(work: UnitOfWork, run: Run, portion: Portion) -> ChunkDone:
            return done

        end = None if ended else take_step(context.center, run.run_id, 0, counted, worker=context.worker, limit=1)
        if end is not None:
            ended.append(end)
        context.after_chunk()

    def go_on() -> bool:
        return not context.leave() and not ended

    if sender is not None:
        send_due(context.center, {kind: sender}, go_on=go_on, kept=count)
    if go_on():
        count(0, left=False)


def messages_due(context: Context, work: UnitOfWork, kind: MessageKind) -> int:
    """1 when a message of the kind can be sent now; 0 when none is due or nobody can send it."""
    if kind not in context.senders:
        return 0
    return len(due_ids(work.connection, kind, at=work.at, limit=1))
