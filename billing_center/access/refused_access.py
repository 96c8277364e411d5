"""Those who knocked and were not let in leave an audit row, so many in a minute and no more.

Where it stands in the walk: the door answers 401 or 403 and has this kept.
"""

from dataclasses import dataclass
from threading import Lock

from billing_center.audit.write_entry import write_entry
from billing_center.center import UnitOfWork


@dataclass(frozen=True, slots=True)
class RefusedAccess:
    """Somebody was not let in: under which id, for which operation, why. Never the secret that was tried."""

    caller: str
    operation: str
    reason: str
    peer: str  # the address it came from
    left_out: int = 0  # so many before it have no row, since there were too many in their minute


ROWS_A_MINUTE = 600
"""Audit rows of refused access that one process writes in a minute for a door; the log has them all."""


class RefusedWindow:
    """Counts refused accesses by the minute, so that who hammers a door does not fill the audit. Thread-safe."""

    def __init__(self, rows: int = ROWS_A_MINUTE) -> None:
        self._rows = rows
        self._minute = -1
        self._kept = self._left_out = 0
        self._lock = Lock()

    def take(self, at_s: float) -> int | None:
        """At a moment of a steady clock: how many were left out before this one, or None to leave it out too."""
        with self._lock:
            minute = int(at_s // 60)
            if minute != self._minute:
                self._minute, self._kept = minute, 0
            if self._kept >= self._rows:
                self._left_out += 1
                return None
            self._kept += 1
            before, self._left_out = self._left_out, 0
            return before


def keep_refused_access(work: UnitOfWork, refused: RefusedAccess) -> None:
    """Leave an audit row for a refused access."""
    detail = {"operation": refused.operation, "reason": refused.reason, "peer": refused.peer}
    if refused.left_out:
        detail["left_out"] = str(refused.left_out)
    write_entry(work, "access_refused", refused.caller or "-", detail)
