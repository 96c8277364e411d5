"""What the days of a payer's orders should have been charged, day after day from the order's first one.

Day and account plans, and the day's share of a month or a year. Design: billing rules, modes 2 to 5.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.expected import ExpectedCharge, PriceOf, has_free, price_of
from billing_center.reconcile.known_then import price_for
from billing_center.reconcile.openings import opening_known
from billing_center.reconcile.plain_days import Span, active_days, active_spans, most_accounts, year_of_service
from billing_center.reconcile.plain_price import LeftOut, NotKnown
from billing_center.reconcile.raw_facts import Facts, MeterName, PayerFacts

NAMED_BY_ORDERS = {"accounts", "accountnum", "currentnum"}
"""Features that name an order's first number of accounts."""

Charged = Mapping[tuple[date, str], Any]
"""A charge's row by (day, order): it tells when the day was rated, and so what was known."""


def expected_days(
    facts: Facts, one: PayerFacts, order: Any, charged: Charged
) -> Iterator[ExpectedCharge | NotKnown]:
    """The charge of each day that has been decided and on which the order was active."""
    if any(version.document.get("in_advance") for version in facts.catalog.of_plan(order.product_id, order.plan)):
        yield LeftOut("orders charged in advance")
        return
    spans = active_spans(facts.changes.get(order.order_id, ()))
    last = min(order.rated_through, order.ended_day or order.rated_through)
    numbers = _numbers(facts, order)
    readings: dict[MeterName, Decimal] = defaultdict(Decimal)
    for day in active_days(spans, order.start_day, last, facts.zone):
        row = charged.get((day, order.order_id))
        known_at = row.rated_at if row is not None else datetime.max.replace(tzinfo=order.start_at.tzinfo)
        try:
            yield _Day(facts, one, order, day, known_at).charge(spans, numbers, readings)
        except LeftOut as left_out:
            yield LeftOut(f"order days by {left_out}", day)
        except NotKnown as unknown:
            yield NotKnown(str(unknown), day)


class _Day:
    """One active day of one order, with the terms that held when it was rated."""

    def __init__(self, facts: Facts, one: PayerFacts, order: Any, day: date, known_at: datetime) -> None:
        self.facts, self.one, self.order, self.day, self.known_at = facts, one, order, day, known_at
        catalog = facts.catalog
        self.product = catalog.product(order.product_id, known_at)
        self.promotion = catalog.promotion(order.promotion_id, known_at)
        self.version = catalog.version(order.product_id, order.plan, day, known_at)
        preferred = one.terms.currency(known_at)
        features = json.loads(order.features)
        self.price = price_for(self.version, preferred, self.product["currency"], features, None)

    def charge(
        self, spans: list[Span], numbers: list[tuple[datetime, Decimal]], readings: dict[MeterName, Decimal]
    ) -> ExpectedCharge:
        """The day's one charge; the meters go on."""
        order, component, currency = self.order, self.price["component"], self.price["currency"]
        count = Decimal(1)
        if order.plan == "account_day":
            count = most_accounts(self.day, spans, numbers, self.facts.zone)
        charge = ExpectedCharge(
            self.day, "day", order.order_id, component, order.order_id, order.product_id, NONE, currency,
            self.version.version_id, order.promotion_id if self.promotion is not None else NONE, count,
        )  # fmt: skip
        if self._free_by_product():
            charge.component = "allowance"
            return charge
        scope, days = self._scope()
        apart = component if self.promotion is None else f"{component}+{order.promotion_id}"
        name = (order.product_id, order.order_id, scope, self.version.version_id, apart)
        params = self.price["params"]
        full = price_of(params, days=days, currency=currency)
        listed = (*name[:4], f"{apart}:list")
        if has_free(self.promotion):
            charge.list_amount = _grow(readings, listed, count, full)[0]
            charge.listed_on = [(listed, count, full)]
        if self._free_by_promotion():
            charge.component = "promotion"
            return charge
        price = price_of(params, days=days, promotion=self.promotion, currency=currency)
        charge.amount, before = _grow(readings, name, count, price)
        charge.meter, charge.growth = name, count
        if self.promotion is None:
            charge.list_amount = charge.amount
        elif not has_free(self.promotion):
            charge.list_amount = full(before + count) - full(before)
        return charge

    def _scope(self) -> tuple[str, tuple[int | None, int | None]]:
        """What the meter counts over; over how many days a recurring price is spread, and in parts of how many."""
        in_30s = self.version.document.get("proration") == "months_of_30"
        if self.order.plan == "year":
            start, days = year_of_service(self.day, self.order.start_day)
            return start.isoformat(), (days, 360 if in_30s else None)
        start, _, whole_days = self.one.terms.billing_days.period(self.day)
        if self.order.plan != "month":
            return start.isoformat(), (None, None)
        return start.isoformat(), (whole_days, 30 if in_30s else None)

    def _free_by_product(self) -> bool:
        free = self.product["free_days"]
        if not free:
            return False
        opened = opening_known(self.facts, self.one, self.order.product_id, self.known_at)
        if opened is None:
            raise NotKnown("the first opening is not known, which free days begin with")
        return opened <= self.day < opened + timedelta(days=free)

    def _free_by_promotion(self) -> bool:
        free = self.promotion["free_days"] if self.promotion is not None else 0
        return bool(self.order.start_day <= self.day < self.order.start_day + timedelta(days=free))


def _grow(
    readings: dict[MeterName, Decimal], name: MeterName, count: Decimal, price: PriceOf
) -> tuple[Decimal, Decimal]:
    """(what the growth costs, the reading before)."""
    before = readings[name]
    readings[name] = before + count
    return price(before + count) - price(before), before


def _numbers(facts: Facts, order: Any) -> list[tuple[datetime, Decimal]]:
    """The numbers of accounts in order; where none is known at the order's start, the order may name one."""
    numbers = facts.accounts.get((order.payer_id, order.product_id), [])
    if order.plan != "account_day" or any(at <= order.start_at for at, _ in numbers):
        return numbers
    features = {name.casefold(): value for name, value in json.loads(order.features).items()}
    named = next((str(features[name]) for name in features if name in NAMED_BY_ORDERS), "")
    return [(order.start_at, Decimal(named)), *numbers] if named.isdecimal() else numbers
