"""Rounds of sending: what the two sending jobs share.

Messages are claimed, sent outside any transaction and answered one by one, so the message rows and not the
task row say what is done; the task only counts.
"""

from billing_center.center import UnitOfWork
from billing_center.outbox.message import MessageKind
from billing_center.outbox.send import send_round
from billing_center.outbox.store import due_ids
from billing_center.runs.run import Run
from billing_center.runs.work_task import ChunkDone, Portion, take_step
from jobs.job import Context


def send_all(context: Context, run: Run, kind: MessageKind) -> None:
    """Send round after round until nothing of the kind is due."""
    center, sender = context.center, context.senders.get(kind)
    while not context.leave():
        claimed = 0
        if sender is not None:
            claimed = send_round(center, {kind: sender}).claimed
        done = ChunkDone(claimed, None if claimed == 0 else "")

        def count(work: UnitOfWork, run: Run, portion: Portion, done: ChunkDone = done) -> ChunkDone:
            return done

        end = take_step(center, run.run_id, 0, count, worker=context.worker, limit=1)
        context.after_chunk()
        if end is not None:
            break


def messages_due(context: Context, work: UnitOfWork, kind: MessageKind) -> int:
    """1 when a message of the kind can be sent now; 0 when none is due or nobody can send it."""
    if kind not in context.senders:
        return 0
    return len(due_ids(work.connection, kind, at=work.at, limit=1))
