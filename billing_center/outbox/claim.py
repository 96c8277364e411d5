"""Claiming messages to send: by a lease that ends by itself, so a sender that dies loses nothing.

Design: field problems 2, 3 and 22. Lock order of everything here: the message first, then its invoice.
"""

from collections.abc import Iterable
from datetime import timedelta
from math import ceil

from billing_center.bulk import BATCH
from billing_center.center import UnitOfWork
from billing_center.invoice.change_state import start_sending
from billing_center.outbox.message import Message, MessageKind, MessageState
from billing_center.outbox.store import due_ids, lease, settle
from billing_center.settings import Settings

SPARE_S = 60
"""Seconds that a lease lasts beyond the time that the slowest answers may take."""


def claim(
    work: UnitOfWork, *, kinds: Iterable[MessageKind], limit: int, owner: str, lease_s: float | None = None
) -> list[Message]:
    """Up to `limit` (at most 500) messages that are due, now this owner's until the lease ends.

    Of one invoice or order only the first that is not sent. Invoices whose deduction is claimed become
    SENDING; a deduction whose outcome is known already is not sent any more: it becomes SETTLED.
    `lease_s` is at least the seconds that sending them all may take (computed from the settings by default).
    """
    limit = min(limit, BATCH)
    if lease_s is None:
        lease_s = lease_seconds(work.settings, limit=limit, parallel=work.settings.send_parallel)
    until = work.at + timedelta(seconds=lease_s)
    leased: list[Message] = []
    for kind in sorted(kinds):
        while ids := due_ids(work.connection, kind, at=work.at, limit=limit - len(leased)):
            messages = lease(work.connection, ids, owner=owner, at=work.at, until=until)
            needed = _still_needed(work, messages) if kind is MessageKind.DEDUCTION else messages
            leased += needed
            if len(leased) == limit or len(needed) == len(messages):
                break  # else some were settled: what is due behind them is claimed in their place
    return sorted(leased, key=lambda message: message.message_id)


def _still_needed(work: UnitOfWork, messages: list[Message]) -> list[Message]:
    sending = start_sending(work.connection, [message.subject_id for message in messages])
    settled = [message.message_id for message in messages if message.subject_id not in sending]
    settle(work.connection, settled, (MessageState.WAITING,))
    return [message for message in messages if message.subject_id in sending]


def lease_seconds(settings: Settings, *, limit: int, parallel: int) -> float:
    """How long a lease on `limit` messages must last when `parallel` of them are sent at once."""
    return settings.send_timeout_s * (ceil(limit / parallel) + 1) + SPARE_S
