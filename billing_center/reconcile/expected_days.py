"""What the days of a payer's orders should have been charged, day after day from the order's first one.

Also plans that are charged in advance, where a day depends on the days before it in its month or year.
Design: billing rules, modes 2 to 5; docs/prices.md.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.expected import ExpectedCharge
from billing_center.reconcile.expected_balances import paid_by_credits
from billing_center.reconcile.expected_day import OrderDay
from billing_center.reconcile.plain_days import (
    DAY,
    Span,
    active_days,
    active_spans,
    most_accounts,
    year_of_service,
)
from billing_center.reconcile.plain_price import NotKnown
from billing_center.reconcile.raw_facts import Facts, MeterName, PayerFacts
from billing_center.reconcile.standing import Standing, Standings

NAMED_BY_ORDERS = {"accounts", "accountnum", "currentnum"}
"""Features that name an order's first number of accounts."""


def expected_days(
    facts: Facts, one: PayerFacts, order: Any, standings: Standings, paid_until: dict[MeterName, Decimal]
) -> Iterator[tuple[date, list[ExpectedCharge] | NotKnown]]:
    """What should be left of each day that has been decided, by what the order's history says now.

    In the end `paid_until` tells how far each scope is charged in advance: a meter that no charge names.
    """
    spans = active_spans(facts.changes.get(order.order_id, ()))
    last = min(order.rated_through, order.ended_day or order.rated_through)
    walk = _Walk(facts, one, order, spans, standings)
    plan_in_advance = any(
        version.document.get("in_advance") for version in facts.catalog.of_plan(order.product_id, order.plan)
    )
    active = active_days(spans, order.start_day, last, facts.zone)
    days: Iterable[date] = active
    if plan_in_advance:
        days = (order.start_day + n * DAY for n in range((last - order.start_day).days + 1))
    was_active = set(active)
    for day in days:
        try:
            if plan_in_advance:
                yield day, walk.in_advance(day, active=day in was_active)
            else:
                yield day, walk.day(day)
        except NotKnown as unknown:
            yield day, unknown
    paid_until |= walk.paid_until()


class _Walk:
    """One order's days, one after the other: what was decided, and how far it is charged in advance."""

    def __init__(self, facts: Facts, one: PayerFacts, order: Any, spans: list[Span], standings: Standings) -> None:
        self.facts, self.one, self.order, self.spans, self.standings = facts, one, order, spans, standings
        self.numbers = numbers_of(facts, order)
        self.readings: dict[MeterName, Decimal] = defaultdict(Decimal)
        self.paid: dict[date, Decimal] = defaultdict(Decimal)  # days charged, by the first day of the scope
        self.paid_by: dict[date, list[OrderDay]] = defaultdict(list)
        self.corrected = order.order_id in standings.corrected_orders

    def day(self, day: date) -> list[ExpectedCharge]:
        """An active day: free, or the growth of its meter; and what granted money pays of it."""
        one_day = self._day(day)
        if self.order.plan == "account_day":
            one_day.count = most_accounts(day, self.spans, self.numbers, self.facts.zone)
        return self._with_credits(one_day, one_day.charge(self.readings))

    def in_advance(self, day: date, *, active: bool) -> list[ExpectedCharge]:
        """A day where its scope may be charged in advance.

        The first active day is charged with all days to come; a day that is not active gives itself back, the
        order's last one all that follows it. What is charged keeps its price to the end of the scope.
        """
        start, end = self._scope(day)
        before, is_last = Decimal((day - start).days), day == self.order.ended_day
        paid = self.paid[start]
        if paid > before:
            back = (paid - before if is_last else Decimal(1)) - active
            if is_last:
                self.paid[start] = before + active
            return self._given_back(day, start, back) if back else []
        if not active:
            return []
        one_day = self._day(day)
        if one_day.version.document.get("in_advance") and not one_day.free_by():
            one_day.count = Decimal(1) if is_last else (end - start).days - before
            self.paid[start] = before + one_day.count
            self.paid_by[start].append(one_day)
        return self._with_credits(one_day, one_day.charge(self.readings))

    def _given_back(self, day: date, start: date, back: Decimal) -> list[ExpectedCharge]:
        """Days given back by the price that charged them."""
        counted = [paid for paid in self.paid_by[start] if self.readings[paid.meter()] > 0]
        if not counted:
            raise NotKnown("days are paid in advance and no meter has counted them")
        first = min(counted, key=lambda paid: (paid.version.valid_from, paid.price["component"]))
        one_day = self._day(day, like=first)
        one_day.count = -back
        return self._with_credits(one_day, one_day.charge(self.readings, free=""))

    def _day(self, day: date, *, like: "OrderDay | None" = None) -> "OrderDay":
        return OrderDay(self.facts, self.one, self.order, day, self._standing(day), self.corrected, like)

    def _standing(self, day: date) -> Standing | None:
        return self.standings.found.get(("day", self.order.order_id, day))

    def _with_credits(self, one_day: "OrderDay", charge: ExpectedCharge) -> list[ExpectedCharge]:
        standing = self._standing(one_day.day)
        if standing is not None and standing.corrected:
            return [charge]
        charged = standing.charged() if standing is not None else {}
        return [charge, *paid_by_credits(self.one, [charge], charged, one_day.known_at)]

    def _scope(self, day: date) -> tuple[date, date]:
        if self.order.plan == "year":
            start, days = year_of_service(day, self.order.start_day)
            return start, start + days * DAY
        start, end, _ = self.one.terms.billing_days.period(day)
        return start, end

    def paid_until(self) -> dict[MeterName, Decimal]:
        """The days of each scope, from its first one, that are charged in advance."""
        order = self.order
        return {
            (order.product_id, order.order_id, start.isoformat(), NONE, "paid-until"): paid
            for start, paid in self.paid.items()
            if paid
        }


def numbers_of(facts: Facts, order: Any) -> list[tuple[datetime, Decimal]]:
    """The numbers of accounts in order; where none is known at the order's start, the order may name one."""
    numbers = facts.accounts.get((order.payer_id, order.product_id), [])
    if order.plan != "account_day" or any(at <= order.start_at for at, _ in numbers):
        return numbers
    features = {name.casefold(): value for name, value in json.loads(order.features).items()}
    named = next((str(features[name]) for name in features if name in NAMED_BY_ORDERS), "")
    return [(order.start_at, Decimal(named)), *numbers] if named.isdecimal() else numbers
