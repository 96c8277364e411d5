"""What tells a repeated use is kept for a time; one of a day before that is looked for among the uses of its day.

So identities stay few, and a repeat is still one however late it comes: as long as its use itself is kept.
Where it stands in the walk: `record_usage` asks before it claims identities; the job `purge` deletes.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from billing_center.bulk import delete_rows, rows_by_key
from billing_center.center import UnitOfWork
from billing_center.clock import start_of_day
from billing_center.history.whole import usage_event
from billing_center.period import ONE_DAY
from schema.partitions import month_after, month_of
from schema.tables.usage import usage_identity


def purge_identities(work: UnitOfWork, *, limit: int) -> int:
    """Delete at most `limit` identities of uses that began and came before the first day they are kept for."""
    before = first_day_kept(work)
    longest_h = max((p.identity_window_h or 0 for p in work.catalog.products.values()), default=0)
    before = min(before, work.today - timedelta(hours=longest_h) - ONE_DAY)
    table = usage_identity.c
    old = (
        select(table.identity)
        .where(table.day < before, table.seen_at < start_of_day(before, work.zone))
        .order_by(table.day)
        .limit(limit)
    )
    return delete_rows(work.connection, usage_identity, list(work.connection.execute(old).scalars()))


def first_day_kept(work: UnitOfWork) -> date:
    """Uses from this day on are known by their identities."""
    return work.today - timedelta(days=work.settings.identity_kept_days)


def kept_before(work: UnitOfWork, uses: Sequence[tuple[date, str, str]]) -> dict[tuple[date, str, str], str]:
    """The event ids of those of the uses (day, caller, guid), none of them empty, that are kept already."""
    if not uses:
        return {}
    table = usage_event.c
    statement = select(table.day, table.guid, table.caller, table.event_id)
    pairs = {(day, guid) for day, _, guid in uses}
    rows = rows_by_key(work.connection, statement, [table.day, table.guid], pairs)
    return {(row.day, row.caller, row.guid): row.event_id for row in rows}


def is_deleted_by_now(work: UnitOfWork, day: date) -> bool:
    """Whether facts of the day are not kept any more by policy: nobody could tell a repeat of them."""
    keep = work.settings.history_keep_months
    return keep > 0 and day < month_after(month_of(work.today), -keep)
