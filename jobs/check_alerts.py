"""Check spend alerts after rating, and send the webhooks of those that were crossed."""

from billing_center.alert.check_alerts import check_alerts
from billing_center.alert.store import any_crossed
from billing_center.center import UnitOfWork
from billing_center.outbox.message import MessageKind
from billing_center.runs.run import Run
from billing_center.runs.work_task import ACTOR
from jobs.job import Context, Job, Trigger
from jobs.sending import messages_due, send_all


def check(context: Context, run: Run) -> None:
    """Notices and messages first, in transactions of their own; then every message that is due."""
    center, limit = context.center, context.center.settings.chunk_size
    while not context.leave() and center.transact(ACTOR, lambda work: check_alerts(work, limit=limit)):
        context.after_chunk()
    send_all(context, run, MessageKind.ALERT)


def alerts_due(context: Context, work: UnitOfWork) -> int:
    """Whether a threshold is crossed and not told, or a webhook can be sent."""
    return any_crossed(work.connection) + messages_due(context, work, MessageKind.ALERT)


JOB = Job("check_alerts", "tell spend alerts that were crossed", Trigger.TICK, act=check, due=alerts_due)
