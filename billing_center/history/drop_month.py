"""History is kept as long as the policy says; then a month is deleted for good, counted once more before.

What stays: invoices with their lines and totals, roll-ups, and the count and sums of what was deleted.
"""

from datetime import date

import structlog
from sqlalchemy import ColumnElement, Table, delete, select

from billing_center.center import UnitOfWork
from billing_center.history.copy_rows import first_span
from billing_center.history.history_month import HistoryMonth, MonthState, in_month, note, note_all, of_month
from billing_center.history.move_month import prove
from schema.partitions import drop_month, has_partition
from schema.tables import metadata
from schema.tables.corrections import usage_correction, usage_withdrawal
from schema.tables.history import MOVES, usage_event_history

log = structlog.get_logger()


def begin(work: UnitOfWork, month: date) -> None:
    """The first step: count what goes. Raises: Broken when history does not hold what has moved there."""
    known = of_month(work.connection, month)
    for one in known.values():
        prove(work, one)
    note_all(work, month, MonthState.DROPPING)


def go_on(work: UnitOfWork, one: HistoryMonth, *, limit: int) -> int:
    """The next step of a table's month that is being deleted. Returns how many rows went."""
    table = metadata.tables[one.table_name]
    history = MOVES[table]
    if has_partition(work.connection, history, one.month):
        _forget_corrections(work, history, in_month(history, one.month))
        drop_month(work.connection, history, one.month)
        gone = one.totals.row_count
    else:
        span = first_span(work.connection, history, one.month, limit)
        if span is not None:
            _forget_corrections(work, history, span.of(history))
            return work.connection.execute(delete(history).where(span.of(history))).rowcount
        gone = 0
    note(work, one.month, [(table, MonthState.DROPPED, one.totals)])
    log.info("month_dropped", table=table.name, month=one.month.isoformat(), rows=one.totals.row_count)
    return gone


def _forget_corrections(work: UnitOfWork, history: Table, chosen: ColumnElement[bool]) -> None:
    """What tells that a use was withdrawn, or stands in another's place, goes with the use."""
    if history is not usage_event_history:
        return
    uses = select(history.c.event_id).where(chosen)
    for table in (usage_withdrawal, usage_correction):
        work.connection.execute(delete(table).where(table.c.event_id.in_(uses)))
