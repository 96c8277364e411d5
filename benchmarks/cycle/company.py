"""A company of any size, written straight into the tables: payers, orders, their histories, and a month of sums.

Where it stands: what `benchmarks.cycle.compare` runs the cycle over. Everything follows from the number of a payer
or order, so two databases of one size hold the same facts. Rows stream in portions; memory does not grow.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table

from billing_center.bulk import insert_rows
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.ids import shard_of
from schema.tables.charges import running_sum
from schema.tables.orders import first_opening, order_state_change, payer, service_order

CATALOG = """
products:
  - {id: p0, name: mail, currency: CNY, plans: {day: [{valid_from: 2020-01-01, price: {CNY: 1.25}}]}}
  - {id: p1, name: drive, currency: CNY, plans: {day: [{valid_from: 2020-01-01, price: {CNY: 0.333333}}]}}
  - {id: p2, name: site, currency: CNY, plans: {day: [{valid_from: 2020-01-01, price: {CNY: 7.00}}]}}
  - {id: p3, name: desk, currency: CNY, plans: {month: [{valid_from: 2020-01-01, price: {CNY: 100.00}}]}}
  - {id: p4, name: shop, currency: CNY, plans: {month: [{valid_from: 2020-01-01, price: {CNY: 19.90}}]}}
  - {id: p5, name: legal, currency: CNY, plans: {year: [{valid_from: 2020-01-01, price: {CNY: 365.00}}]}}
  - {id: p6, name: crm, currency: CNY, plans: {account_day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]}}
  - {id: p7, name: chat, currency: CNY, plans: {day: [{valid_from: 2020-01-01, price: {CNY: 3.10}}]}}
  - {id: p8, name: wiki, currency: CNY, plans: {day: [{valid_from: 2020-01-01, price: {CNY: 0.99}}]}}
  - id: p9
    name: disk
    currency: CNY
    plans:
      day:
        - valid_from: 2020-01-01
          prices:
            - {currency: CNY, model: graduated, tiers: [{up_to: 10, price: 5.00}, {price: 4.00}]}
"""
PLANS = ["day", "day", "day", "month", "month", "year", "account_day", "day", "day", "day"]
ZONE = ZoneInfo("Asia/Shanghai")
STARTED = date(2026, 1, 10)
PORTION = 20_000
MONTH = date(2026, 2, 1), date(2026, 3, 1)


def make_company(center: Center, *, payers: int, orders_each: int, lines: int, rated_through: date) -> None:
    """The catalog, and payers with `orders_each` active orders and `lines` unbilled sums of February each."""
    center.transact("bench", lambda work: load_catalog(work, CATALOG, "bench.yaml"))
    at = center.clock.now()
    _stream(center, payer, (_payer(n, at) for n in range(payers)))
    _stream(center, service_order, (_order(n, k, at, rated_through) for n, k in _pairs(payers, orders_each)))
    _stream(center, order_state_change, (_opened(n, k) for n, k in _pairs(payers, orders_each)))
    _stream(center, first_opening, (_first(n, k) for n, k in _pairs(payers, min(orders_each, len(PLANS)))))
    _stream(center, running_sum, (_sum(n, k) for n, k in _pairs(payers, lines)))


def _pairs(payers: int, each: int) -> Iterator[tuple[int, int]]:
    return ((n, k) for n in range(payers) for k in range(each))


def _stream(center: Center, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    while portion := list(islice(rows, PORTION)):
        center.database.transact(_insert(table, portion))


def _insert(table: Table, rows: list[dict[str, Any]]) -> Callable[[Connection], None]:
    return lambda connection: insert_rows(connection, table, rows)


def payer_id(n: int) -> str:
    """The id of the n-th payer."""
    return f"m{n:08d}"


def order_id(n: int, k: int) -> str:
    """The id of the k-th order of the n-th payer."""
    return f"o{n:08d}-{k}"


_START_AT = datetime(STARTED.year, STARTED.month, STARTED.day, 9, tzinfo=ZONE)


def _payer(n: int, at: datetime) -> dict[str, Any]:
    return {
        "payer_id": payer_id(n), "shard": shard_of(payer_id(n)), "name": f"company {n}", "cust_id": f"c{n}",
        "currency": "CNY", "billing_day": 1, "grace_days": None, "closed_until": MONTH[0], "created_at": at,
    }  # fmt: skip


def _order(n: int, k: int, at: datetime, rated_through: date) -> dict[str, Any]:
    kind = k % len(PLANS)
    quota = PLANS[kind] == "account_day"
    return {
        "order_id": order_id(n, k), "order_code": f"code{n}", "cust_id": f"c{n}", "payer_id": payer_id(n),
        "shard": shard_of(payer_id(n)), "product_id": f"p{kind}", "plan": PLANS[kind], "promotion_id": "-",
        "promotion_note": "", "start_at": _START_AT, "start_day": STARTED,
        "features": f'{{"accounts": "{n % 9 + 1}"}}' if quota else "{}", "is_quota": quota, "state": "ACTIVE",
        "stopped_for": "-", "change_count": 1, "facts_hash": "x" * 64, "installed_at": at,
        "installed_by": "bench", "rated_through": rated_through, "ended_day": None,
    }  # fmt: skip


def _opened(n: int, k: int) -> dict[str, Any]:
    return {
        "order_id": order_id(n, k), "seq": 0, "payer_id": payer_id(n), "shard": shard_of(payer_id(n)),
        "at": _START_AT, "from_state": "-", "to_state": "ACTIVE", "actor": "bench", "reason": "installed",
    }  # fmt: skip


def _first(n: int, k: int) -> dict[str, Any]:
    return {"payer_id": payer_id(n), "product_id": f"p{k}", "shard": shard_of(payer_id(n)), "day": STARTED}


def _sum(n: int, k: int) -> dict[str, Any]:
    amount = Decimal(1_000_000 + n * 37 + k * 1_234_567).scaleb(-6)
    return {
        "payer_id": payer_id(n), "period_start": MONTH[0], "order_id": "-" if k >= 10 else order_id(n, k),
        "product_id": f"p{k % len(PLANS)}", "currency": "CNY", "period_end": MONTH[1],
        "shard": shard_of(payer_id(n)), "quantity": Decimal(28), "amount": amount, "list_amount": amount,
        "charges": 28, "invoice_id": "",
    }  # fmt: skip
