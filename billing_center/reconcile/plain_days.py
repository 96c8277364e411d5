"""Days once more: billing periods, service years, active days and bands, found by walking day after day.

Civil days are of the business time zone; every range is half-open. Design: billing rules, "Days, periods, late
facts", modes 2, 3, 5 and 7.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
Span = tuple[datetime, datetime]


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The civil day of an instant."""
    return instant.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a civil day begins."""
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def _begins(day: date, monthly_on: int) -> bool:
    """Whether a monthly period begins on the day: on its day of the month, or on the last day of a shorter one."""
    return day.day == monthly_on or (day.day < monthly_on and (day + DAY).day == 1)


@lru_cache(maxsize=100_000)
def _month_of(day: date, monthly_on: int) -> tuple[date, date, int]:
    start, end = day, day + DAY
    while not _begins(start, monthly_on):
        start -= DAY
    while not _begins(end, monthly_on):
        end += DAY
    return start, end, (end - start).days


class BillingDays:
    """A payer's billing days: the first one, and each change with the day it takes effect."""

    def __init__(self, first: int, changes: Iterable[tuple[date, int]]) -> None:
        self._first = first
        self._changes = sorted(changes)
        self.key = (first, *self._changes)  # what all its periods depend on
        self._found: dict[date, tuple[date, date, int]] = {}

    def period(self, day: date) -> tuple[date, date, int]:
        """(first day, day after the last, days of the whole regular period) of the period that holds the day."""
        if day not in self._found:
            self._found[day] = self._walk(day)
        return self._found[day]

    def _walk(self, day: date) -> tuple[date, date, int]:
        if not self._changes:
            return _month_of(day, self._first)
        monthly_on, since = self._first, date.min
        until = date.max
        for effective, changed in self._changes:
            if effective <= day:
                monthly_on, since = changed, effective
            else:
                until = min(until, effective)
        start, end, days = _month_of(day, monthly_on)
        return max(start, since), min(end, until), days


@lru_cache(maxsize=100_000)
def year_of_service(day: date, first_day: date) -> tuple[date, int]:
    """(first day, days) of the year that holds the day, counted from an order's first day."""

    def begins(one: date) -> bool:
        return one.month == first_day.month and _begins(one, first_day.day)

    start, end = day, day + DAY
    while not begins(start):
        start -= DAY
    while not begins(end):
        end += DAY
    return start, (end - start).days


def active_spans(changes: Sequence[Any]) -> list[Span]:
    """From when to when an order was active, by its changes of state in order. Spans have a length."""
    spans = []
    for n, change in enumerate(changes):
        until = changes[n + 1].at if n + 1 < len(changes) else END_OF_TIME
        if change.to_state == "ACTIVE" and change.at < until:
            spans.append((change.at, until))
    return spans


def active_days(spans: Iterable[Span], first: date, last: date, zone: ZoneInfo) -> list[date]:
    """The civil days from `first` to `last`, both included, with some active moment."""
    found = set()
    for start, until in spans:
        day = max(first, day_of(start, zone))
        through = last if until == END_OF_TIME else min(last, day_of(until - INSTANT, zone))
        while day <= through:
            found.add(day)
            day += DAY
    return sorted(found)


def most_accounts(
    day: date, spans: Iterable[Span], numbers: Sequence[tuple[datetime, Decimal]], zone: ZoneInfo
) -> Decimal:
    """The largest number in force at an active moment of the day. `numbers` hold in order, each until the next."""
    begin, end = midnight(day, zone), midnight(day + DAY, zone)
    most = Decimal(0)
    for start, until in spans:
        for n, (at, number) in enumerate(numbers):
            over = numbers[n + 1][0] if n + 1 < len(numbers) else END_OF_TIME
            if max(begin, start, at) < min(end, until, over):
                most = max(most, number)
    return most


def time_per_band(
    started_at: datetime,
    ended_at: datetime,
    bands: Sequence[Any],
    zone: ZoneInfo,
    calendars: Mapping[str, Collection[date]] = MappingProxyType({}),
) -> dict[str | None, timedelta]:
    """How much of a use fell into each band (None: into none), in order of touch. Bands are catalog documents.

    A band of a calendar begins on the calendar's days and goes before all others.
    """
    ended_at = max(ended_at, started_at + INSTANT)
    spans: list[tuple[str, datetime, datetime]] = []
    for band in sorted(bands, key=lambda band: not band.get("calendar")):
        named = band.get("calendar")
        start, stop = time.fromisoformat(band["start"]), time.fromisoformat(band["end"])
        day = day_of(started_at, zone) - DAY
        while day <= day_of(ended_at, zone):
            if day in calendars.get(named, ()) if named else day.weekday() in band["weekdays"]:
                last_day = day if start < stop else day + DAY
                edges = (datetime.combine(day, start, tzinfo=zone), datetime.combine(last_day, stop, tzinfo=zone))
                spans.append((band["name"], edges[0].astimezone(UTC), edges[1].astimezone(UTC)))
            day += DAY
    cuts = {started_at, ended_at} | {edge for _, *edges in spans for edge in edges if started_at < edge < ended_at}
    found: dict[str | None, timedelta] = {}
    at = started_at
    for cut in sorted(cuts)[1:]:
        name = next((name for name, begin, end in spans if begin <= at < end), None)
        found[name] = found.get(name, timedelta(0)) + (cut - at)
        at = cut
    return found


def shared_out(quantity: Decimal, durations: Sequence[timedelta]) -> list[Decimal]:
    """A quantity in proportion to durations, in millionths; what is left over goes to the largest remainders."""
    if len(durations) == 1:
        return [Decimal(int(quantity * 10**6)).scaleb(-6)]
    whole = sum((d // INSTANT for d in durations), 0)
    exact = [Fraction(quantity) * 10**6 * (d // INSTANT) / whole for d in durations]
    parts = [share.numerator // share.denominator for share in exact]
    left = int(quantity * 10**6) - sum(parts)
    for n in sorted(range(len(exact)), key=lambda n: (parts[n] - exact[n], n))[:left]:
        parts[n] += 1
    return [Decimal(part).scaleb(-6) for part in parts]
