"""A month's end as operations see it: a company lives through some days, every step of every day, one by one.

    python -m benchmarks.cycle.month [--payers 20000] [--uses 100000] [--days 4] [--workers 1]
                                     [--server sqlite|URL] [--json FILE]

Every payer's orders begin some days before the end of March 2026, so everything that is billed is there and the
invoices can be reconciled. Each day `--uses` uses are recorded, then all steps of the next day's cycle run: the
last ordinary day and the day that closes the month are told step by step. Nothing may fail, wait or differ.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice

import structlog
from sqlalchemy import func, select

from benchmarks.company.company import Company
from benchmarks.company.facts import OrderFact, PayerFact
from benchmarks.company.fill import command_of, fill
from benchmarks.cycle.compare import HEAD, line_of, peer
from benchmarks.cycle.disk import sizes
from benchmarks.cycle.watch import Cost, Watched
from benchmarks.figures import Row, add_rows
from benchmarks.postgresql import named_server
from benchmarks.usage.database import SQLITE, empty_database
from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.settings import Settings
from billing_center.test_clock import require_test_clock
from billing_center.usage.record_usage import record_usages
from jobs.choose_executor import executor_for
from jobs.job import Context
from jobs.registry import STEPS
from jobs.run_job import run_job
from rpc.senders import senders_of
from schema.tables.reconciliation import reconcile_difference

CLOSING = date(2026, 4, 1)
BATCH = 5000


@dataclass(frozen=True, slots=True)
class NewCompany(Company):
    """Every order begins on the first day, and every payer is billed on the first of a month."""

    def payer(self, number: int) -> PayerFact:
        """One payer."""
        return replace(Company.payer(self, number), billing_day=1)

    def orders_of(self, number: int) -> list[OrderFact]:
        """The payer's order lines."""
        begin = datetime.combine(self.first_day, time(0), self.zone)
        return [replace(order, start_at=begin) for order in Company.orders_of(self, number)]


def main() -> None:
    """Read the arguments, play the days."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payers", type=int, default=20_000)
    parser.add_argument("--uses", type=int, default=100_000, help="on each day")
    parser.add_argument("--days", type=int, default=4)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--server", default=named_server(), help=f"`{SQLITE}`, or the URL of a PostgreSQL server")
    parser.add_argument("--json", default="", help="add the figures to this file")
    given = parser.parse_args()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    with empty_database(given.server) as url, peer(20) as port:
        play(given, url, port)


def play(given: argparse.Namespace, url: str, port: int) -> None:
    """The days in order."""
    company = NewCompany(given.payers, first_day=CLOSING - timedelta(given.days))
    settings = Settings(
        database_url=url, workers=given.workers, log_level="ERROR", task_lease_s=600,
        test_clock=_early(company, company.first_day).isoformat(), account_system_url=f"http://127.0.0.1:{port}/",
        payers_per_task=min(2000, max(1, given.payers // (32 * given.workers))),
    )  # fmt: skip
    center = open_center(settings, migrate=True)
    fill(center, company)
    case = f"{center.database.kind}, {given.payers:,} payers, {given.uses:,} uses a day, {given.workers} workers"
    executor = executor_for(settings)
    context = Context(center, senders_of(settings), executor)
    try:
        for day in _days(company.first_day + timedelta(1), CLOSING):
            _record(center, company, day - timedelta(1), given.uses)
            require_test_clock(center.clock).move(_early(company, day))
            told = {CLOSING - timedelta(1): "an ordinary day", CLOSING: "the day that closes the month"}.get(day)
            rows = _cycle(context, day, f"{case}, {told}")
            if told:
                print(f"\n{case}: {told}\n{HEAD}", flush=True)
                print("\n".join(rows.values()), flush=True)
                add_rows(given.json, rows)
        disk = sizes(center, case)
        print("\n" + "\n".join(f"{row.what:<30}{row.items:>9}{row.bytes_each:>8.0f} bytes each" for row in disk))
        add_rows(given.json, disk)
    finally:
        executor.close()
        center.database.close()


def _cycle(context: Context, day: date, case: str) -> dict[Row, str]:
    """Every step of a day, measured; as rows and as lines."""
    name = context.center.settings.database_url.rpartition("/")[2]
    rows: dict[Row, str] = {}
    whole = Cost()
    for step in STEPS:
        with Watched(name) as watched:
            ran = run_job(context, step, day)
        assert ran.run is not None
        assert ran.run.state == "DONE", ran.run
        assert ran.run.failures == 0, ran.run
        cost = watched.cost
        whole = Cost(
            whole.wall_s + cost.wall_s, whole.own_cpu_s + cost.own_cpu_s,
            whole.database_cpu_s + cost.database_cpu_s, max(whole.peak_mb, cost.peak_mb),
        )  # fmt: skip
        rows[_row(case, step.job_id, ran.run.items, cost)] = line_of(step.job_id, ran.run.items, cost)
    rows[_row(case, "all steps", 0, whole)] = line_of("all steps", 0, whole)
    with context.center.database.engine.connect() as connection:
        assert not connection.execute(select(func.count()).select_from(reconcile_difference)).scalar_one()
    return rows


def _row(case: str, what: str, items: int, cost: Cost) -> Row:
    each = {"own_cpu_us": cost.own_cpu_s, "database_cpu_us": cost.database_cpu_s}
    per_item = {name: spent / items * 1e6 for name, spent in each.items()} if items else {}
    rate = items / cost.wall_s if items else None
    return Row(
        "month", case, what, items=items, seconds=cost.wall_s, rate=rate, memory_mb=cost.peak_mb, **per_item
    )


def _record(center: Center, company: Company, day: date, count: int) -> None:
    stream = map(command_of, company.uses(day, count))
    while batch := list(islice(stream, BATCH)):
        center.transact("bench", lambda work, batch=batch: record_usages(work, batch))  # type: ignore[misc]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((last - first).days + 1))


def _early(company: Company, day: date) -> datetime:
    return datetime.combine(day, time(2), company.zone)


if __name__ == "__main__":
    main()
