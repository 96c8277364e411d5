"""Billing periods and service periods: half-open ranges of civil days that tile without gap or overlap.

Where it stands in the walk: rating asks which period a day falls in, the bill run asks which have ended.
The n-th boundary is computed from the anchor and n, never from the boundary before it (a month end would
drift). Design: billing rules, "Days, periods, late facts" and mode 7.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from billing_center.errors import OutOfRange

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The civil days from `start` (included) to `end` (not included), in the business time zone.

    `whole_days` is the length of the regular period that it is a part of: 31 for the fifteen days that are
    left over when a billing day moves. A recurring price is divided by it, so a stub costs its share.
    """

    start: date
    end: date
    whole_days: int = 0

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise OutOfRange("a period must end after it starts", field="end")
        if self.whole_days == 0:
            object.__setattr__(self, "whole_days", self.days)

    @property
    def days(self) -> int:
        """How many civil days it has."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


@dataclass(frozen=True, slots=True, order=True)
class BillingDayFrom:
    """From this day on (a boundary), the payer's periods begin on `billing_day` of the month."""

    effective_from: date
    billing_day: int

    def __post_init__(self) -> None:
        check_billing_day(self.billing_day)


def check_billing_day(billing_day: int) -> int:
    """The day itself, 1 to 31. Raises OutOfRange otherwise."""
    if not 1 <= billing_day <= 31:
        raise OutOfRange("a billing day is a day of the month, 1 to 31", field="billing_day")
    return billing_day


def month_boundary(anchor_day: int, year: int, month: int) -> date:
    """The boundary in one month: the anchor day, or the month's last day where it is shorter.

    `month` may run past 12 or below 1: it is counted from January of `year`.
    """
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(anchor_day, monthrange(year, month)[1]))


@lru_cache(4096)
def regular_period(day: date, billing_day: int) -> Period:
    """The monthly period of an unchanging billing day that contains `day`."""
    month = day.month if day >= month_boundary(billing_day, day.year, day.month) else day.month - 1
    return Period(month_boundary(billing_day, day.year, month), month_boundary(billing_day, day.year, month + 1))


def service_year(day: date, anchor: date) -> Period:
    """The year, counted from the anchor (an order's first day), that contains `day`.

    An anchor on 29 February begins on 28 February in a common year. Days before the anchor belong to the
    years counted backwards from it.
    """

    def boundary(n: int) -> date:
        return month_boundary(anchor.day, anchor.year + n, anchor.month)

    n = day.year - anchor.year
    if day < boundary(n):
        n -= 1
    return Period(boundary(n), boundary(n + 1))


@dataclass(frozen=True, slots=True)
class BillingSchedule:
    """A payer's billing days over time: what was in force at first, and each change with its boundary.

    A change takes effect at the end of the period in which it was made, so that no day that was rated as
    part of one period becomes part of another. What lies between that end and the first new billing day is
    a stub of the new regular period.
    """

    first: int
    changes: Sequence[BillingDayFrom] = ()

    def __post_init__(self) -> None:
        check_billing_day(self.first)
        if list(self.changes) != sorted(self.changes):
            raise OutOfRange("changes of the billing day must be in order", field="changes")

    def period_of(self, day: date) -> Period:
        """The billing period that contains `day`."""
        index = bisect_right([c.effective_from for c in self.changes], day)
        billing_day = self.changes[index - 1].billing_day if index else self.first
        whole = regular_period(day, billing_day)
        start = max(whole.start, self.changes[index - 1].effective_from) if index else whole.start
        end = min(whole.end, self.changes[index].effective_from) if index < len(self.changes) else whole.end
        return Period(start, end, whole.days)

    def changed(self, billing_day: int, *, on: date) -> "BillingSchedule":
        """The schedule after the payer asked, on the day `on`, for another billing day.

        A change that has not taken effect yet is replaced by the new one.
        """
        kept = [c for c in self.changes if c.effective_from <= on]
        before = BillingSchedule(self.first, kept)
        in_force = kept[-1].billing_day if kept else self.first
        if in_force == billing_day:
            return before
        boundary = before.period_of(on).end
        return BillingSchedule(self.first, [*kept, BillingDayFrom(boundary, billing_day)])


def days_of(start: date, end: date) -> Iterator[date]:
    """Every civil day from `start` (included) to `end` (not included)."""
    for n in range((end - start).days):
        yield start + n * ONE_DAY
