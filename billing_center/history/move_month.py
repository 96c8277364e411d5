"""A closed month moves to history: handed over as a whole where the database can, else copied in chunks.

moving -> moved. What moves is counted and added up before, and again in history, before the month counts as
moved; only what has moved is ever deleted, and that by policy. Every step is a transaction of its own and begins
from the rows, so a process that dies between two steps is followed by any other.
"""

from datetime import date

import structlog

from billing_center.center import UnitOfWork
from billing_center.errors import Broken
from billing_center.history.copy_rows import move_rows
from billing_center.history.history_month import (
    HistoryMonth,
    MonthState,
    Totals,
    in_month,
    note,
    of_month,
    totals_of,
    why_open,
)
from schema.partitions import can_hand_over, hand_over, has_partition, hold_still, make_partition
from schema.tables import metadata
from schema.tables.history import MOVES

log = structlog.get_logger()


def begin(work: UnitOfWork, month: date) -> int:
    """The first step of a month's move. Returns how many rows were handed over: 0 where they must be copied.

    The caller has seen that the month is closed. A partition is held still and looked at again: a late use
    that came meanwhile keeps the month where it is.
    """
    connection = work.connection
    known = of_month(connection, month)
    for table, history in MOVES.items():
        if not has_partition(connection, history, month):
            make_partition(connection, table.name, month, hashes=work.settings.partition_hashes)
    if not all(can_hand_over(connection, table, history, month) for table, history in MOVES.items()):
        note(
            work,
            month,
            [(t, MonthState.MOVING, known[t.name].totals if t.name in known else Totals()) for t in MOVES],
        )
        return 0
    for table in MOVES:
        hold_still(connection, table, month)
    if why_open(connection, month):
        return 0
    totals = {table: totals_of(connection, table, in_month(table, month)) for table in MOVES}
    for table, history in MOVES.items():
        hand_over(connection, table, history, month)
    note(work, month, [(table, MonthState.MOVING, found) for table, found in totals.items()])
    return sum(found.row_count for found in totals.values())


def go_on(work: UnitOfWork, one: HistoryMonth, *, limit: int) -> int:
    """The next step of a table's month that is moving: a chunk, or the proof that all has arrived.

    Late facts of a month that is not closed any more stay where they are until it is. Returns how many rows
    moved. Raises: Broken when history does not hold what has moved.
    """
    table = metadata.tables[one.table_name]
    moved = Totals()
    if not why_open(work.connection, one.month):
        moved = move_rows(work.connection, table, MOVES[table], one.month, limit=limit)
    if moved.row_count:
        note(work, one.month, [(table, MonthState.MOVING, one.totals + moved)])
        return moved.row_count
    prove(work, one)
    note(work, one.month, [(table, MonthState.MOVED, one.totals)])
    log.info("month_moved", table=table.name, month=one.month.isoformat(), rows=one.totals.row_count)
    return 0


def prove(work: UnitOfWork, one: HistoryMonth) -> None:
    """Count and add up what history holds. Raises: Broken when it is not what has moved there."""
    history = MOVES[metadata.tables[one.table_name]]
    found = totals_of(work.connection, history, in_month(history, one.month))
    if found != one.totals:
        message = f"{history.name} of {one.month:%Y-%m} holds {found} instead of {one.totals}; nothing was deleted"
        raise Broken(message)
