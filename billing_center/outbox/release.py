"""A person lets a held message be sent again, after its cause was mended."""

from billing_center.audit.write_entry import write_entry
from billing_center.center import UnitOfWork
from billing_center.errors import ForbiddenTransition, ResultCode, Unknown
from billing_center.outbox.message import MessageState
from billing_center.outbox.store import CHANGED, lock_messages, set_messages


def release_held(work: UnitOfWork, message_id: str) -> None:
    """HELD -> WAITING, due at once, with a full series of tries; kept in the audit.

    Raises: Unknown (UNKNOWN_MESSAGE); ForbiddenTransition when the message is not held.
    """
    row = lock_messages(work.connection, [message_id]).get(message_id)
    if row is None:
        message = f"no message has the id {message_id!r}"
        raise Unknown(message, code=ResultCode.UNKNOWN_MESSAGE, field="message_id", message_id=message_id)
    if row.state != MessageState.HELD:
        message = f"only a held message can be released, this one is {row.state}"
        raise ForbiddenTransition(message, field="message_id", message_id=message_id)
    change = {name: getattr(row, name) for name in CHANGED}
    change |= {"message_id": message_id, "state": MessageState.WAITING.value, "next_try_at": work.at}
    set_messages(work.connection, [change])
    write_entry(work, "message_released", message_id, {"tries": row.tries, "last_answer": row.last_answer})
