"""Uses from a stream to booked charges: batches in, rated, and the database's own limit for the same rows.

    python -m benchmarks.usage [--server sqlite|postgresql://user@host/db] [--payers 20000] [--uses 300000]
                               [--workers 1,2] [--latency 10] [--json FILE]

For each number of processes one run on an empty database: fills in a company (`benchmarks.company`), records uses
in batches, rates them in the job's own chunks, imports a file, and checks that every use is accounted for and that
running sums equal charges. In the last run the database then writes the same rows by itself (COPY and INSERT ..
SELECT into tables with the same indexes), and at the end, while the uses of the file wait to be rated, uses of a
real-time product arrive at 1,000 a second and the time until their charges are visible is taken.
"""

import argparse
import csv
import os
import platform
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import structlog
from sqlalchemy import func, select

from benchmarks.company.company import Company
from benchmarks.company.fill import fill
from benchmarks.cycle.disk import log_bytes_each, log_position
from benchmarks.figures import Row, add_rows
from benchmarks.postgresql import named_server
from benchmarks.usage.database import SQLITE, empty_database
from benchmarks.usage.latency import latencies
from benchmarks.usage.limits import database_limits
from benchmarks.usage.meter import Cost, measured
from benchmarks.usage.worker import begin, open_quietly, rate_shards, rate_task, ready, record_part, rounds
from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.cli.usage_import import import_whole
from billing_center.clock import SettableClock
from billing_center.settings import Settings
from billing_center.usage.store import use_counts
from schema.tables.charges import charge, running_sum

MOST_LINES = 1_000_000
VISIBLE = "event to visible charge at 1,000/s"


def main() -> None:
    """Run and print the table."""
    given = _arguments()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    load = os.getloadavg()[0]
    costs: list[Cost] = []
    told: list[str] = []
    waits: list[Row] = []
    for processes in given.workers:
        with empty_database(given.server) as url:
            done = run(url, given, processes)
        costs, told, waits = costs + done[0], told + done[1], waits + done[2]
    machine = f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{machine}, load at start {load:.1f}")
    print(f"{given.server.partition(':')[0]}: {given.payers} payers, {given.uses} uses\n")
    heads = ["work", "rows", "rows/s", "seconds", "client CPU us a row", "database CPU us a row", "memory MB"]
    print(f"| {' | '.join(heads)} |\n| --- |{' ---: |' * (len(heads) - 1)}")
    for c in costs:
        cpu, database = (f"{spent / max(1, c.rows) * 1e6:.1f}" for spent in (c.cpu_s, c.database_cpu_s))
        found = [c.name, f"{c.rows:,}", f"{c.rate:,.0f}", f"{c.seconds:.2f}", cpu, database, f"{c.memory_mb:.0f}"]
        print(f"| {' | '.join(found)} |")
    print("\n" + "\n".join(told))
    add_rows(given.json, waits)
    add_rows(given.json, [
        Row(
            "usage", _case(given), c.name, items=c.rows, seconds=c.seconds, rate=c.rate, memory_mb=c.memory_mb,
            own_cpu_us=c.cpu_s / max(1, c.rows) * 1e6, database_cpu_us=c.database_cpu_s / max(1, c.rows) * 1e6,
            log_bytes=c.log_bytes,
        )
        for c in costs
    ])  # fmt: skip


def run(url: str, given: argparse.Namespace, processes: int) -> tuple[list[Cost], list[str], list[Row]]:
    """Every part of a run; the costs, sentences about what was checked, and how long charges waited."""
    company = Company(given.payers)
    day = company.first_day
    clock = SettableClock(datetime.combine(day + timedelta(days=1), datetime.min.time(), company.zone))
    center = open_center(Settings(database_url=url), clock=clock, migrate=True)
    costs: list[Cost] = []
    with measured(f"company filled in, {_named(processes)}", given.payers) as cost:
        fill(center, company)
    costs.append(cost)
    costs.append(_with_its_log(center, partial(ingest, url, center, company, given.uses, processes)))
    _refresh(center)
    costs.append(_with_its_log(center, partial(rate, url, center, processes)))
    _refresh(center)
    lines = min(given.uses, MOST_LINES)
    costs.append(import_a_file(center, company, day - timedelta(days=30), lines, processes))
    told = [check(center)]
    waits: list[Row] = []
    last = processes == given.workers[-1]
    if last:
        costs += database_limits(center)
    if last and given.latency:
        p50, p99, p999 = latencies(center, company, seconds=given.latency)
        name = f"{VISIBLE} behind {lines:,} that wait"
        waits.append(
            Row("usage", f"{_case(given)}, {_named(processes)}", name, p50_ms=p50, p99_ms=p99, p999_ms=p999)
        )
        told.append(f"{name}: p50 {p50:.0f} ms, p99 {p99:.0f} ms, p99.9 {p999:.0f} ms.")
    center.database.close()
    return costs, told, waits


def _with_its_log(center: Center, work: Callable[[], Cost]) -> Cost:
    """The cost of the work, with what each row has added to the database's log."""
    before = log_position(center)
    cost = work()
    cost.log_bytes = log_bytes_each(center, before, cost.rows)
    return cost


def _case(given: argparse.Namespace) -> str:
    return f"{given.server.partition(':')[0]}, {given.payers:,} payers"


def ingest(url: str, center: Center, company: Company, count: int, processes: int) -> Cost:
    """Record the uses of a day in batches, in processes of their own; making them up is not part of it."""
    context = get_context("spawn")
    together = context.Barrier(processes + 1)
    now = center.clock.now()
    recording = [
        context.Process(
            target=record_part,
            args=(url, now, company, company.first_day, count, slice(n, None, processes), together),
        )
        for n in range(processes)
    ]
    for process in recording:
        process.start()
    whole = Cost(f"uses recorded, batches of 5,000, {_named(processes)}", count)
    for _ in rounds(count):
        together.wait()  # they are ready
        with measured("") as cost:
            together.wait()
            together.wait()
        together.wait()
        whole.add(cost)
    for process in recording:
        process.join()
    return whole


def import_a_file(center: Center, company: Company, day: date, count: int, processes: int) -> Cost:
    """`usage import` of a CSV file: reading, deciding and committing its lines, in several processes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "uses.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(
                ("guid", "userId", "payerMemId", "productId", "useAge", "useUnit", "startDate", "endDate")
            )
            for u in company.uses(day, count):
                rows.writerow(
                    (u.guid, u.user_id, u.payer_id, u.product_id, u.quantity, u.unit, u.started_at, u.ended_at)
                )
        opened = partial(open_quietly, center.settings.database_url, center.clock.now())
        refused = file.with_suffix(".refused")
        with measured(f"file of uses imported (CSV), {_named(processes)}", count) as cost:
            state = import_whole(center, file, "mediation", refused, workers=processes, opened=opened)
    assert state.kept + state.repeated == count, state
    return cost


def _named(processes: int) -> str:
    return f"{processes} process{'es' if processes > 1 else ''}"


def rate(url: str, center: Center, processes: int) -> Cost:
    """Rate everything that waits, in one process here or in several of their own over the shards."""
    with center.reading() as work:
        before = use_counts(work.connection).waiting
    name = f"uses rated and booked, {_named(processes)}"
    if processes == 1:
        with measured(name, before) as cost:
            rate_shards(center, 0, 255)
        return cost
    with get_context("spawn").Pool(processes, begin, (url, center.clock.now())) as pool:
        pool.map(ready, range(processes))
        with measured(name, before) as cost:
            pool.map(rate_task, [(n * 8, n * 8 + 7) for n in range(32)], chunksize=1)
    return cost


def _refresh(center: Center) -> None:
    """What autovacuum does while a day's uses come in; a benchmark fills in seconds what takes hours."""
    if center.database.kind == "postgresql":
        with center.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("ANALYZE")


def check(center: Center) -> str:
    """Every use is somewhere, and sums equal charges. Raises AssertionError otherwise."""
    with center.reading() as work:
        counts = use_counts(work.connection)
        charged = work.connection.execute(select(func.count(), func.sum(charge.c.amount))).one()
        summed = work.connection.execute(
            select(func.sum(running_sum.c.charges), func.sum(running_sum.c.amount))
        ).one()
    assert counts.adds_up, counts
    assert tuple(charged) == tuple(summed), (charged, summed)
    return f"Checked: {counts}; {charged[0]} charges of {charged[1]} in all equal the running sums."


def _numbers(words: str) -> list[int]:
    return [int(word) for word in words.split(",")]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=named_server(), help=f"`{SQLITE}`, or the URL of a PostgreSQL server")
    parser.add_argument("--payers", type=int, default=20_000)
    parser.add_argument("--uses", type=int, default=300_000, help="that are recorded and rated")
    parser.add_argument("--workers", type=_numbers, default=[1, 2], help="1,2: processes, a run for each")
    parser.add_argument(
        "--latency", type=int, default=10, help="seconds of 1,000 real-time uses a second; 0: none"
    )
    parser.add_argument("--json", default="")
    return parser.parse_args()


if __name__ == "__main__":
    main()
