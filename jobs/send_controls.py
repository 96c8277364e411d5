"""Send service commands to the order system, until each is accepted or waits for a person."""

from billing_center.center import UnitOfWork
from billing_center.outbox.message import MessageKind
from billing_center.runs.run import Run
from jobs.job import Context, Job, Trigger
from jobs.sending import messages_due, send_all


def send(context: Context, run: Run) -> None:
    """Every message that is due."""
    send_all(context, run, MessageKind.CONTROL)


def controls_due(context: Context, work: UnitOfWork) -> int:
    """Whether a message is due and can be sent."""
    return messages_due(context, work, MessageKind.CONTROL)


JOB = Job("send_controls", "send service commands to the order system", Trigger.TICK, act=send, due=controls_due)
