"""A usage event as it was collected: the one value of its row, written by the door and read back by all others.

Where it stands in the walk: `record_usage` keeps it; corrections and explanations read it back.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from billing_center.bulk import rows_by_key
from billing_center.history.whole import usage_event
from billing_center.ids import shard_of


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """What a caller reported; '' and None where it said nothing. Instants are UTC, `day` is the civil day."""

    event_id: str
    day: date
    caller: str
    guid: str
    user_id: str
    user_name: str
    payer_id: str  # '' while the payer is to be found
    product_id: str
    product_name: str
    started_at: datetime
    ended_at: datetime
    amount: Decimal | None
    quantity: Decimal | None
    unit: str
    received_at: datetime

    @property
    def shard(self) -> int:
        """That of its payer, of its user while the payer is to be found."""
        return shard_of(self.payer_id or self.user_id)


_NAMES = tuple(field.name for field in fields(UsageEvent))
EVENT_COLUMNS = (*_NAMES, "shard")
"""The columns of an event's row in the order in which it is written."""

_COLUMNS = tuple(usage_event.c[name] for name in _NAMES)


def usage_events(
    connection: Connection, event_ids: Collection[str], *, days: Collection[date] = ()
) -> dict[str, UsageEvent]:
    """The usage events with these ids, as many as there are. With their days only those months are looked into."""
    statement = select(*_COLUMNS)
    if days:
        statement = statement.where(usage_event.c.day.between(min(days), max(days)))
    rows = rows_by_key(connection, statement, [usage_event.c.event_id], list(event_ids))
    return {row.event_id: UsageEvent(*row) for row in rows}
