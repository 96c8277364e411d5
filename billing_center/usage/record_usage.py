"""A use is collected: the use cases of the doors, over `keep_uses`, which keeps batches.

Many calls share one transaction, so this takes a batch and answers each alone. Design: contract, insertServiceOp.
"""

from collections.abc import Sequence

from sqlalchemy import select

from billing_center.center import UnitOfWork
from billing_center.errors import BillingError
from billing_center.uncollected import uncollected
from billing_center.usage.keep_uses import enter_alone, keep_uses
from billing_center.usage.reported_uses import RecordUsage, columns_of, guid_identities
from schema.tables.usage import usage_identity


def record_usages(work: UnitOfWork, commands: Sequence[RecordUsage]) -> list[BillingError | None]:
    """Keep the uses; one outcome per command, in order: None when it is kept or is a repeat of a kept one.

    A refused use (Refused and its children) changes nothing for the others.
    """
    with uncollected(len(commands)):
        return keep_uses(work, columns_of(commands))[0]


def enter_corrected(work: UnitOfWork, command: RecordUsage) -> str:
    """Keep a use that stands in the place of a withdrawn one; its event id. It waits in the queue as any other.

    It claims no identity: that stays with the first use, so a late repeat of the wrong one is still a repeat.
    Raises: what makes `record_usages` refuse a use.
    """
    return enter_alone(work, command)


def event_of_guid(work: UnitOfWork, caller: str, guid: str) -> str | None:
    """The use that this caller reported under this guid; None when there is none."""
    [identity] = guid_identities([caller], [guid])
    statement = select(usage_identity.c.event_id).where(usage_identity.c.identity == identity)
    return work.connection.execute(statement).scalar_one_or_none()
