"""A shop: a loaded catalog, uses and orders through the real use cases, and what everything comes to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.invoice.issue_invoices import issue_invoices
from billing_center.invoice.number_invoices import number_invoices
from billing_center.order.accept_order import InstallOrder, accept_order
from billing_center.order.rate_days import rate_days
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from schema.tables.charges import charge, meter, running_sum

SHANGHAI = ZoneInfo("Asia/Shanghai")
CATALOG = """
products:
  - id: tiered
    name: graduated
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices:
            - currency: CNY
              model: graduated
              tiers: [{up_to: "10", price: "1.00"}, {up_to: "20", price: "0.333333"}, {price: "0.10"}]
  - id: volume
    name: volume
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices:
            - {currency: CNY, model: volume, tiers: [{up_to: "10", price: "1.00"}, {price: "0.50"}]}
  - id: coupon
    name: free at first
    currency: CNY
    unit: count
    free: {uses: 7}
    plans:
      per_use:
        - valid_from: 2026-01-01
          price: {CNY: "1.50"}
  - id: room
    name: bands
    currency: CNY
    unit: hour
    free: {uses: 3}
    plans:
      per_use:
        - valid_from: 2026-01-01
          meter_per: order
          bands:
            - {name: night, start: "22:00", end: "06:00"}
          prices:
            - {currency: CNY, price: "3.00"}
            - {currency: CNY, band: night, price: "1.00"}
      day:
        - valid_from: 2026-01-01
          price: {CNY: "9.00"}
  - id: desk
    name: by day
    currency: CNY
    plans:
      day:
        - valid_from: 2026-01-01
          price: {CNY: "2.00"}
      month:
        - valid_from: 2026-01-01
          price: {CNY: "31.00"}
      account_day:
        - valid_from: 2026-01-01
          price: {CNY: "1.00"}
  - id: bundle
    name: included and carried over
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2026-01-01
          included: {units: "6", carry_over: 1}
          prices:
            - currency: CNY
              model: graduated
              tiers: [{up_to: "10", price: "1.00"}, {price: "0.50"}]
  - id: early
    name: in advance
    currency: CNY
    plans:
      month:
        - {valid_from: 2026-01-01, in_advance: true, price: {CNY: "31.00"}}
promotions:
  - {id: half, name: half off, percent_off: "50"}
  - {id: five, name: five free, free_uses: "5"}
"""


def at(day: int, hour: int = 12, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@dataclass
class Shop:
    center: Center
    clock: SettableClock

    def load(self, text: str) -> None:
        self.center.transact("test", lambda work: load_catalog(work, text, "test.yaml"))

    def use(self, guid: str, product: str, quantity: str, when: datetime, **more: Any) -> None:
        values: dict[str, Any] = {
            "caller": "door", "guid": guid, "user_id": "user", "user_name": "", "payer_id": "boss",
            "product_id": product, "product_name": "", "started_at": when,
            "ended_at": when + timedelta(hours=1), "amount": None, "quantity": Decimal(quantity), "unit": "",
        }  # fmt: skip
        command = RecordUsage(**values | more)
        assert self.center.transact("test", lambda work: record_usages(work, [command])) == [None]

    def rate(self, limit: int = 100) -> None:
        def one(work: Any) -> int:
            return rate_usage(work, first_shard=0, last_shard=255, limit=limit, run_id="t")

        while self.center.transact("test", one):
            pass

    def order(self, order_id: str, product: str, kind: str = "日", day: int = 1, **more: Any) -> None:
        values: dict[str, Any] = {
            "order_id": order_id, "order_code": order_id, "cust_id": "user", "payer_id": "boss",
            "product_id": product, "billing_type": kind, "state": "ACTIVE", "promotion_id": "",
            "start_at": at(day, 0), "features": {}, "is_quota": False, "installed_by": "test",
        }  # fmt: skip
        command = InstallOrder(**values | more)
        self.center.transact("test", lambda work: accept_order(work, command))

    def days(self, through: date) -> None:
        self.center.transact(
            "test",
            lambda w: rate_days(
                w, first_shard=0, last_shard=255, through=through, after_order="", limit=100, run_id="t"
            ),
        )

    def issue(self, on: date) -> None:
        self.center.transact(
            "test",
            lambda w: issue_invoices(
                w, first_shard=0, last_shard=255, on=on, after_payer="", limit=100, run_id="t"
            ),
        )
        while self.center.transact("test", lambda w: number_invoices(w, run_id="t", limit=100)):
            pass

    def sums(self) -> dict[tuple[str, ...], tuple[Decimal, ...]]:
        """Every running sum that is not nothing."""
        c = running_sum.c
        with self.center.reading() as work:
            rows = work.connection.execute(select(running_sum)).all()
        del c
        found = {
            (r.payer_id, str(r.period_start), r.order_id, r.product_id, r.currency): (
                r.quantity, r.amount, r.list_amount,
            )
            for r in rows
        }  # fmt: skip
        return {key: value for key, value in found.items() if any(value)}

    def meters(self) -> dict[tuple[str, ...], Decimal]:
        with self.center.reading() as work:
            rows = work.connection.execute(select(meter)).all()
        return {
            (r.payer_id, r.product_id, r.order_id, r.scope, r.version_id, r.component): r.reading
            for r in rows
            if r.reading
        }

    def charged(self) -> dict[str, Decimal]:
        """What all charges come to, by currency; the sums must say the same."""
        c = charge.c
        with self.center.reading() as work:
            rows = work.connection.execute(select(c.currency, func.sum(c.amount)).group_by(c.currency)).all()
        found = {row[0]: Decimal(row[1]) for row in rows}
        by_sum: dict[str, Decimal] = {}
        for key, value in self.sums().items():
            by_sum[key[-1]] = by_sum.get(key[-1], Decimal(0)) + value[1]
        assert {k: v for k, v in found.items() if v} == {k: v for k, v in by_sum.items() if v}
        return found

    def count(self, table: Any) -> int:
        with self.center.reading() as work:
            return int(work.connection.execute(select(func.count()).select_from(table)).scalar_one())

    def tick(self) -> None:
        """Let a minute pass: what is rated later is known to be later."""
        self.clock.at += timedelta(minutes=1)

    def act(self, step: Callable[[Any], Any]) -> Any:
        return self.center.transact("operator", step)


@pytest.fixture
def shop(center: Center, clock: SettableClock) -> Shop:
    clock.at = at(20)
    made = Shop(center, clock)
    made.load(CATALOG)
    return made


@pytest.fixture(name="at")
def at_fixture() -> Callable[..., datetime]:
    """`at(day, hour)`: a moment of March 2026 in Shanghai."""
    return at
