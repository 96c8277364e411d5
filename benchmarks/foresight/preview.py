"""How long a preview of one payer takes, with few and with many facts behind it.

    python -m benchmarks.foresight.preview [--uses 1000 50000] [--url sqlite:////tmp/preview.db] [--json FILE]

For each number of uses: a payer with ten subscriptions has them recorded and rated through the use cases, fifty
uses more wait, and the preview is asked 200 times. It reads running sums, so the times must not grow with the
uses; the goal is less than 100 ms.
"""

import argparse
import tempfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

import structlog

from benchmarks.figures import Row, add_rows
from billing_center.bootstrap import open_center
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.foresight.preview_payer import preview_payer
from billing_center.order.accept_order import InstallOrder, accept_order
from billing_center.order.rate_days import rate_days
from billing_center.settings import Settings
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage

CATALOG = """
products:
  - id: mail
    name: mail
    currency: CNY
    plans: {day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]}
  - id: sms
    name: sms
    currency: CNY
    unit: count
    plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 0.10}}]}
"""
START = datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
WAITING = 50
ASKED = 200


def uses(first: int, count: int) -> list[RecordUsage]:
    """Uses of one payer, each with a guid of its own."""
    return [
        RecordUsage(
            caller="bench", guid=str(n), user_id=f"u{n % 50}", user_name="", payer_id="big", product_id="sms",
            product_name="", started_at=START + timedelta(seconds=n), ended_at=START + timedelta(seconds=n),
            amount=None, quantity=Decimal(1), unit="",
        )
        for n in range(first, first + count)
    ]  # fmt: skip


def fill(center: Center, count: int) -> None:
    """Ten orders, `count` rated uses, and fifty that wait."""
    center.transact("bench", lambda work: load_catalog(work, CATALOG, "bench.yaml"))
    for n in range(10):
        order = InstallOrder(
            order_id=f"o{n}", order_code=f"o{n}", cust_id="big", payer_id="big", product_id="mail",
            billing_type="日", state="ACTIVE", promotion_id="", start_at=START, features={}, is_quota=False,
            installed_by="bench",
        )  # fmt: skip
        center.transact("bench", lambda work, order=order: accept_order(work, order))  # type: ignore[misc]
    for first in range(0, count, 1000):
        commands = uses(first, min(1000, count - first))
        center.transact("bench", lambda work, commands=commands: record_usages(work, commands))  # type: ignore[misc]
        center.transact(
            "bench", lambda work: rate_usage(work, first_shard=0, last_shard=255, limit=1000, run_id="bench")
        )
    through = (START + timedelta(days=13)).date()
    center.transact(
        "bench",
        lambda work: rate_days(
            work, first_shard=0, last_shard=255, through=through, after_order="", limit=1000, run_id="bench"
        ),
    )
    center.transact("bench", lambda work: record_usages(work, uses(10_000_000, WAITING)))


def measure(count: int, url: str, file: str) -> None:
    """Fill an empty database and print what the previews took."""
    clock = SettableClock(START + timedelta(days=14))
    center = open_center(Settings(database_url=url), clock=clock, migrate=True)
    fill(center, count)
    took = []
    cpu = process_time()
    for _ in range(ASKED):
        began = perf_counter()
        with center.reading() as work:
            found = preview_payer(work, "big")
        took.append((perf_counter() - began) * 1000)
    cpu_ms = (process_time() - cpu) * 1000 / ASKED
    took.sort()
    assert sum(line.charges for draft in found.invoices for line in draft.lines) == count + 140
    assert (found.pending.uses, found.pending.days) == (WAITING, 10)
    ends = f"median {took[ASKED // 2]:.1f} ms, 99% {took[ASKED * 99 // 100]:.1f} ms, worst {took[-1]:.1f} ms"
    print(f"{center.database.kind}: {count:>8,} uses behind it: {ends}; cpu {cpu_ms:.1f} ms each")
    p50, p99, p999 = (took[min(ASKED - 1, ASKED * k // 1000)] for k in (500, 990, 999))
    add_rows(file, [Row(
        "preview", f"{center.database.kind}, {count:,} uses behind it", "preview of a payer", items=ASKED,
        p50_ms=p50, p99_ms=p99, p999_ms=p999, own_cpu_us=cpu_ms * 1000,
    )])  # fmt: skip
    center.database.close()


def main() -> None:
    """Measure each number of uses over a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uses", type=int, nargs="+", default=[1000, 50_000])
    parser.add_argument("--url", default="", help="an EMPTY database (only with one number of uses)")
    parser.add_argument("--json", default="", help="add the figures to this file")
    given = parser.parse_args()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    for count in given.uses:
        with tempfile.TemporaryDirectory() as folder:
            measure(count, given.url or f"sqlite:///{Path(folder) / 'bench.db'}", given.json)


if __name__ == "__main__":
    main()
