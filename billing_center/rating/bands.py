"""Splitting a use where it crosses the edges of bands of hours and weekdays.

Bands are read on the wall clock of the business time zone; shares are measured in elapsed time, so a night
of summer time counts the hours that it has. An instant belongs to the first band of the version that holds
it, or to none; bands of a calendar's days go before the others.
Design: billing rules, "Shapes of F" (a use that crosses a band is split at the boundary).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from billing_center.errors import OutOfRange
from billing_center.money import RATED_SCALE, allocate
from billing_center.period import ONE_DAY
from billing_center.rating.price_version import Band

LONGEST = timedelta(days=3660)
"""A use that is split at band edges lasts ten years at most; a longer one is a mistake of its sender."""

_MICROSECOND = timedelta(microseconds=1)


def time_in_bands(
    started_at: datetime, ended_at: datetime, bands: Sequence[Band], zone: ZoneInfo
) -> dict[str | None, timedelta]:
    """Elapsed time in each band that a use touched (None: in no band), in order of first touch.

    A use of no length touches the band of its instant, for no time.
    Raises: OutOfRange when it ends before it starts, or lasts longer than ten years.
    """
    if ended_at < started_at or ended_at - started_at > LONGEST:
        raise OutOfRange("a use must not end before it starts, nor last longer than ten years", field="ended_at")
    until = max(ended_at, started_at + _MICROSECOND)
    spans = list(_spans(started_at, until, bands, zone))
    cuts = sorted(
        {started_at, until, *(edge for _, *edges in spans for edge in edges if started_at < edge < until)}
    )
    found: dict[str | None, timedelta] = {}
    for begin, end in pairwise(cuts):
        name = next((band.name for band, start, stop in spans if start <= begin < stop), None)
        found[name] = found.get(name, timedelta(0)) + (end - begin)
    return found


def split_quantity(quantity: Decimal, shares: Sequence[timedelta]) -> list[Decimal]:
    """Parts of a quantity in proportion to durations (at least one above zero), six decimals each.

    The parts add up to the quantity: what rounding leaves goes to the largest remainders. A quantity that is
    the duration itself, in seconds, splits without any rounding.
    """
    return allocate(quantity, [Decimal(share // _MICROSECOND) for share in shares], unit=RATED_SCALE)


def overlapping_bands(bands: Sequence[Band]) -> list[tuple[str, str]]:
    """Pairs of bands with a common moment in the week, which the first of them holds. For the catalog's check.

    Bands of a calendar's days are left out: they are meant to lie over the others.
    """
    bands = [band for band in bands if band.days is None]
    monday = date(2024, 1, 1)
    spans = {band.name: list(_wall_spans(monday - ONE_DAY, monday + 8 * ONE_DAY, band)) for band in bands}
    return [
        (one.name, other.name)
        for one, other in combinations(bands, 2)
        if any(a < d and c < b for a, b in spans[one.name] for c, d in spans[other.name])
    ]


def _spans(
    begin: datetime, end: datetime, bands: Sequence[Band], zone: ZoneInfo
) -> list[tuple[Band, datetime, datetime]]:
    """Every stretch of every band that may touch [begin, end), in UTC."""
    first, last = begin.astimezone(zone).date() - ONE_DAY, end.astimezone(zone).date()
    return [
        (band, start.replace(tzinfo=zone).astimezone(UTC), stop.replace(tzinfo=zone).astimezone(UTC))
        for band in sorted(bands, key=lambda b: b.days is None)
        for start, stop in _wall_spans(first, last, band)
    ]


def _wall_spans(first: date, last: date, band: Band) -> list[tuple[datetime, datetime]]:
    """A band's stretches that begin on the days `first` to `last`, on the wall clock.

    The weekday is that of the beginning. A band that ends at or before its start ends on the next day; one
    from 00:00 to 00:00 is the whole day.
    """
    over_midnight = band.end <= band.start
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    return [
        (datetime.combine(day, band.start), datetime.combine(day + ONE_DAY if over_midnight else day, band.end))
        for day in days
        if band.begins_on(day)
    ]
