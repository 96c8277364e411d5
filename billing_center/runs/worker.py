"""Who works on a task, and until when it is believed to be alive.

Leases are told by the machine's clock and never by the business clock: a test clock stands still, and a worker
that was killed under it would hold its task for ever. Design: field problems 2 and 22.
"""

import os
import secrets
import socket
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from billing_center.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that works: `host:process id:token`, and the clock that its leases are told by."""

    name: str
    clock: Clock

    def now(self) -> datetime:
        """The machine's instant."""
        return self.clock.now()

    def lease(self, seconds: int) -> datetime:
        """When a lease taken now ends."""
        return self.clock.now() + timedelta(seconds=seconds)

    def may_take_over(self, holder: str, lease_until: datetime | None) -> bool:
        """Whether a claim is free: its lease has ended, or its holder was a process of this host that is gone."""
        return lease_until is None or lease_until <= self.clock.now() or self._is_gone(holder)

    def _is_gone(self, holder: str) -> bool:
        parts, mine = holder.rsplit(":", 2), self.name.rsplit(":", 2)
        if len(parts) != 3 or len(mine) != 3 or parts[0] != mine[0] or not parts[1].isdigit():
            return False
        if parts[1] == mine[1]:
            return parts[2] != mine[2]  # an earlier process that had the number this one has now
        return not _process_lives(int(parts[1]))


@cache
def this_process() -> Worker:
    """The worker that this process is. Its threads are one worker: rows are locked for each chunk anyway."""
    name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
    return Worker(name, SystemClock())


def _process_lives(process_id: int) -> bool:
    if sys.platform == "win32":  # there, signal 0 would end the process
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
