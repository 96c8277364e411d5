"""How many invoices per second the second computation goes through, in one process.

    python -m benchmarks.reconcile.invoices [--payers 2000] [--orders 1] [--uses 2] [--url URL] [--profile]
        [--json FILE]

A month of payers, each with a plan by the day and some uses (of another quantity each), is rated and invoiced
through the use cases; then the invoices of the day are reconciled in chunks, as the job `reconcile_invoices` does.
Nothing may differ.
"""

import argparse
import cProfile
import pstats
import tempfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select

from benchmarks.cycle.watch import Watched
from benchmarks.figures import Row, add_rows
from billing_center.bootstrap import open_center
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center, UnitOfWork
from billing_center.clock import SettableClock
from billing_center.invoice.issue_invoices import InvoicesIssued, issue_invoices
from billing_center.invoice.number_invoices import number_invoices
from billing_center.order.accept_order import InstallOrder, accept_order
from billing_center.order.rate_days import rate_days
from billing_center.reconcile.reconcile_payers import reconcile
from billing_center.settings import Settings
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from schema.tables.charges import charge
from schema.tables.invoices import invoice

CATALOG = """
products:
  - {id: mail, name: mail, currency: CNY, plans: {day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]}}
  - id: sms
    name: sms
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2020-01-01
          prices: [{currency: CNY, model: graduated, tiers: [{up_to: 5, price: 0.10}, {price: 0.07}]}]
"""
ZONE = ZoneInfo("Asia/Shanghai")
START, BILLED = datetime(2026, 3, 1, 9, tzinfo=ZONE), date(2026, 4, 1)
SHARDS = {"first_shard": 0, "last_shard": 255}
AT_ONCE = 500


def fill(center: Center, clock: SettableClock, payers: int, orders: int, uses: int) -> None:
    """Every payer with its orders and uses, rated through March and invoiced."""
    center.transact("bench", lambda work: load_catalog(work, CATALOG, "bench.yaml"))
    for first in range(0, payers, AT_ONCE):
        names = [f"p{n:07d}" for n in range(first, min(payers, first + AT_ONCE))]
        center.transact(
            "bench", lambda work, names=names: [_order(work, p, n) for p in names for n in range(orders)]
        )  # type: ignore[misc]
        said = [_use(payer, n, first + at) for at, payer in enumerate(names) for n in range(uses)]
        center.transact("bench", lambda work, said=said: record_usages(work, said))  # type: ignore[misc]
    clock.at = datetime(2026, 4, 1, 1, tzinfo=ZONE)
    while center.transact("bench", lambda work: rate_usage(work, **SHARDS, limit=AT_ONCE, run_id="bench")):
        pass
    after = ""
    while True:
        done = center.transact(
            "bench",
            lambda work: rate_days(
                work,
                **SHARDS,
                through=BILLED - timedelta(1),
                after_order=after,  # noqa: B023
                limit=AT_ONCE,
                run_id="bench",
            ),
        )
        after = done.last_order_id
        if not after:
            break
    while center.transact("bench", _issue).invoices:
        pass
    while center.transact("bench", lambda work: number_invoices(work, run_id="bench", limit=AT_ONCE)):
        pass


def _issue(work: UnitOfWork) -> InvoicesIssued:
    return issue_invoices(work, **SHARDS, on=BILLED, after_payer="", limit=AT_ONCE, run_id="bench")


def _order(work: UnitOfWork, payer_id: str, n: int) -> None:
    order = InstallOrder(
        order_id=f"{payer_id}-{n}", order_code=f"c{n}", cust_id=payer_id, payer_id=payer_id, product_id="mail",
        billing_type="日", state="ACTIVE", promotion_id="", start_at=START, features={}, is_quota=False,
        installed_by="bench",
    )  # fmt: skip
    accept_order(work, order)


def _use(payer_id: str, n: int, number: int) -> RecordUsage:
    at, quantity = START + timedelta(hours=n), Decimal(5 + (31 * number + 17 * n) % 90) / 10
    return RecordUsage(
        caller="bench", guid=f"{payer_id}-{n}", user_id=payer_id, user_name="", payer_id=payer_id,
        product_id="sms", product_name="", started_at=at, ended_at=at, amount=None, quantity=quantity, unit="",
    )  # fmt: skip


def measure(center: Center, chunk: int, file: str = "") -> None:
    """Reconcile the day's invoices, chunk after chunk."""
    with center.reading() as work:
        invoices = work.connection.execute(select(func.count()).select_from(invoice)).scalar_one()
        charges = work.connection.execute(select(func.count()).select_from(charge)).scalar_one()
    position: str | None = ""
    differences = 0
    with Watched(str(center.database.engine.url.database)) as watched:
        while position is not None:
            at = position
            done = center.transact(
                "bench",
                lambda work: reconcile(work, **SHARDS, position=at, limit=chunk, run_id="bench", billed_on=BILLED),  # noqa: B023
            )
            differences += len(done.differences)
            position = done.next_position
    cost = watched.cost
    took, own_us, database_us = (
        cost.wall_s, cost.own_cpu_s / invoices * 1e6, cost.database_cpu_s / invoices * 1e6
    )  # fmt: skip
    print(
        f"{invoices} invoices, {charges} charges, {differences} differences: {took:.1f} s, {invoices / took:,.0f} "
        f"invoices/s; CPU of an invoice: {own_us:.0f} us own, {database_us:.0f} us the database's"
    )
    assert not differences
    case = f"{center.database.kind}, {charges / max(1, invoices):.0f} charges an invoice"
    add_rows(file, [Row(
        "reconcile", case, "invoices reconciled", items=invoices, seconds=took, rate=invoices / took,
        own_cpu_us=own_us, database_cpu_us=database_us, memory_mb=cost.peak_mb,
    )])  # fmt: skip


def main() -> None:
    """Fill and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--payers", type=int, default=2000)
    parser.add_argument("--orders", type=int, default=1)
    parser.add_argument("--uses", type=int, default=2)
    parser.add_argument("--chunk", type=int, default=1000)
    parser.add_argument("--url", default="")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--json", default="", help="add the figures to this file")
    given = parser.parse_args()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'bench.db'}"
        clock = SettableClock(START)
        center = open_center(Settings(database_url=url), clock=clock, migrate=True)
        try:
            fill(center, clock, given.payers, given.orders, given.uses)
            if given.profile:
                with cProfile.Profile() as profile:
                    measure(center, given.chunk)
                pstats.Stats(profile).sort_stats("tottime").print_stats(35)
            else:
                measure(center, given.chunk, given.json)
        finally:
            center.database.close()


if __name__ == "__main__":
    main()
