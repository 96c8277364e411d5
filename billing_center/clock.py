"""Where the time comes from: a constructor argument, never the system clock inside a rule.

`now()` is always an aware UTC instant. A use case reads it once and passes the instant down.
The test clock that stands still until it is advanced lives in `billing_center.test_clock`.
"""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Anything that tells the time as an aware UTC instant."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock: the one place in the project that reads it."""

    def now(self) -> datetime:
        """The machine's present instant in UTC, cut to milliseconds as every stored instant is."""
        moment = datetime.now(UTC)  # noqa: TID251 (the one place)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class SettableClock:
    """A clock for tests that stands where it was set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.at


def civil_day(instant: datetime, zone: ZoneInfo) -> date:
    """The civil day an instant falls on in the business time zone. Raises ValueError for a naive instant."""
    if instant.tzinfo is None:
        raise ValueError("an instant must carry its time zone")
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which a civil day begins in the business time zone (days may have 23 or 25 hours)."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
