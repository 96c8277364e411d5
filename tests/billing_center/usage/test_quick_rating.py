"""The quick way of rating leaves the same charges, meters and sums as the full rules, in batches of any size."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, select

from benchmarks.company.company import Company
from benchmarks.company.fill import command_of, fill
from billing_center.bulk import insert_rows
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.usage import quick_price
from billing_center.usage.rate_usage import rate_claimed, rate_usage
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from billing_center.usage.store import claim_batch, use_counts
from schema.tables.charges import charge, meter, running_sum
from schema.tables.orders import first_opening
from schema.tables.usage import usage_filtered, usage_queue

BOOKED = (charge, meter, running_sum, first_opening)
RATED_ANEW = {"run_id"}
COMPANY = Company(12, seed=7)
MORE = """
products:
  - id: sms
    name: sms
    currency: CNY
    unit: count
    free: {uses: 3}
    filters: [{name: monitor, users: [user-00000003-1]}]
    plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 0.05}}]}
  - id: scan
    name: priced by feature and bounded, metered by order
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2020-01-01
          meter_per: order
          prices:
            - {currency: CNY, model: volume, minimum: 10, cap: 90, tiers: [{up_to: 100, price: 1}, {price: 0.7}]}
  - id: call
    name: an event fee beside the price
    currency: CNY
    unit: minute
    plans: {per_use: [{valid_from: 2020-01-01, prices: [{currency: CNY, price: 0.333333, event_fee: 0.1}]}]}
"""
PRODUCTS = ("api", "sms", "meeting", "storage", "scan", "call")


@pytest.fixture
def shop(center: Center, clock: SettableClock) -> Center:
    """The uses of a day, waiting: some late, a third without a payer, some filtered or without a price."""
    clock.at = datetime.combine(COMPANY.first_day + timedelta(days=1), datetime.min.time(), COMPANY.zone)
    fill(center, COMPANY)
    center.transact("test", lambda work: load_catalog(work, MORE, "more.yaml"))
    uses = [command_of(use) for use in COMPANY.uses(COMPANY.first_day, 700, products=PRODUCTS)]
    center.transact("test", lambda work: record_usages(work, uses))
    return center


def rows(center: Center, table: Table) -> list[dict[str, Any]]:
    with center.reading() as work:
        found = work.connection.execute(select(table).order_by(*table.primary_key)).mappings().all()
    return [{name: value for name, value in row.items() if name not in RATED_ANEW} for row in found]


def booked(center: Center) -> dict[str, list[dict[str, Any]]]:
    return {table.name: rows(center, table) for table in BOOKED}


def rate_quickly(center: Center, limit: int) -> None:
    while center.transact(
        "test", lambda w: rate_usage(w, first_shard=0, last_shard=255, limit=limit, run_id="quick")
    ):
        pass


def rate_fully(center: Center, limit: int) -> None:
    def rate(work: Any) -> int:
        asked = {"first_shard": 0, "last_shard": 255, "now": work.at, "limit": limit, "real_time_only": False}
        claimed = claim_batch(work.connection, **asked)
        if claimed:
            rate_claimed(work, claimed, run_id="full")
        return len(claimed)

    while center.transact("test", rate):
        pass


def start_again(center: Center, queue: list[dict[str, Any]]) -> None:
    """Everything as before the rating."""

    def act(work: Any) -> None:
        for table in (charge, meter, running_sum, usage_queue, usage_filtered):
            work.connection.execute(table.delete())
        insert_rows(work.connection, usage_queue, queue)

    center.transact("test", act)


@pytest.mark.parametrize("limit", [7, 5000])
def test_both_ways_book_the_same(shop: Center, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly: list[bool] = []
    rate = quick_price.QuickPrice.rate

    def noted(*asked: Any) -> bool:
        quickly.append(rate(*asked))
        return quickly[-1]

    monkeypatch.setattr(quick_price.QuickPrice, "rate", noted)
    queue = rows(shop, usage_queue)
    rate_quickly(shop, limit)
    assert quickly.count(True) > 300  # most of the charges came the quick way
    found, parked = booked(shop), rows(shop, usage_queue)
    with shop.reading() as work:
        counts = use_counts(work.connection)
    assert counts.adds_up
    assert counts.rated > 500
    assert counts.filtered + counts.parked > 0
    start_again(shop, queue)
    quickly.clear()
    rate_fully(shop, limit)
    assert quickly == []
    assert booked(shop) == found
    assert rows(shop, usage_queue) == parked


def test_a_use_that_would_be_too_large_is_parked_and_the_gauge_goes_on(shop: Center) -> None:
    begin = datetime.combine(COMPANY.first_day, datetime.min.time(), COMPANY.zone)
    uses = [
        RecordUsage(
            caller="test", guid=guid, user_id="u", user_name="", payer_id="big", product_id="api", product_name="",
            started_at=begin, ended_at=begin, amount=None, quantity=Decimal(quantity), unit="",
        )
        for guid, quantity in (("a", 2), ("b", 10**12 - 1), ("c", 3))
    ]  # fmt: skip
    assert shop.transact("test", lambda work: record_usages(work, uses)) == [None] * 3
    rate_quickly(shop, 5000)
    [total] = [row for row in rows(shop, running_sum) if row["payer_id"] == "big"]
    assert (total["quantity"], total["charges"]) == (5, 2)
    assert total["amount"] == Decimal("0.0625")  # 5 x 0.0125
    [waiting] = [row for row in rows(shop, usage_queue) if row["reason"] == "out_of_range"]
    assert waiting["state"] == "PARKED"
