"""A company put into a database: catalog, payers, orders and their first states, as the doors would leave them.

Rows go in by the bulk interface, in portions, so memory does not grow; uses go in through the use case.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Table

from benchmarks.company.company import CATALOG, Company
from benchmarks.company.facts import OrderFact, UseFact
from billing_center.bulk import insert_rows
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.ids import shard_of
from billing_center.usage.reported_uses import RecordUsage
from schema.tables.orders import account_change, first_opening, order_state_change, payer, service_order

PORTION = 20_000
_PLANS = {"次": "per_use", "日": "day", "月": "month", "年": "year"}


def fill(center: Center, company: Company) -> None:
    """The catalog and all that stands before the company's first day, its first account numbers included."""
    center.transact("bench", lambda work: load_catalog(work, CATALOG, "company.yaml"))
    at = company.first_day
    _stream(center, payer, (_payer(center, company, n) for n in range(company.payers)))
    _stream(center, service_order, (_order(center, order) for order in company.orders()))
    _stream(center, order_state_change, map(_opened, company.orders()))
    _stream(center, first_opening, _first_openings(company))
    _stream(center, account_change, _accounts(company, at))


def command_of(use: UseFact) -> RecordUsage:
    """The use as the door hands it to the use case: its instants in UTC."""
    return RecordUsage(
        caller="bench", guid=use.guid, user_id=use.user_id, user_name="", payer_id=use.payer_id,
        product_id=use.product_id, product_name="", started_at=use.started_at.astimezone(UTC),
        ended_at=use.ended_at.astimezone(UTC), amount=None, quantity=use.quantity, unit=use.unit,
    )  # fmt: skip


def _stream(center: Center, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    left = iter(rows)
    while portion := list(islice(left, PORTION)):
        with center.database.write() as connection:
            insert_rows(connection, table, portion)


def _payer(center: Center, company: Company, number: int) -> dict[str, Any]:
    fact = company.payer(number)
    return {
        "payer_id": fact.payer_id, "shard": shard_of(fact.payer_id), "name": "", "cust_id": f"cust-{number:08d}",
        "currency": fact.currency, "billing_day": fact.billing_day, "grace_days": None,
        "closed_until": date(1970, 1, 1), "created_at": center.clock.now(),
    }  # fmt: skip


def _order(center: Center, order: OrderFact) -> dict[str, Any]:
    return {
        "order_id": order.order_id, "order_code": order.order_id, "cust_id": order.cust_id,
        "payer_id": order.payer_id, "shard": shard_of(order.payer_id), "product_id": order.product_id,
        "plan": "account_day" if order.is_quota else _PLANS[order.billing_type], "promotion_id": "-",
        "promotion_note": "", "start_at": order.start_at, "start_day": order.start_day, "features": "{}",
        "is_quota": order.is_quota, "state": "ACTIVE", "stopped_for": "-", "change_count": 1, "facts_hash": "-",
        "installed_at": center.clock.now(), "installed_by": "bench",
        "rated_through": order.start_day - timedelta(days=1), "ended_day": None,
    }  # fmt: skip


def _opened(order: OrderFact) -> dict[str, Any]:
    return {
        "order_id": order.order_id, "seq": 0, "payer_id": order.payer_id, "shard": shard_of(order.payer_id),
        "at": order.start_at, "from_state": "-", "to_state": "ACTIVE", "actor": "bench", "reason": "installed",
    }  # fmt: skip


def _first_openings(company: Company) -> Iterator[dict[str, Any]]:
    for number in range(company.payers):
        first: dict[str, date] = {}
        for order in company.orders_of(number):
            first[order.product_id] = min(order.start_day, first.get(order.product_id, order.start_day))
        payer_id = company.payer_id(number)
        for product_id, day in first.items():
            yield {"payer_id": payer_id, "product_id": product_id, "shard": shard_of(payer_id), "day": day}


def _accounts(company: Company, day: date) -> Iterator[dict[str, Any]]:
    for n, change in enumerate(company.account_changes(day)):
        yield {
            "payer_id": change.payer_id, "product_id": change.product_id, "change_id": f"{n:026d}",
            "shard": shard_of(change.payer_id), "at": change.at, "accounts": Decimal(change.accounts),
            "actor": "bench",
        }  # fmt: skip
