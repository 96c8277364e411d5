"""Order-days that pose the same question are answered once: the fast way of rating a day of many orders.

Where it stands in the walk: inside `rate_days`, for the orders that `rate_crowd` leaves: on Oracle all of them,
elsewhere those that catch up or have a history on the day. What a day costs depends on its product, plan, period,
accounts and the like, and on the readings of the order's own meters, never on whose it is. So the pure rules of
`rating.rate_day` answer for the first order that asks, and the same charges are made out to every other one that
asks the same. What depends on more (granted balances of the payer) goes the plain way, order by order.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billing_center.center import UnitOfWork
from billing_center.ids import NONE
from billing_center.order.ready_day import DayFacts, ReadyDay, accounts_of, charges_in_advance, ready_day
from billing_center.order.state import OrderState
from billing_center.order.store import OrderRow
from billing_center.rating.active_days import largest_accounts, was_active
from billing_center.rating.facts import Charge, MeterKey, Meters, PlanKind
from billing_center.rating.price_version import Product
from billing_center.rating.quick import quick

_ZERO = Decimal(0)
_key = quick(MeterKey)
_charge = quick(Charge)


@dataclass(frozen=True, slots=True)
class Answer:
    """The charges of a day for certain readings, each with its meter's place, and what the meters read then."""

    charges: tuple[tuple[Charge, int | None], ...]
    grown: tuple[tuple[int, Decimal], ...]


@dataclass(slots=True)
class Question:
    """What the order-days of one kind have in common: the first of them, and the answers found so far."""

    first: ReadyDay
    answers: dict[tuple[Decimal, ...], Answer] = field(default_factory=dict)

    def asked_by(self, payer_id: str, order_id: str) -> "AlikeDay":
        """The same question for another order."""
        keys = tuple(
            _key(payer_id, k.product_id, order_id, k.scope, k.version_id, k.component) for k in self.first.keys
        )
        return AlikeDay(self, payer_id, order_id, keys)

    def answer(self, readings: tuple[Decimal, ...]) -> Answer:
        """The rules' answer for these readings. Raises: as `rate_day`."""
        found = self.answers.get(readings)
        if found is None:
            found = self.answers[readings] = self._worked_out(readings)
        return found

    def _worked_out(self, readings: tuple[Decimal, ...]) -> Answer:
        keys = self.first.keys
        meters = Meters(dict(zip(keys, readings, strict=True)))
        charges = self.first.rate(meters)
        places = {key: place for place, key in enumerate(keys)}
        return Answer(
            tuple((charge, None if charge.meter is None else places[charge.meter]) for charge in charges),
            tuple((place, meters.readings[key]) for place, key in enumerate(keys) if key in meters.touched),
        )


@dataclass(slots=True)
class AlikeDay:
    """An order's day that asks what others ask."""

    question: Question
    payer_id: str
    order_id: str
    keys: tuple[MeterKey, ...]

    def rate(self, meters: Meters) -> list[Charge]:
        """The day's charges; its meters grow with it. Raises: as `rate_day`."""
        keys, of = self.keys, meters.readings
        answer = self.question.answer(tuple([of[key] for key in keys]))
        for place, reading in answer.grown:
            key = keys[place]
            of[key] = reading
            meters.touched.add(key)
        return [self._made_out(charge, place) for charge, place in answer.charges]

    def _made_out(self, c: Charge, place: int | None) -> Charge:
        order_id = self.order_id
        return _charge(
            c.day, self.payer_id, c.cause, order_id, c.component, order_id, c.product_id, c.user_id, c.currency,
            c.quantity, c.amount, c.list_amount, None if place is None else self.keys[place], c.reading_before,
            c.reading_after, c.version_id, c.promotion_id, c.note,
        )  # fmt: skip


@dataclass(slots=True)
class AlikeDays:
    """The order-days of a batch: each as a question that was met before, or with all that its price depends on."""

    work: UnitOfWork
    facts: DayFacts
    _questions: dict[Hashable, Question] = field(default_factory=dict)

    def ready(self, order: OrderRow, day: date) -> ReadyDay | AlikeDay | None:
        """As `ready_day`: None for a day that has nothing to rate. Raises: as `ready_day`."""
        facts = self.facts
        listed = self.work.catalog.products.get(order.product_id)
        if listed is None or order.payer_id in facts.grants:
            return ready_day(self.work, order, day, facts)
        states = facts.states[order.order_id]
        if order.change_count == 1:
            active = order.state is OrderState.ACTIVE and order.start_day <= day
        else:
            active = was_active(day, states, self.work.zone)
        if not active and not charges_in_advance(listed.product):
            return None
        asked = self._asked(order, day, listed.product, active)
        question = self._questions.get(asked)
        if question is None:
            found = ready_day(self.work, order, day, facts)
            if found is not None and is_own(found):
                self._questions[asked] = Question(found)
            return found
        return question.asked_by(order.payer_id, order.order_id)

    def _asked(self, order: OrderRow, day: date, product: Product, active: bool) -> Hashable:
        """All that `ready_day` and `rate_day` look at, but for whose the order is and what its meters read."""
        facts = self.facts
        key = (order.payer_id, order.product_id)
        schedule = facts.schedules[order.payer_id]
        accounts = _ZERO
        if order.plan is PlanKind.ACCOUNT_DAY:
            numbers = accounts_of(order, facts.accounts.get(key, []))
            accounts = largest_accounts(day, facts.states[order.order_id], numbers, self.work.zone)
        anchored = order.plan is PlanKind.YEAR or order.promotion_id != NONE
        return (
            day,
            order.product_id,
            order.plan,
            facts.payers[order.payer_id].currency,
            schedule.period_of(day) if schedule.changes else schedule.first,
            id(order.features),  # orders of one batch share them
            order.promotion_id,
            active,
            accounts,
            order.ended_day == day,
            order.start_day if anchored else None,
            facts.openings.get(key) if product.allowance.days else None,
        )


def is_own(ready: ReadyDay) -> bool:
    """Whether its meters are the order's own, so that the answer can be made out to another order."""
    own = (ready.day.payer_id, ready.day.order_id)
    return not ready.terms.grants and all((key.payer_id, key.order_id) == own for key in ready.keys)
