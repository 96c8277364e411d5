"""Where a fact stands: the first charges of a use or an order's day, and every difference booked of it since.

A correction never edits, so what is left of a fact is the sum of its charges: of each meter their growths' sum.
Design: billing rules, "A correction never edits".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from billing_center.reconcile.expected import ZERO, meter_of
from billing_center.reconcile.raw_facts import MeterName, PayerFacts

CORRECTIONS = {"withdrawal": "use", "rerate_use": "use", "rerate_day": "day"}
"""What each kind of correction is a difference of."""

FactKey = tuple[str, str, date]
"""(use or day, the use or the order, the civil day)."""

Place = tuple[datetime, str]
"""When a fact was first rated, and its id; of a corrected use, those of the use in whose place it stands."""

NEVER = datetime.max.replace(tzinfo=UTC)

Slot = tuple[str, str, str, str, MeterName | None]
"""(component, price version, currency, promotions, meter): what a charge and the ones that take it back share."""


@dataclass(slots=True)
class Net:
    """What the charges of a slot come to, read as if they were one charge."""

    component: str
    version_id: str
    currency: str
    promotion_id: str
    meter: MeterName | None
    row: Any  # the latest of them
    quantity: Decimal = ZERO
    amount: Decimal = ZERO
    list_amount: Decimal = ZERO
    growth: Decimal = ZERO

    @property
    def reading_after(self) -> Decimal:
        """What the meter read when the latest of them was booked."""
        return Decimal(self.row.reading_after)

    @property
    def reading_before(self) -> Decimal:
        """What it read then without this fact."""
        return self.reading_after - self.growth

    @property
    def is_live(self) -> bool:
        """Whether something is left: a growth, or what was charged without a meter."""
        if self.meter is not None:
            return bool(self.growth)
        return bool(self.quantity or self.amount or self.list_amount)


@dataclass(slots=True)
class Standing:
    """One fact and its charges."""

    kind: str
    cause_id: str
    day: date
    rows: list[Any] = field(default_factory=list)
    corrected: bool = False
    place: Place = (NEVER, "")

    @property
    def key(self) -> FactKey:
        """What tells it from the payer's other facts."""
        return self.kind, self.cause_id, self.day

    @property
    def first_at(self) -> datetime:
        """When it was first rated."""
        at: datetime = min(row.rated_at for row in self.rows)
        return at

    @property
    def last_at(self) -> datetime:
        """When something was last booked of it."""
        at: datetime = max(row.rated_at for row in self.rows)
        return at

    def charged(self) -> Mapping[str, Any]:
        """What it is charged now, by component: the rows themselves, or what corrections left of them."""
        if not self.corrected:
            return {row.component: row for row in self.rows}
        return {net.component: net for net in self.nets() if net.is_live}

    def nets(self) -> list[Net]:
        """What its charges come to, by slot."""
        found: dict[Slot, Net] = {}
        for row in sorted(self.rows, key=lambda row: (row.rated_at, row.component)):
            component, meter = own_component(row), meter_of(row)
            slot = (component, row.version_id, row.currency, row.promotion_id, meter)
            net = found.setdefault(slot, Net(*slot, row))
            net.row = row
            net.quantity += row.quantity
            net.amount += row.amount
            net.list_amount += row.list_amount
            net.growth += row.reading_after - row.reading_before
        return list(found.values())

    def priced_at(self, one: PayerFacts, product_id: str) -> datetime:
        """When the price that it is charged by was chosen: when it was rated, or last rated anew."""
        at = self.first_at
        for rerated in one.reratings:
            if rerated.product_id:
                within = rerated.product_id == product_id and rerated.first <= self.day <= rerated.last
            else:  # under way: only what it has changed is known to be done
                within = any(row.run_id == f"correct:{rerated.correction_id}" for row in self.rows)
            if within and rerated.at > at:
                at = rerated.at
        return at


def own_component(row: Any) -> str:
    """A charge's component without the mark of a correction."""
    return str(row.component.rpartition("#")[0]) if row.cause in CORRECTIONS else str(row.component)


@dataclass(slots=True)
class Standings:
    """The facts behind a payer's charges of uses and days."""

    found: dict[FactKey, Standing] = field(default_factory=dict)
    corrected_orders: set[str] = field(default_factory=set)
    seen: dict[MeterName, Any] = field(default_factory=dict)  # what uses brought to meters that are no sum
    takings: dict[MeterName, list[tuple[Standing, Decimal]]] | None = None

    @classmethod
    def of(cls, charges: Iterable[Any], withdrawn: Mapping[str, Any], corrects: Mapping[str, str]) -> "Standings":
        """Group charges by fact; those of packages and true-ups are not of one."""
        made = cls()
        for row in charges:
            kind = CORRECTIONS.get(row.cause, row.cause)
            if kind not in ("use", "day"):
                continue
            key = (kind, row.cause_id, row.day)
            standing = made.found.get(key)
            if standing is None:
                touched = kind == "use" and (row.cause_id in withdrawn or row.cause_id in corrects)
                standing = made.found[key] = Standing(*key, corrected=touched)
            standing.rows.append(row)
            if kind != row.cause:
                standing.corrected = True
                if kind == "day":
                    made.corrected_orders.add(row.cause_id)
        if made.corrected_orders or any(one.corrected for one in made.found.values()) or corrects:
            made._take_places(corrects)
        return made

    def _take_places(self, corrects: Mapping[str, str]) -> None:
        uses = {one.cause_id: one for one in self.found.values() if one.kind == "use"}
        for one in self.found.values():
            one.place = (one.first_at, one.cause_id)
        for use_id, one in uses.items():
            first = before = use_id
            while before in corrects:
                before = corrects[before]
                first = before if before in uses else first
            one.place = (uses[first].first_at, first)

    def held_before(self, name: MeterName, of: Standing) -> Decimal:
        """What a meter reads without a corrected use and those after it, all rated again in the order of then.

        Of the same product's uses those that came before it count, as they stand now; of anything else, what
        had been charged when it was last corrected.
        """
        if self.takings is None:
            self.takings = {}
            for one in self.found.values():
                for net in one.nets():
                    if net.meter is not None:
                        self.takings.setdefault(net.meter, []).append((one, net.growth))
        product_id, at = of.rows[0].product_id, of.last_at
        held = ZERO
        for other, growth in self.takings.get(name, ()):
            if other.kind == "use" and other.rows[0].product_id == product_id:
                counts = other.place < of.place
            else:
                counts = other.first_at <= at
            held += growth if counts else ZERO
        return held

    def is_settled(self, of: Standing) -> bool:
        """Whether nothing that came before a corrected use has changed since it was corrected."""
        product_id, at = of.rows[0].product_id, of.last_at
        return not any(
            other.corrected and other.last_at > at and other.place < of.place
            for other in self.found.values()
            if other.rows[0].product_id == product_id
        )
