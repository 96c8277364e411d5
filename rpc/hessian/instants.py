"""Dates on the wire: a signed 64-bit count of milliseconds since 1970, in UTC, without a zone.

Only whole numbers are used on the way: going through floats loses milliseconds, and the host's
time zone must never matter.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from rpc.hessian.errors import CodecError
from rpc.hessian.values import make_millis

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_from_seconds = datetime.fromtimestamp
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


def instant_of(millis: int) -> Any:
    """The instant of a count of milliseconds; `Millis` itself beyond the years 1 to 9999."""
    if _FIRST <= millis <= _LAST:
        seconds, rest = divmod(millis, 1000)
        if rest == 0:  # a whole number of seconds: no float comes near it
            return _from_seconds(seconds, UTC)
        return _EPOCH + timedelta(0, seconds, rest * 1000)
    return make_millis(millis)


def millis_of(instant: datetime) -> int:
    """The count of milliseconds of an instant; anything finer is cut off, towards the past.

    Raises: CodecError for a datetime without a zone, whose meaning would be the host's.
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise CodecError("a date must say its time zone")
    return (instant - _EPOCH) // _MILLISECOND
