"""Meter readings while one fact is rated: nothing reaches the batch's meters until all of it is.

A fact that cannot be rated is parked, and its batch goes on with meters as if it had never been met.
"""

from decimal import Decimal

from billing_center.errors import OutOfRange
from billing_center.money import LARGEST
from billing_center.rating.facts import MeterKey, Meters

_ZERO = Decimal(0)


def check_reading(reading: Decimal) -> Decimal:
    """The reading itself. Raises OutOfRange from 10^12 on, where the databases' scaled integers end."""
    if reading >= LARGEST:
        raise OutOfRange("a meter's reading must stay below 1,000,000,000,000", field="quantity")
    return reading


class StagedMeters:
    """The batch's meters with one fact's growth on top, kept or forgotten as a whole."""

    __slots__ = ("_after", "_meters")

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._after: dict[MeterKey, Decimal] = {}

    def reading(self, key: MeterKey) -> Decimal:
        """The present reading, this fact's growth included; 0 for a meter that never counted."""
        after = self._after.get(key)
        return self._meters.readings.get(key, _ZERO) if after is None else after

    def advance(self, key: MeterKey, by: Decimal) -> tuple[Decimal, Decimal]:
        """Let a meter grow; its reading before and after. Raises OutOfRange from a reading of 10^12 on."""
        before = self.reading(key)
        self._after[key] = after = check_reading(before + by)
        return before, after

    def keep(self) -> None:
        """Write the growth through to the batch's meters and mark them as touched."""
        self._meters.readings.update(self._after)
        self._meters.touched.update(self._after)
