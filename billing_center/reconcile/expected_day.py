"""What one day of an order should have been charged: free, or the growth of its price's meter.

Day and account plans, and the day's share of a month or a year. Design: billing rules, modes 2 to 5.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.expected import ExpectedCharge, PriceOf, fitted, has_free, meter_of, price_of
from billing_center.reconcile.known_then import Version, price_for
from billing_center.reconcile.openings import opening_known
from billing_center.reconcile.plain_days import year_of_service
from billing_center.reconcile.plain_price import NotKnown
from billing_center.reconcile.raw_facts import Facts, MeterName, PayerFacts
from billing_center.reconcile.standing import Standing

ALWAYS = datetime.max.replace(tzinfo=UTC)


class OrderDay:
    """One day of one order, with the terms that held when it was decided, or those of the day that paid for it."""

    def __init__(
        self, facts: Facts, one: PayerFacts, order: Any, day: date, standing: Standing | None, corrected: bool,
        like: "OrderDay | None" = None,
    ) -> None:  # fmt: skip
        self.facts, self.one, self.order, self.day, self.corrected = facts, one, order, day, corrected
        self.standing = standing
        self.known_at = self.first_at = ALWAYS
        if standing is not None:
            self.first_at = standing.first_at
            self.known_at = max(standing.last_at, standing.priced_at(one, order.product_id))
        catalog = facts.catalog
        self.product = catalog.product(order.product_id, self.known_at)
        self.promotion = catalog.promotion(order.promotion_id, self.known_at)
        self.count = Decimal(1)
        self.version: Version
        self.price: Any
        if like is not None:
            self.version, self.price = like.version, like.price
            return
        self.version = catalog.version(order.product_id, order.plan, day, self.known_at)
        preferred = one.terms.currency(self.first_at)
        self.price = price_for(self.version, preferred, self.product["currency"], order.features, None)

    def free_by(self) -> str:
        """What makes the day free, if anything."""
        if self._free_by_product():
            return "allowance"
        return "promotion" if self._free_by_promotion() else ""

    def meter(self) -> MeterName:
        """The meter of its price."""
        order = self.order
        return order.product_id, order.order_id, self.scope[0], self.version.version_id, fitted(self._apart())

    def charge(self, readings: dict[MeterName, Decimal], *, free: str | None = None) -> ExpectedCharge:
        """The day's charge of `count` days (account-days); the meters go on."""
        order, count, currency = self.order, self.count, self.price["currency"]
        free = self.free_by() if free is None else free
        charge = ExpectedCharge(
            self.day, "day", order.order_id, free or self.price["component"], order.order_id, order.product_id,
            NONE, currency, self.version.version_id,
            order.promotion_id if self.promotion is not None else NONE, count,
        )  # fmt: skip
        if free == "allowance":
            return charge
        name, days, params = self.meter(), self.scope[1], self.price["params"]
        full = price_of(params, days=days, currency=currency)
        if has_free(self.promotion):
            listed = (*name[:4], fitted(f"{self._apart()}:list"))
            grown = _grow(readings, listed, count, full)[0]
            charge.list_amount = None if self.corrected else grown
            charge.listed_on = [(listed, count, full)]
        if free:
            return charge
        self._grow_price(charge, name, readings, full)
        return charge

    def _grow_price(
        self, charge: ExpectedCharge, name: MeterName, readings: dict[MeterName, Decimal], full: PriceOf
    ) -> None:
        """From where the day stands on its meter, which its row tells."""
        count, days, params = self.count, self.scope[1], self.price["params"]
        price = price_of(params, days=days, promotion=self.promotion, currency=self.price["currency"])
        grown, before = _grow(readings, name, count, price)
        row = next(iter(self.standing.rows), None) if self.standing is not None else None
        if row is not None and row.cause == "day" and meter_of(row) == name and row.reading_before != before:
            before = row.reading_before
            grown = price(before + count) - price(before)
        charge.amount, charge.meter, charge.growth = grown, name, count
        if self.promotion is None:
            charge.list_amount = charge.amount
        elif not has_free(self.promotion):
            charge.list_amount = full(before + count) - full(before)

    def _apart(self) -> str:
        component: str = self.price["component"]
        return component if self.promotion is None else f"{component}+{self.order.promotion_id}"

    @cached_property
    def scope(self) -> tuple[str, tuple[int | None, int | None]]:
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
