"""On which civil days an order was active, and with how many accounts at most, from its history alone.

Everything is half-open: a civil day is [00:00, 24:00) in the business zone, a change at midnight belongs to
the new day, a state holds from its change up to the next one. Of changes at one instant the last one (in the
order given, the order of recording) holds: suspended and resumed at the same instant is not interrupted,
while resumed and suspended at the same instant was not active.
Design: billing rules, modes 2, 3 and 5; "Days, periods, late facts".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_center.clock import start_of_day
from billing_center.period import ONE_DAY

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class StateChange:
    """From this instant on the order is active, or is not (pending, suspended, terminated)."""

    at: datetime
    active: bool


@dataclass(frozen=True, slots=True)
class AccountChange:
    """From this instant on this number of accounts is in force; none before the first change."""

    at: datetime
    number: Decimal


def active_intervals(day: date, states: Iterable[StateChange], zone: ZoneInfo) -> list[Interval]:
    """The maximal stretches [from, to) of one civil day during which the order was active, in UTC.

    Changes may come in any order; those of one instant keep the order given. Before the first one the order
    is not active. Stretches have a length: what begins and ends at one instant is no activity.
    """
    begin, end = start_of_day(day, zone), start_of_day(day + ONE_DAY, zone)
    found: list[Interval] = []
    since: datetime | None = None
    for change in sorted(states, key=lambda c: c.at):
        if change.at >= end:
            break
        if change.active:
            since = max(change.at, begin) if since is None else since
        elif since is not None:
            _add(found, since, change.at)
            since = None
    if since is not None:
        _add(found, since, end)
    return found


def was_active(day: date, states: Iterable[StateChange], zone: ZoneInfo) -> bool:
    """Whether the order was active for some moment of the civil day: then the day counts once (modes 2 and 5)."""
    return bool(active_intervals(day, states, zone))


def largest_accounts(
    day: date, states: Iterable[StateChange], accounts: Sequence[AccountChange], zone: ZoneInfo
) -> Decimal:
    """The largest number of accounts in force at any moment of the day while the order was active; 0 if never.

    The number at midnight, and at a resumption, is the one set last before it, whenever that was (mode 3).
    """
    steps = _steps(accounts)
    largest = Decimal(0)
    for begin, end in active_intervals(day, states, zone):
        for n, (at, number) in enumerate(steps):
            until = steps[n + 1][0] if n + 1 < len(steps) else end
            if at < end and until > begin and number > largest:
                largest = number
    return largest


def _add(found: list[Interval], begin: datetime, end: datetime) -> None:
    """Append a stretch, joined to the one before it where they touch; nothing for an empty one."""
    if begin >= end:
        return
    if found and found[-1][1] == begin:
        begin = found.pop()[0]
    found.append((begin, end))


def _steps(accounts: Sequence[AccountChange]) -> list[tuple[datetime, Decimal]]:
    """The changes in time, one per instant: the last one of it."""
    last = {change.at: change.number for change in sorted(accounts, key=lambda c: c.at)}
    return list(last.items())
