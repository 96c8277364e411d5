"""What uses would hold if the right facts had come in the first place: rated again, in the order of then. Pure.

What one use adds may depend on others: on those before it (the largest, the latest, users), or on who took free
units and granted money first. So all uses that may depend on each other are rated again on meters without them,
in the order in which they were first rated. Only what each holds is read off; what it costs is told by today's
readings, since meters telescope. Design: billing rules, "One principle", "A correction never edits".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_center.correction.position import ZERO, Net, Position, Slot
from billing_center.correction.take_back import UseCharged
from billing_center.rating.facts import MeterKey, Meters
from billing_center.rating.grants import take_credits

Place = tuple[datetime, str]
"""When a use was first rated, and its id: of a corrected use, those of the use in whose place it stands."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One use: what it holds, under which terms, and under which it should. `anew` None: it never was."""

    position: Position
    place: Place
    charged: UseCharged
    anew: UseCharged | None
    frozen: bool = False  # it stays as it is, whatever comes out

    def credits(self, keys: Mapping[str, MeterKey]) -> dict[MeterKey, Decimal]:
        """What it took of granted money, by the grants' meters; `keys` by component."""
        found: dict[MeterKey, Decimal] = {}
        for slot, net in self.position.credits.items():
            key = keys[slot.component]
            found[key] = found.get(key, ZERO) + net.growth
        return found


@dataclass(frozen=True, slots=True)
class AsIf:
    """What each use would hold, in the order of rating, and what the meters that know other uses would read."""

    wanted: Sequence[tuple[Standing, Position]]
    history: Mapping[MeterKey, Decimal] = field(default_factory=dict)


def as_if(uses: Sequence[Standing], meters: Meters, zone: ZoneInfo, credit_keys: Mapping[str, MeterKey]) -> AsIf:
    """Rate the uses again in their order. `meters` stay as they are; they hold what the uses hold now.

    Of a reading that is no sum `uses` must hold every use of its period. Raises: what makes rating refuse a use.
    """
    scratch = Meters(dict(meters.readings))
    for one in uses:
        for key, growth in {**one.position.growths, **one.credits(credit_keys)}.items():
            scratch.advance(key, -growth)
    history = _history_keys(uses, zone)
    scratch.readings.update(dict.fromkeys(history, ZERO))
    wanted: list[tuple[Standing, Position]] = []
    for one in sorted(uses, key=lambda use: use.place):
        if one.frozen:
            _as_it_is(one, scratch, zone, credit_keys)
        else:
            wanted.append((one, _wanted(one, scratch, zone)))
    return AsIf(wanted, {key: scratch.readings[key] for key in history})


def _history_keys(uses: Sequence[Standing], zone: ZoneInfo) -> set[MeterKey]:
    terms = [used for one in uses for used in (one.charged, one.anew) if used is not None]
    return {key for used in terms for key in used.history_keys(zone)}


def _as_it_is(one: Standing, scratch: Meters, zone: ZoneInfo, credit_keys: Mapping[str, MeterKey]) -> None:
    for key, growth in {**one.position.growths, **one.credits(credit_keys)}.items():
        scratch.advance(key, growth)
    if not one.position.is_free_day:
        one.charged.remember(scratch, zone)


def _wanted(one: Standing, scratch: Meters, zone: ZoneInfo) -> Position:
    """What the use would hold; nothing when it never was."""
    wanted = one.position.bare()
    if one.anew is None:
        return wanted
    made = one.anew.rate(scratch, zone)
    for charge in [*made, *take_credits(made, one.anew.terms.grants, scratch)]:
        wanted.add(charge)
    return wanted


def credit_changes(before: Position, after: Position) -> dict[Slot, Net]:
    """What of granted money it is to take more, or to give back, by slot without its meter."""
    found: dict[tuple[str, str, str, str], Net] = {}
    slots: dict[tuple[str, str, str, str], Slot] = {}
    for position, sign in ((after, 1), (before, -1)):
        for slot, net in position.credits.items():
            name = (slot.component, slot.version_id, slot.currency, slot.promotion_id)
            slots.setdefault(name, slot)
            change = found.setdefault(name, Net())
            change.amount += sign * net.amount
            change.growth += sign * net.growth
    return {slots[name]: net for name, net in found.items() if net.growth or net.amount}
