"""Per event: what any model may ask of each single use, beside the price of the meter's reading.

event_fee 0.50, free_events 2          | 5 uses: 3 x 0.50 = 1.50 beside the inner price
event_min 0.10, event_max 5.00         | percentage 2.5: a = 1.00: 0.10 | 40.00: 1.00 | 1,000.00: 5.00
increments first 60 s, then 6 s        | 1 s: 60 s | 60 s: 60 s | 61 s: 66 s | 0 s: 0 s
Each is the growth of a meter, so no split into batches and no order of arrival changes a total. Increments
round what a use adds to the price meter. Fees count uses on a meter of their own: F(n) = fee x (n - free).
Bounds keep, on a third meter, the sum of what each use's fee lacks of the minimum or exceeds the maximum.
A use of nothing (quantity 0) is not an event. Design: billing rules, "Shapes of F".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from billing_center.rating.models.limited import ZERO, ChargeModel
from billing_center.rating.models.parameters import PRICE_DECIMALS, Parameters, written
from billing_center.rating.models.percentage import Percentage
from billing_center.rating.models.standard import Standard

EVENT_FIELDS = frozenset({"event_fee", "free_events", "event_min", "event_max", "increments"})


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity with its unit; a blank unit is the plan's own."""

    quantity: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{written(self.quantity)} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Increments:
    """A use is counted as `first` at least, and beyond it in whole steps of `then`."""

    first: Measure
    then: Measure


def stepped(quantity: Decimal, first: Decimal, then: Decimal) -> Decimal:
    """What a use of this quantity is counted as; all three in one unit, a use of nothing as nothing."""
    if quantity <= ZERO:
        return ZERO
    if quantity <= first:
        return first
    return first + then * ((quantity - first) / then).to_integral_value(rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class EventFee:
    """F over the meter that counts uses: `fee` in the price's currency for each use past the first `free`."""

    fee: Decimal
    free: Decimal = ZERO

    def price(self, reading: Decimal) -> Decimal:
        """fee x uses beyond the free ones."""
        return self.fee * max(ZERO, reading - self.free)


@dataclass(frozen=True, slots=True)
class Sum:
    """F over a meter that sums money already: the reading itself."""

    def price(self, reading: Decimal) -> Decimal:
        """The reading."""
        return reading


@dataclass(frozen=True, slots=True)
class PerEvent:
    """A model with what each use is asked for. Fee and bounds are in the price's currency."""

    inner: ChargeModel
    fee: Decimal = ZERO
    free_events: Decimal = ZERO
    least: Decimal | None = None
    most: Decimal | None = None
    increments: Increments | None = None

    def price(self, reading: Decimal) -> Decimal:
        """The inner price of the main meter's reading; fees and bounds have meters of their own."""
        return self.inner.price(reading)

    @property
    def bounded(self) -> bool:
        """Whether a use has a least or a most price."""
        return self.least is not None or self.most is not None

    def bound(self, quantity: Decimal) -> Decimal:
        """What the bounds add to (or take from) one use of `quantity` plan units, its fee included, unrounded."""
        own = self.fee + self.inner.price(quantity)
        kept = own if self.least is None else max(self.least, own)
        return (kept if self.most is None else min(self.most, kept)) - own

    def to_params(self) -> dict[str, object]:
        """The inner model's parameters and what is set here."""
        own: dict[str, object] = {}
        if self.fee:
            own["event_fee"] = written(self.fee)
        if self.free_events:
            own["free_events"] = written(self.free_events)
        if self.least is not None:
            own["event_min"] = written(self.least)
        if self.most is not None:
            own["event_max"] = written(self.most)
        if self.increments is not None:
            own["increments"] = {"first": str(self.increments.first), "then": str(self.increments.then)}
        return self.inner.to_params() | own


def per_event(inner: ChargeModel, fields: Mapping[str, object]) -> ChargeModel:
    """The model with its per-event fields; the model itself when they say nothing.

    Fields: event_fee, free_events (needs a fee), event_min, event_max (standard or percentage without limits,
    free amount or free events: only there a single use has a price of its own), increments with then and first
    (default: then). Fees and bounds do not go with minimum or cap, which would not hold them. Raises BadParameter.
    """
    given = Parameters(fields)
    fee, free_events = given.price("event_fee", ZERO), given.quantity("free_events", ZERO)
    least = given.optional("event_min", decimals=PRICE_DECIMALS)
    most = given.optional("event_max", decimals=PRICE_DECIMALS)
    increments = _increments(given)
    given.close()
    model = PerEvent(inner, fee, free_events, least, most, increments)
    if free_events and not fee:
        raise given.refuse("free_events", "needs an event_fee: these are the events that are free of it")
    if free_events != free_events.to_integral_value():
        raise given.refuse("free_events", "must be a whole number")
    if least is not None and most is not None and most < least:
        raise given.refuse("event_max", "must not be below event_min")
    if model.bounded:
        alone = isinstance(inner, Standard) or (isinstance(inner, Percentage) and not inner.free)
        if not alone or free_events:
            name = "event_min" if least is not None else "event_max"
            rule = (
                "needs a standard or percentage price without free amount, free events, included, minimum or cap"
            )
            raise given.refuse(name, rule)
    limits = inner.to_params().keys() & {"minimum", "cap"}
    if fee and limits:
        raise given.refuse(
            "event_fee", f"does not go with {' and '.join(sorted(limits))}, which would not hold it"
        )
    return inner if model == PerEvent(inner) else model


def _increments(given: Parameters) -> Increments | None:
    parts = given.mapping("increments")
    if parts is None:
        return None
    then = Measure(*parts.measure("then"))
    first = Measure(*parts.measure("first")) if parts.has("first") else then
    parts.close()
    return Increments(first, then)
