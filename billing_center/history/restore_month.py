"""A month comes back from history and stays until a person moves it again; and a person's wish for either.

The job `move_history` carries the wishes out. Reads never need this: it is for work that touches a month's facts
over and over, or on tools that know the tables alone.
"""

from datetime import date

import structlog

from billing_center.audit.write_entry import write_entry
from billing_center.center import UnitOfWork
from billing_center.errors import Broken, OutOfRange
from billing_center.history.copy_rows import move_rows
from billing_center.history.history_month import (
    HistoryMonth,
    MonthState,
    Totals,
    months_known,
    note,
    note_all,
    of_month,
    why_open,
)
from billing_center.history.move_month import prove
from schema.partitions import can_hand_over, hand_over, month_of
from schema.tables import metadata
from schema.tables.history import MOVES

log = structlog.get_logger()


def ask_restore(work: UnitOfWork, month: date) -> None:
    """A person wants the month back in its tables. Raises: OutOfRange when it is not in history."""
    states = {one.state for one in of_month(work.connection, month).values()}
    if not states or not states <= {MonthState.MOVED, MonthState.MOVING, MonthState.RESTORING}:
        raise OutOfRange(f"{month:%Y-%m} is not in history", field="month")
    note_all(work, month, MonthState.RESTORING)
    write_entry(work, "month_restored", f"{month:%Y-%m}", {})


def ask_move(work: UnitOfWork, month: date) -> None:
    """A person wants the month in history, whatever its age. Raises: OutOfRange when it is not closed, or gone."""
    states = {one.state for one in of_month(work.connection, month).values()}
    if states & {MonthState.DROPPED, MonthState.DROPPING}:
        raise OutOfRange(f"the facts of {month:%Y-%m} were deleted", field="month")
    reason = why_open(work.connection, month)
    if not reason and month >= month_of(work.today):
        reason = f"{month:%Y-%m} is not over"
    if reason:
        raise OutOfRange(reason, field="month")
    if not states or not states <= {MonthState.MOVED, MonthState.MOVING}:
        note_all(work, month, MonthState.ASKED)
    write_entry(work, "month_moved", f"{month:%Y-%m}", {})


def restore(work: UnitOfWork, one: HistoryMonth, *, limit: int) -> int:
    """The next step of a month's way back. Returns how many rows came.

    Raises: Broken when history does not hold what has moved there.
    """
    if all(can_hand_over(work.connection, history, table, one.month) for table, history in MOVES.items()):
        return _whole_month(work, one.month)
    table = metadata.tables[one.table_name]
    moved = move_rows(work.connection, MOVES[table], table, one.month, limit=limit)
    left = one.totals + -moved
    if moved.row_count:
        note(work, one.month, [(table, MonthState.RESTORING, left)])
        return moved.row_count
    if left != Totals():
        raise Broken(f"history of {table.name} {one.month:%Y-%m} is empty and should hold {left}")
    note(work, one.month, [(table, MonthState.HOT, left)])
    log.info("month_restored", table=table.name, month=one.month.isoformat())
    return 0


def _whole_month(work: UnitOfWork, month: date) -> int:
    known = [one for one in months_known(work.connection) if one.month == month]
    for one in known:
        prove(work, one)
    for table, history in MOVES.items():
        hand_over(work.connection, history, table, month)
    note(work, month, [(table, MonthState.HOT, Totals()) for table in MOVES])
    log.info("month_restored", month=month.isoformat())
    return sum(one.totals.row_count for one in known)
