"""Where a fact stands: what all its charges, the first ones and every correction since, come to. Pure.

A charge with a meter is a growth of it, so what a fact has taken of a meter is the sum of its charges' growths,
and nothing is left of a fact when every growth is taken back. Design: billing rules, "One principle".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from billing_center.errors import Broken
from billing_center.ids import NONE
from billing_center.rating.allowance import ALLOWANCE, EVER
from billing_center.rating.facts import Cause, Charge, MeterKey
from billing_center.rating.grants import GRANT
from billing_center.rating.promotion import PROMOTION

ZERO = Decimal(0)
MARK = "#"
"""Between a charge's own component and the correction's id, so that the key of each difference is its own."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What a charge is of, the same for a charge and for what takes it back."""

    component: str
    meter: MeterKey | None
    version_id: str
    currency: str
    promotion_id: str


@dataclass(slots=True)
class Net:
    """What the charges of a slot add up to; `growth` in the meter's base units."""

    quantity: Decimal = ZERO
    amount: Decimal = ZERO
    list_amount: Decimal = ZERO
    growth: Decimal = ZERO


@dataclass(slots=True)
class Position:
    """One fact, a use or an order's day, and what it stands at."""

    day: date
    payer_id: str
    of_use: bool
    cause_id: str  # the usage event, or the order
    order_id: str
    product_id: str
    user_id: str
    rated_at: datetime
    slots: dict[Slot, Net] = field(default_factory=dict)
    credits: dict[Slot, Net] = field(default_factory=dict)  # what granted money had paid of it
    last: tuple[datetime, int, Slot] | None = None  # the latest charge's slot, of one instant the latest version's

    def add(self, charge: Charge, rated_at: datetime | None = None) -> None:
        """Count a charge of this fact in."""
        slot = slot_of(charge)
        at = rated_at or self.rated_at
        if not is_credit(charge) and (self.last is None or (at, _nth(slot.version_id)) >= self.last[:2]):
            self.last = (at, _nth(slot.version_id), slot)
        kept = self.credits if is_credit(charge) else self.slots
        net = kept.setdefault(slot, Net())
        net.quantity += charge.quantity
        net.amount += charge.amount
        net.list_amount += charge.list_amount
        net.growth += charge.reading_after - charge.reading_before

    @property
    def live(self) -> dict[Slot, Net]:
        """The slots that still hold something: a growth, or what was charged without a meter.

        What is charged without a meter and comes to nothing, such as a use of nothing, needs no taking back.
        """
        return {
            slot: net
            for slot, net in self.slots.items()
            if (net.growth if slot.meter is not None else net.quantity or net.amount or net.list_amount)
        }

    @property
    def growths(self) -> dict[MeterKey, Decimal]:
        """What the fact has taken of each meter that its charges name."""
        return {slot.meter: net.growth for slot, net in self.live.items() if slot.meter is not None}

    @property
    def balances(self) -> set[MeterKey]:
        """The meters for ever that it has taken from: free units and grants."""
        return {key for key in self.growths if key.scope == EVER}

    @property
    def is_free_day(self) -> bool:
        """Whether it fell on one of the payer's first free days: an allowance without a meter."""
        return any(slot.component == ALLOWANCE and slot.meter is None for slot in self.live)

    @property
    def terms(self) -> tuple[str, str, str]:
        """Price version, currency and promotion that it is charged under now.

        A use that added nothing (it is not the largest) holds nothing: it stands as it was charged last.
        Raises: Broken when its charges stand under several: each re-rating leaves one.
        """
        slots = self.live or ({} if self.last is None else {self.last[2]: Net()})
        found = {(slot.version_id, slot.currency, slot.promotion_id) for slot in slots}
        if len(found) != 1:
            raise Broken(f"{self.cause_id} on {self.day} is charged under {len(found)} price versions at once")
        return next(iter(found))

    @property
    def worth(self) -> dict[Slot, tuple[Decimal, ...]]:
        """What it holds by slot: of meters the growth, else quantity and amounts. Equal worth, equal standing."""
        return {
            slot: (net.growth,) if slot.meter is not None else (net.quantity, net.amount, net.list_amount)
            for slot, net in self.live.items()
        }

    def bare(self) -> "Position":
        """The same fact with nothing charged for it."""
        return Position(
            self.day, self.payer_id, self.of_use, self.cause_id, self.order_id, self.product_id, self.user_id,
            self.rated_at,
        )  # fmt: skip


def _nth(version_id: str) -> int:
    """How often the version was replaced before: 3 for `X~3`, 1 for `X`."""
    tail = version_id.rpartition("~")[2]
    return int(tail) if "~" in version_id and tail.isdecimal() else 1


def is_credit(charge: Charge) -> bool:
    """Whether granted money paid: units of a grant have a quantity and no amount."""
    return charge.component.startswith(GRANT) and charge.amount != 0


def slot_of(charge: Charge) -> Slot:
    """What the charge is of."""
    return Slot(charge.component, charge.meter, charge.version_id, charge.currency, charge.promotion_id)


def meter_of(
    *, payer_id: str, product_id: str, order_id: str, scope: str, version_id: str, component: str
) -> MeterKey | None:
    """The meter that a kept charge names; None for one without. Free units outlive versions."""
    if scope == NONE:
        return None
    ever = component in (ALLOWANCE, PROMOTION) or component.startswith(GRANT)
    return MeterKey(payer_id, product_id, order_id, scope, NONE if ever else version_id, component)


def own_component(cause: Cause, component: str) -> str:
    """A kept charge's component without the mark of the correction."""
    return component if cause in (Cause.USE, Cause.DAY) else component.rpartition(MARK)[0]


def positions(charges: Iterable[tuple[Charge, datetime]]) -> list[Position]:
    """One position per fact of charges read with the instants they were rated at, in the order of first rating."""
    found: dict[tuple[bool, str, date], Position] = {}
    for charge, rated_at in charges:
        of_use = charge.cause in (Cause.USE, Cause.WITHDRAWAL, Cause.RERATE_USE)
        key = (of_use, charge.cause_id, charge.day)
        if key not in found:
            found[key] = Position(
                charge.day, charge.payer_id, of_use, charge.cause_id, charge.order_id, charge.product_id,
                charge.user_id, rated_at,
            )  # fmt: skip
        found[key].rated_at = min(found[key].rated_at, rated_at)
        found[key].add(charge, rated_at)
    return sorted(found.values(), key=lambda p: (p.rated_at, p.cause_id, p.day))
