"""What is due of history, and its next step: wishes first, then what has begun, then months that are old enough.

Where it stands in the walk: beside it; the job `move_history` takes step after step. Months in history are read as
if they had stayed (`billing_center.history.whole`).
"""

from collections.abc import Callable
from datetime import date

from billing_center.center import UnitOfWork
from billing_center.history import drop_month, move_month, restore_month
from billing_center.history.history_month import UNFINISHED, HistoryMonth, MonthState, months_known, why_open
from schema.partitions import month_after, month_of, months_held
from schema.tables.history import MOVES

GO_ON: dict[MonthState, Callable[..., int]] = {
    MonthState.RESTORING: restore_month.restore,
    MonthState.MOVING: move_month.go_on,
    MonthState.DROPPING: drop_month.go_on,
}


def months_due(work: UnitOfWork) -> list[date]:
    """Months whose move, way back or deletion is due or has begun, oldest first."""
    known = months_known(work.connection)
    begun = {one.month for one in known if one.state in UNFINISHED}
    return sorted({*begun, *_to_move(work, known), *_to_drop(work, known)})


def next_step(work: UnitOfWork, *, limit: int) -> tuple[int, str]:
    """Take the next step; how many rows it was about, and the month it was for: '' when nothing is due.

    Raises: Broken when counts or sums do not agree, and then nothing was deleted; Busy.
    """
    known = months_known(work.connection)
    for one in known:
        if one.state in GO_ON:
            return GO_ON[one.state](work, one, limit=limit), _named(one)
    for month in _to_move(work, known):
        return move_month.begin(work, month), f"{month:%Y-%m}"
    for month in _to_drop(work, known):
        drop_month.begin(work, month)
        return 0, f"{month:%Y-%m}"
    return 0, ""


def _named(one: HistoryMonth) -> str:
    return f"{one.month:%Y-%m} {one.table_name}"


def _to_move(work: UnitOfWork, known: list[HistoryMonth]) -> list[date]:
    """Closed months that a person asked for, and those old enough that are held and not kept hot by a person."""
    asked = {one.month for one in known if one.state is MonthState.ASKED}
    stays = {one.month for one in known if one.state not in (MonthState.ASKED, MonthState.MOVED)}
    after = work.settings.history_after_months
    old = set()
    if after:
        before = month_after(month_of(work.today), -after)
        old = {m for table in MOVES for m in months_held(work.connection, table) if m < before}
    return [month for month in sorted((asked | old) - stays) if not why_open(work.connection, month)]


def _to_drop(work: UnitOfWork, known: list[HistoryMonth]) -> list[date]:
    """Months all of whose facts have been in history for longer than the policy wants."""
    keep = work.settings.history_keep_months
    if not keep:
        return []
    before = month_after(month_of(work.today), -keep)
    other = {one.month for one in known if one.state is not MonthState.MOVED}
    return sorted({one.month for one in known if one.month < before} - other)
