"""One day and one closing of a month over a company of any size, step by step, on SQLite and PostgreSQL.

    python -m benchmarks.cycle.compare [--payers 1000,10000] [--orders 10] [--lines 10] [--workers 1]
        [--sqlite] [--postgres URL] [--steps rate,again,roll,issue,send,control] [--send 20000] [--limits]
        [--broker amqp://guest:guest@127.0.0.1:5672//] [--json FILE]

Each size has an empty database of its own. Prints one line a step: what was done, items a second, CPU of this
program and its workers, CPU of the database's own processes, the largest process's memory, and with `--limits` how
long the database alone takes to write the same rows.
"""

import argparse
import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from time import process_time

import structlog
from sqlalchemy import Table, func, select, text

from benchmarks.cycle import limits
from benchmarks.cycle.company import ZONE, make_company
from benchmarks.cycle.disk import log_bytes_each, log_position
from benchmarks.cycle.machines import brokered
from benchmarks.cycle.watch import Cost, Watched
from benchmarks.figures import Row, add_rows
from benchmarks.usage.database import empty_database
from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.settings import Settings
from billing_center.test_clock import require_test_clock
from jobs.choose_executor import executor_for
from jobs.job import Context
from jobs.registry import job_named
from jobs.run_job import run_job
from rpc.senders import senders_of
from schema.tables.charges import charge, meter, running_sum, usage_rollup
from schema.tables.invoices import invoice, invoice_line, invoice_total
from schema.tables.orders import order_state_change, payer
from schema.tables.outbox import outbox_message, outbox_try

TODAY = date(2026, 3, 15)
CONTROL_DAY = date(2026, 4, 2)
HEAD = (
    f"{'step':<30}{'items':>9}{'s':>8}{'items/s':>10}{'us/item':>9}{'own CPU':>9}{'db CPU':>8}{'MB':>6}"
    f"{'SELECT s':>10}{'COPY s':>8}"
)


@dataclass(frozen=True)
class Step:
    """A job on a day, what it is counted by, and which rows it has written."""

    name: str
    job: str
    day: date
    written: Sequence[tuple[Table, str]]


NEXT = TODAY + timedelta(1)
_SUMS: list[tuple[Table, str]] = [(meter, "1 = 1"), (running_sum, "period_start = '2026-03-01'")]
_INVOICES: list[tuple[Table, str]] = [(table, "1 = 1") for table in (invoice, invoice_total, invoice_line)]
_CONTROLS: list[tuple[Table, str]] = [(order_state_change, "seq > 0"), (outbox_message, "kind = 'CONTROL'")]
STEPS = {
    "rate": Step("rate a day, first", "rate_days", TODAY, [(charge, "day = '2026-03-14'"), *_SUMS]),
    "again": Step("rate a day, next", "rate_days", NEXT, [(charge, "day = '2026-03-15'"), *_SUMS]),
    "roll": Step("roll up two days", "roll_up", NEXT, [(usage_rollup, "1 = 1")]),
    "issue": Step("close and issue", "issue_invoices", NEXT, [*_INVOICES, (outbox_message, "1 = 1")]),
    "send": Step("send deductions", "send_deductions", NEXT, [(outbox_try, "1 = 1")]),
    "control": Step("control services, 1 in 20 owes", "control_services", CONTROL_DAY, _CONTROLS),
}


def main() -> None:
    """Read the arguments, run every size on every database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payers", default="1000,10000")
    parser.add_argument("--orders", type=int, default=10)
    parser.add_argument("--lines", type=int, default=10)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--chunk", type=int, default=Settings().chunk_size)
    parser.add_argument("--parallel", type=int, default=Settings().send_parallel)
    parser.add_argument("--steps", default="rate,again,roll,issue,send,control")
    parser.add_argument("--send", type=int, default=20_000, help="deductions that are due at most")
    parser.add_argument("--arrears", type=int, default=5, help="percent of the payers that fall into arrears")
    parser.add_argument("--profile", type=int, default=0, help="show so many functions by their own time")
    parser.add_argument("--limits", action="store_true")
    parser.add_argument("--broker", default="", help="have workers behind this RabbitMQ do the work")
    parser.add_argument("--json", default="", help="add the figures to this file")
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--postgres", default="", help="URL of a server on which a database may be made")
    given = parser.parse_args()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    for payers in map(int, given.payers.split(",")):
        if given.sqlite:
            with tempfile.TemporaryDirectory(prefix="cycle") as folder:
                measure(given, payers, f"sqlite:///{Path(folder) / 'cycle.db'}")
        if given.postgres:
            with empty_database(given.postgres) as url:
                measure(given, payers, url)


def measure(given: argparse.Namespace, payers: int, url: str) -> None:
    """Make the company and run the steps."""
    with peer(20) as port:
        settings = Settings(
            database_url=url, workers=given.workers, chunk_size=given.chunk, send_parallel=given.parallel,
            test_clock=datetime(TODAY.year, TODAY.month, TODAY.day, 1, tzinfo=ZONE).isoformat(),
            account_system_url=f"http://127.0.0.1:{port}/", log_level="ERROR", task_lease_s=600,
            payers_per_task=min(2000, max(1, payers // (8 * given.workers))), broker_url=given.broker,
            broker_prefix=f"bench-{os.getpid()}",
        )  # fmt: skip
        center = open_center(settings, migrate=True)
        name = url.rpartition("/")[2]
        print(f"\n{center.database.kind}: {payers} payers, {given.orders} orders and {given.lines} lines each, "
              f"{given.workers} workers, chunks of {given.chunk}", flush=True)  # fmt: skip
        print(HEAD, flush=True)
        with Watched(name) as watched:
            make_company(
                center, payers=payers, orders_each=given.orders, lines=given.lines,
                rated_through=TODAY - timedelta(2),
            )  # fmt: skip
        _say("load", payers, watched)
        _vacuum(center)
        with brokered(settings):
            context = Context(center, senders_of(settings), executor_for(settings))
            run_job(context, job_named("roll_up"), TODAY)  # nothing to do: the workers start, once for all steps
            for word in given.steps.split(","):
                _run(context, STEPS[word], given, name)
            context.executor.close()
        center.database.close()


def _run(context: Context, step: Step, given: argparse.Namespace, name: str) -> None:
    center = context.center
    _prepare(center, step, given)
    clock = require_test_clock(center.clock)
    clock.move(datetime(step.day.year, step.day.month, step.day.day, 2, tzinfo=ZONE))
    logged = log_position(center)
    with Watched(name) as watched:
        profile = cProfile.Profile(process_time) if given.profile else None
        if profile:
            profile.enable()
        ran = run_job(context, job_named(step.job), step.day)
        if profile:
            profile.disable()
            pstats.Stats(profile).sort_stats("tottime").print_stats(given.profile)
    assert ran.run is not None
    assert ran.run.state == "DONE", ran.run
    assert ran.run.failures == 0, ran.run
    extra, seconds, copied = "", None, None
    items = _items(center, step, ran.run.items)
    each = log_bytes_each(center, logged, items)
    if given.limits:
        rows, seconds = limits.insert_select_s(center, step.written)
        copied = limits.copy_s(center, step.written)
        extra = f"{seconds:>10.2f}" + (f"{copied:>8.2f}" if copied is not None else f"{'-':>8}") + f"  {rows} rows"
    _say(step.name, items, watched, extra)
    cost = watched.cost
    add_rows(given.json, [Row(
        "cycle", _case(center, given), step.name, items=items, seconds=cost.wall_s, rate=items / cost.wall_s,
        own_cpu_us=cost.own_cpu_s / items * 1e6, database_cpu_us=cost.database_cpu_s / items * 1e6,
        memory_mb=cost.peak_mb, insert_select_s=seconds, copy_s=copied, log_bytes=each,
    )])  # fmt: skip


def _case(center: Center, given: argparse.Namespace) -> str:
    with center.database.engine.connect() as connection:
        payers = connection.execute(select(func.count()).select_from(payer)).scalar_one()
    workers = f"{given.workers} worker{'s' if given.workers > 1 else ''}{' behind RabbitMQ' * bool(given.broker)}"
    return f"{center.database.kind}, {payers:,} payers of {given.orders} orders and {given.lines} lines, {workers}"


def _items(center: Center, step: Step, counted: int) -> int:
    """What the step is counted by: rolling up by the charges that it reads, control by the payers it goes over."""
    table = {"roll_up": charge, "control_services": payer}.get(step.job)
    if table is None:
        return counted
    with center.database.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _prepare(center: Center, step: Step, given: argparse.Namespace) -> None:
    """What the world does between the steps."""
    with center.database.write() as connection:
        if step.job == "send_deductions":
            kept = connection.execute(
                select(outbox_message.c.message_id)
                .order_by(outbox_message.c.message_id)
                .offset(given.send)
                .limit(1)
            ).scalar_one_or_none()
            if kept:
                connection.execute(
                    text("UPDATE outbox_message SET state = 'SETTLED' WHERE message_id >= :kept"), {"kept": kept}
                )
        if step.job == "control_services":
            counted = connection.execute(select(func.count()).select_from(invoice)).scalar_one()
            owing = max(1, 100 // given.arrears)
            connection.execute(text(
                "UPDATE invoice SET state = CASE WHEN CAST(substr(payer_id, 2) AS integer) % :each <> 0 "
                "THEN 'PAID' WHEN CAST(substr(payer_id, 2) AS integer) % 2 = 0 THEN 'FAILED' ELSE 'SENT' END"
            ), {"each": owing})  # fmt: skip
            assert counted
    _vacuum(center)


def _vacuum(center: Center) -> None:
    """Statistics as autovacuum would have made them by the next step, which hours lie before."""
    if center.database.kind == "postgresql":
        with center.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
    else:
        with center.database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")


def _say(what: str, items: int, watched: Watched, extra: str = "") -> None:
    print(line_of(what, items, watched.cost) + extra, flush=True)


def line_of(what: str, items: int, cost: Cost) -> str:
    """A line under `HEAD`."""
    each = cost.wall_s / max(items, 1) * 1e6
    return (
        f"{what:<30}{items:>9}{cost.wall_s:>8.2f}{items / cost.wall_s:>10,.0f}{each:>9.0f}"
        f"{cost.own_cpu_s:>9.2f}{cost.database_cpu_s:>8.2f}{cost.peak_mb:>6.0f}"
    )


@contextmanager
def peer(delay_ms: int) -> Iterator[int]:
    """The port of an account system that takes so long to answer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.cycle.peer", str(delay_ms)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
