"""The desk of one payer's product: facts are taken back, rated anew, and the difference is booked.

Every correction that moves money comes through here. The payer's row is locked, its meters of the product are
read once, and what is booked in the end goes through `charge.book` as any charge does: into the period of its
own day while that is open, else into the payer's open period.
Design: billing rules, "Days, periods, late facts"; field problems 17 and 25.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from billing_center.allowance.store import grants_by
from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.correction.position import MARK, ZERO, Net, Position, Slot, slot_of
from billing_center.correction.report import Difference, differences_of
from billing_center.correction.store import (
    meters_of,
    positions_of_days,
)
from billing_center.correction.take_back import (
    DayCharged,
    take_back_day,
)
from billing_center.correction.take_back_scope import take_back_scope
from billing_center.errors import Broken, ResultCode, Unknown
from billing_center.ids import NONE
from billing_center.order.commitment import OrderPeriod, Place, is_committed
from billing_center.order.ready_day import DayFacts, ReadyDay, read_day_facts, ready_day
from billing_center.order.store import OrderRow, first_openings, orders_by_id
from billing_center.order.true_up import true_up_again
from billing_center.payer.store import locked_payers, schedules_of
from billing_center.period import ONE_DAY, Period, days_of, service_year
from billing_center.rating.facts import Cause, Charge, Grant, MeterKey, OrderDay, PeriodOfDay, PlanKind, Terms
from billing_center.rating.grants import GRANT, grant_key, take_credits
from billing_center.rating.price_version import PriceVersion, Product


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
        self.grants = grants_by(work.connection, payer_id, work.at)
        self.charges: list[Charge] = []
        self._orders: dict[str, OrderRow] = {}
        self._day_facts: DayFacts | None = None
        self._decided: set[tuple[str, date]] = set()
        self._touched: set[tuple[str, date]] = set()
        self._used: dict[tuple[Cause, str, date, str], int] = {}

    def rerate_days(self, order: OrderRow, days: Sequence[date], *, by_their_prices: bool = False) -> None:
        """Charge the order's days as its history and the versions in force for them say now.

        `by_their_prices`: a day that was charged keeps the version that it was charged by. A day that was
        decided at this desk before is decided.
        Days that were not active are taken back. Under a plan that is charged in advance a day's charge depends
        on the days before it: every billing period or service year that holds one of the days is decided whole.
        """
        days = [day for day in days if (order.order_id, day) not in self._decided]
        self._decided |= {(order.order_id, day) for day in days}
        if not days:
            return
        if any(version.in_advance and version.plan is order.plan for version in self.product.versions):
            for scope in sorted({self._scope(order, day) for day in days}):
                self._rerate_scope(order, scope)
                self._decided |= {(order.order_id, day) for day in days_of(scope.start, scope.end)}
            return
        found = self._positions(order, min(days), max(days))
        for day in days:
            self._rerate_day(order, day, found.get(day), by_their_prices=by_their_prices)

    def _rerate_day(self, order: OrderRow, day: date, position: Position | None, *, by_their_prices: bool) -> None:
        ready = ready_day(self.work, order, day, self._facts_of(order))
        taken: list[Charge] = []
        if position is not None and position.live:
            taken = take_back_day(position, self._day_as_charged(position, order), self.meters)
            taken += self._credits_back(position)
            if ready is not None:
                version = self.version(position.terms[0]) if by_their_prices else None
                terms = replace(ready.terms, currency=position.terms[1])
                ready = replace(ready, terms=terms, version=version or ready.version)
        entered = [] if ready is None else self._rated(ready)
        self._keep_day(order, day, taken, entered)

    def _rerate_scope(self, order: OrderRow, scope: Period) -> None:
        found = self._positions(order, scope.start, scope.end - ONE_DAY)
        currencies = [slot.currency for position in found.values() for slot in position.live]
        taken = take_back_scope(
            list(found.values()), self.meters, order_id=order.order_id, scope_start=scope.start
        )
        for day, position in found.items():
            taken[day] += self._credits_back(position)
        last = min(scope.end - ONE_DAY, order.rated_through, order.ended_day or date.max)
        entered: dict[date, list[Charge]] = {}
        for day in days_of(max(scope.start, order.start_day), max(last + ONE_DAY, order.start_day)):
            ready = ready_day(self.work, order, day, self._facts_of(order))
            if ready is not None and currencies:
                ready = replace(ready, terms=replace(ready.terms, currency=currencies[0]))
            entered[day] = [] if ready is None else self._rated(ready)
        for day in sorted(taken.keys() | entered.keys()):
            self._keep_day(order, day, taken.get(day, []), entered.get(day, []))

    def _rated(self, ready: ReadyDay) -> list[Charge]:
        made = DayCharged(ready.day, ready.product, ready.version, ready.terms, ready.promotion).rate(self.meters)
        return made + take_credits(made, ready.terms.grants, self.meters)

    def _positions(self, order: OrderRow, first: date, last: date) -> dict[date, Position]:
        ids = (order.payer_id, order.product_id)
        found = positions_of_days(self.work.connection, *ids, (first, last), order.order_id)
        return {position.day: position for position in found}

    def _scope(self, order: OrderRow, day: date) -> Period:
        return service_year(day, order.start_day) if order.plan is PlanKind.YEAR else self.schedule.period_of(day)

    def _keep_day(self, order: OrderRow, day: date, taken: Sequence[Charge], entered: Sequence[Charge]) -> None:
        note = "re-rated" if entered else "taken back"
        self.keep(Cause.RERATE_DAY, order.order_id, day, taken, entered, note=note)

    def book(self) -> tuple[Difference, ...]:
        """Write charges, meters and sums, and true closed periods up again; what it comes to, by running sum."""
        payer_id = self.payer.payer_id
        run_id = f"correct:{self.correction_id}"
        book(
            self.work,
            self.charges,
            self.meters,
            payers={payer_id: self.payer},
            schedules={payer_id: self.schedule},
            run_id=run_id,
        )
        made = true_up_again(self.work, self.payer, self._closed_periods(), run_id=run_id)
        return differences_of([*self.charges, *made], self.payer, self.schedule)

    def touch(self, order: OrderRow, days: Iterable[date]) -> None:
        """What these days of the order owe may be another now, whatever was booked for them."""
        self._touched |= {(order.order_id, day) for day in days}

    def _closed_periods(self) -> list[OrderPeriod]:
        """The closed periods of orders with a commitment that what is booked here belongs to."""
        days = self._touched | {(charge.order_id, charge.day) for charge in self.charges}
        orders = orders_by_id(self.work.connection, {order_id for order_id, _ in days} - {NONE})
        found: dict[Place, OrderPeriod] = {}
        for order_id, day in days:
            order = orders.get(order_id)
            if order is not None and is_committed(self.work, order):
                one = OrderPeriod(order, self.schedule.period_of(day))
                if one.period.end <= self.payer.closed_until:
                    found[one.place] = one
        return list(found.values())

    def _credits_back(self, position: Position) -> list[Charge]:
        """What granted money had paid goes back to the grants."""
        return [
            self.credit(position, slot, Net(amount=-net.amount, growth=-net.growth))
            for slot, net in position.credits.items()
            if net.growth
        ]

    def credit(self, position: Position, slot: Slot, net: Net) -> Charge:
        """What granted money pays more of a fact, or gets back; the grant's meter moves."""
        grant, key = self.grant_of(slot)
        before, after = self.meters.advance(key, net.growth)
        return Charge(
            day=position.day, payer_id=position.payer_id, cause=Cause.USE, cause_id=position.cause_id,
            component=slot.component, order_id=position.order_id, product_id=position.product_id,
            user_id=position.user_id, currency=slot.currency, quantity=ZERO, amount=net.amount, list_amount=ZERO,
            meter=key, reading_before=before, reading_after=after, version_id=slot.version_id,
            promotion_id=slot.promotion_id, note=f"credit {grant.grant_id}",
        )  # fmt: skip

    def grant_of(self, slot: Slot) -> tuple[Grant, MeterKey]:
        """The grant that a slot was paid from, and its meter. Raises: Broken when there is none."""
        for row in self.grants:
            if slot.component == f"{GRANT}{row.grant.grant_id}":
                return row.grant, grant_key(self.payer.payer_id, row.grant)
        raise Broken(f"no grant is known for {slot.component}")

    def opening(self) -> date | None:
        """The payer's first opening of the product, as it is kept now."""
        key = (self.payer.payer_id, self.product.product_id)
        return first_openings(self.work.connection, [key]).get(key)

    def _day_as_charged(self, position: Position, order: OrderRow) -> DayCharged:
        version_id, currency, promotion_id = position.terms
        version = self.version(version_id)
        if version is None:
            raise Broken("a day was charged without a price version", order_id=order.order_id)
        period = self.schedule.period_of(position.day)
        terms = Terms(currency, PeriodOfDay(period.start, period.whole_days, period.end), order.features)
        day = OrderDay(
            order_id=order.order_id, payer_id=order.payer_id, product_id=order.product_id, plan=order.plan,
            day=position.day, order_start=order.start_day,
        )  # fmt: skip
        return DayCharged(day, self.product, version, terms, self.work.catalog.promotions.get(promotion_id))

    def version(self, version_id: str) -> PriceVersion | None:
        """The price version; None for none. Raises: Broken when the catalog does not hold it any more."""
        if version_id == NONE:
            return None
        for version in self.product.versions:
            if version.version_id == version_id:
                return version
        raise Broken(f"price version {version_id} is not in the catalog any more", version_id=version_id)

    def order(self, order_id: str) -> OrderRow | None:
        """The order; None where a use falls under none."""
        if order_id == NONE:
            return None
        if order_id not in self._orders:
            self._orders |= orders_by_id(self.work.connection, [order_id])
        return self._orders[order_id]

    def forget_facts(self) -> None:
        """What order days depend on has changed: read it again."""
        self._day_facts = None

    def _facts_of(self, order: OrderRow) -> DayFacts:
        if self._day_facts is None or order.order_id not in self._day_facts.states:
            self._day_facts = read_day_facts(self.work, [order])
        return self._day_facts

    def keep(
        self,
        cause: Cause,
        cause_id: str,
        day: date,
        taken: Sequence[Charge],
        entered: Sequence[Charge],
        *,
        note: str,
        moved: bool = False,
    ) -> None:
        """Keep one charge per slot of what changed. A slot that comes to nothing had nothing wrong with it.

        When nothing changed but the version that a use stands under, one charge of nothing says so.
        """
        made = _net([*taken, *entered])
        if moved and not made:
            made = list(entered[:1])
        for charge in made:
            place = (cause, cause_id, day, charge.component)
            self._used[place] = nth = self._used.get(place, 0) + 1
            mark = self.correction_id if nth == 1 else f"{self.correction_id}.{nth}"
            self.charges.append(
                replace(
                    charge, cause=cause, component=f"{charge.component}{MARK}{mark}",
                    note=f"{note}: {charge.note}" if charge.note else note,
                )
            )  # fmt: skip


def _net(charges: Iterable[Charge]) -> list[Charge]:
    """What the charges of one fact, in order, come to per slot: from its first reading to its last one.

    Where the readings do not follow each other, each charge is told by itself; what comes to nothing is not.
    """
    found: dict[Slot, list[Charge]] = {}
    for charge in charges:
        found.setdefault(slot_of(charge), []).append(charge)
    net: list[Charge] = []
    for of_slot in found.values():
        first, last = of_slot[0], of_slot[-1]
        growth = sum((c.reading_after - c.reading_before for c in of_slot), ZERO)
        whole = replace(
            last, quantity=sum((c.quantity for c in of_slot), ZERO), amount=sum((c.amount for c in of_slot), ZERO),
            list_amount=sum((c.list_amount for c in of_slot), ZERO), reading_before=first.reading_before,
        )  # fmt: skip
        if not (growth or whole.quantity or whole.amount or whole.list_amount):
            continue
        follow = all(one.reading_after == other.reading_before for one, other in pairwise(of_slot))
        net += [whole] if follow else of_slot
    return net
