"""The desk of one payer's product: facts are taken back, rated anew, and the difference is booked.

Every correction that moves money comes through here. The payer's row is locked, its meters of the product are
read once, and what is booked in the end goes through `charge.book` as any charge does: into the period of its
own day while that is open, else into the payer's open period.
Design: billing rules, "Days, periods, late facts"; field problems 17 and 25.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.correction.position import MARK, ZERO, Position, Slot, slot_of
from billing_center.correction.report import Difference, differences_of
from billing_center.correction.store import Event, events, meters_of, positions_of_uses, withdrawn
from billing_center.correction.take_back import (
    DayCharged,
    UseCharged,
    free_units_left,
    is_wholly_free,
    take_back_day,
    take_back_use,
)
from billing_center.errors import Broken, Refused, ResultCode, Unknown
from billing_center.ids import NONE
from billing_center.order.rate_days import DayFacts, ReadyDay, read_day_facts, ready_day
from billing_center.order.store import OrderRow, first_openings, orders_by_id
from billing_center.payer.store import locked_payers, schedules_of
from billing_center.rating.allowance import allowance_key
from billing_center.rating.choose_price import version_in_force
from billing_center.rating.facts import Cause, Charge, OrderDay, PeriodOfDay, PlanKind, Terms, Use
from billing_center.rating.price_version import PriceVersion, Product
from billing_center.rating.promotion import promotion_key
from billing_center.rating.unit_conversion import unit_of


class Desk:
    """Corrections of one payer and product under one correction id. `book` writes what they came to."""

    def __init__(self, work: UnitOfWork, correction_id: str, *, payer_id: str, product_id: str) -> None:
        self.work, self.correction_id = work, correction_id
        payer = locked_payers(work.connection, [payer_id]).get(payer_id)
        if payer is None:
            raise Unknown(f"payer {payer_id!r} is not known", code=ResultCode.UNKNOWN_PAYER, field="payer_id")
        self.payer = payer
        self.schedule = schedules_of(work.connection, [payer])[payer_id]
        self.catalog_product = work.catalog.product(product_id)
        self.product: Product = self.catalog_product.product
        self.meters = meters_of(work.connection, payer_id, product_id)
        self.charges: list[Charge] = []
        self._orders: dict[str, OrderRow] = {}
        self._day_facts: DayFacts | None = None
        self._used: dict[tuple[Cause, str, date, str], int] = {}

    def withdraw_use(self, position: Position, event: Event) -> None:
        """Take a use back whole, and let later uses have the free units that it had taken."""
        before = self._free_units(position)
        taken = take_back_use(position, self._as_charged(position, event), self.meters, self.work.zone)
        self._keep(Cause.WITHDRAWAL, position, taken, [], note="withdrawn")
        if self._free_units(position) != before:
            self._hand_on(position)

    def rerate_use(self, position: Position, event: Event) -> None:
        """Rate a use by the version that is in force for its day now. An amount that its caller priced stays."""
        if event.amount is not None or not position.live:
            return
        charged = self._as_charged(position, event)
        version = version_in_force(self.product, PlanKind.PER_USE, event.day)
        opening = first_openings(self.work.connection, [(self.payer.payer_id, self.product.product_id)])
        terms = replace(charged.terms, first_opening=opening.get((self.payer.payer_id, self.product.product_id)))
        self._rate_again(position, charged, replace(charged, version=version, terms=terms), note="re-rated")

    def rerate_day(self, order: OrderRow, day: date, position: Position | None) -> None:
        """Charge an order's day as its history and the version in force for it say now; nothing if not active.

        Raises: Refused for a plan that is charged in advance, whose days are not charged one by one.
        """
        if any(version.in_advance and version.plan is order.plan for version in self.product.versions):
            message = f"order {order.order_id} is of a plan that is charged in advance: use a credit note"
            raise Refused(message, field="order", order_id=order.order_id)
        ready = ready_day(self.work, order, day, self._facts_of(order))
        if position is None or not position.live:
            if ready is None:
                return
            position = position or Position(
                day,
                self.payer.payer_id,
                False,
                order.order_id,
                order.order_id,
                order.product_id,
                NONE,
                self.work.at,
            )
            taken: list[Charge] = []
        else:
            taken = take_back_day(position, self._day_as_charged(position, order), self.meters)
            if ready is not None:
                ready = replace(ready, terms=replace(ready.terms, currency=position.terms[1]))
        entered = [] if ready is None else _charged(ready).rate(self.meters)
        self._keep(Cause.RERATE_DAY, position, taken, entered, note="re-rated" if entered else "taken back")

    def book(self) -> tuple[Difference, ...]:
        """Write the charges, meters and sums; what they come to, by running sum."""
        payer_id = self.payer.payer_id
        book(
            self.work,
            self.charges,
            self.meters,
            payers={payer_id: self.payer},
            schedules={payer_id: self.schedule},
            run_id=f"correct:{self.correction_id}",
        )
        return differences_of(self.charges, self.payer, self.schedule)

    def _free_units(self, position: Position) -> tuple[Decimal, Decimal]:
        """What the payer has taken of the product's free units, and the use's order of its promotion's."""
        ids = (position.payer_id, position.product_id)
        of_product, of_order = allowance_key(*ids), promotion_key(*ids, position.order_id)
        return self.meters.readings.get(of_product, ZERO), self.meters.readings.get(of_order, ZERO)

    def _hand_on(self, withdrawn_use: Position) -> None:
        """Give free units that came back to the uses that would have had them: the others, as they were rated."""
        others = [p for p in self._uses() if p.cause_id != withdrawn_use.cause_id and not is_wholly_free(p)]
        found = events(self.work.connection, [p.cause_id for p in others])
        for position in others:
            event = found[position.cause_id]
            if event.amount is not None or not position.live:
                continue
            charged = self._as_charged(position, event)
            if self._has_free_units(charged):
                self._rate_again(position, charged, charged, note="free units handed on")

    def _uses(self) -> list[Position]:
        return positions_of_uses(self.work.connection, self.payer.payer_id, self.product.product_id)

    def _has_free_units(self, charged: UseCharged) -> bool:
        unit = charged.version.unit if charged.version is not None else ""
        if free_units_left(self.product, self.meters, self.payer.payer_id, unit) > 0:
            return True
        promotion = charged.promotion
        if promotion is None or promotion.free_uses <= 0:
            return False
        key = promotion_key(self.payer.payer_id, self.product.product_id, charged.use.order_id)
        taken = self.meters.readings.get(key, ZERO)
        return taken < promotion.free_uses * _unit_size(charged.version)

    def _rate_again(self, position: Position, charged: UseCharged, anew: UseCharged, *, note: str) -> None:
        taken = take_back_use(position, charged, self.meters, self.work.zone)
        if position.is_free_day and anew is charged:
            raise Broken("a free day takes no free units", cause_id=position.cause_id)
        entered = anew.rate(self.meters, self.work.zone)
        self._keep(Cause.RERATE_USE, position, taken, entered, note=note)

    def _as_charged(self, position: Position, event: Event) -> UseCharged:
        """The use under the terms that its charges name."""
        version_id, currency, promotion_id = (
            position.terms if position.live else (NONE, self.product.currency, NONE)
        )
        order = self._order(position.order_id)
        period = self.schedule.period_of(position.day)
        use = Use(
            event_id=event.event_id, payer_id=position.payer_id, user_id=event.user_id,
            product_id=event.product_id, order_id=position.order_id, started_at=event.started_at,
            ended_at=event.ended_at, quantity=event.quantity, unit=event.unit, amount=event.amount,
        )  # fmt: skip
        terms = Terms(
            currency=currency,
            period=PeriodOfDay(period.start, period.whole_days),
            features=order.features if order else {},
            first_opening=date.min,  # long over, unless the position itself is a free day
            order_start=order.start_day if order else None,
        )
        return UseCharged(
            use, self.product, self._version(version_id), terms, self.work.catalog.promotions.get(promotion_id)
        )

    def _day_as_charged(self, position: Position, order: OrderRow) -> DayCharged:
        version_id, currency, promotion_id = position.terms
        version = self._version(version_id)
        if version is None:
            raise Broken("a day was charged without a price version", order_id=order.order_id)
        period = self.schedule.period_of(position.day)
        terms = Terms(currency, PeriodOfDay(period.start, period.whole_days), order.features)
        day = OrderDay(
            order_id=order.order_id, payer_id=order.payer_id, product_id=order.product_id, plan=order.plan,
            day=position.day, order_start=order.start_day,
        )  # fmt: skip
        return DayCharged(day, self.product, version, terms, self.work.catalog.promotions.get(promotion_id))

    def _version(self, version_id: str) -> PriceVersion | None:
        if version_id == NONE:
            return None
        for version in self.product.versions:
            if version.version_id == version_id:
                return version
        raise Broken(f"price version {version_id} is not in the catalog any more", version_id=version_id)

    def _order(self, order_id: str) -> OrderRow | None:
        if order_id == NONE:
            return None
        if order_id not in self._orders:
            self._orders |= orders_by_id(self.work.connection, [order_id])
        return self._orders[order_id]

    def _facts_of(self, order: OrderRow) -> DayFacts:
        if self._day_facts is None or order.order_id not in self._day_facts.states:
            self._day_facts = read_day_facts(self.work, [order])
        return self._day_facts

    def _keep(
        self, cause: Cause, position: Position, taken: Sequence[Charge], entered: Sequence[Charge], *, note: str
    ) -> None:
        """Keep one charge per slot of what changed. A slot that comes to nothing had nothing wrong with it."""
        for charge in _net([*taken, *entered]):
            place = (cause, position.cause_id, position.day, charge.component)
            self._used[place] = nth = self._used.get(place, 0) + 1
            mark = self.correction_id if nth == 1 else f"{self.correction_id}.{nth}"
            self.charges.append(
                replace(
                    charge, cause=cause, component=f"{charge.component}{MARK}{mark}",
                    note=f"{note}: {charge.note}" if charge.note else note,
                )
            )  # fmt: skip


def _net(charges: Iterable[Charge]) -> list[Charge]:
    """What the charges of one fact, in order, come to per slot: from its first reading to its last one."""
    found: dict[Slot, Charge] = {}
    for charge in charges:
        slot = slot_of(charge)
        one = found.get(slot)
        found[slot] = charge if one is None else replace(
            one, quantity=one.quantity + charge.quantity, amount=one.amount + charge.amount,
            list_amount=one.list_amount + charge.list_amount, reading_after=charge.reading_after,
            note=charge.note,
        )  # fmt: skip
    return [
        charge
        for charge in found.values()
        if charge.reading_after != charge.reading_before or charge.quantity or charge.amount or charge.list_amount
    ]


def _charged(ready: ReadyDay) -> DayCharged:
    return DayCharged(ready.day, ready.product, ready.version, ready.terms, ready.promotion)


def _unit_size(version: PriceVersion | None) -> Decimal:
    return unit_of(version.unit if version is not None else "").size


def still_standing(work: UnitOfWork, found: Sequence[Position]) -> list[Position]:
    """The positions of uses that are not withdrawn."""
    gone = withdrawn(work.connection, [p.cause_id for p in found])
    return [p for p in found if p.cause_id not in gone]
