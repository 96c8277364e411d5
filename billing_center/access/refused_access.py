"""Those who knocked and were not let in leave an audit row.

Where it stands in the walk: the door answers 401 or 403 and has this kept through the group commit.
"""

from dataclasses import dataclass

from billing_center.audit.write_entry import write_entry
from billing_center.center import UnitOfWork


@dataclass(frozen=True, slots=True)
class RefusedAccess:
    """Somebody was not let in: under which id, for which operation, why. Never the secret that was tried."""

    caller: str
    operation: str
    reason: str
    peer: str  # the address it came from


def keep_refused_access(work: UnitOfWork, refused: RefusedAccess) -> None:
    """Leave an audit row for a refused access."""
    detail = {"operation": refused.operation, "reason": refused.reason, "peer": refused.peer}
    write_entry(work, "access_refused", refused.caller or "-", detail)
