"""What partitions cost when facts are inserted: the same charges into a flat table and into partitioned ones.

python -m benchmarks.partitions.insert postgresql://postgres@127.0.0.1:5432/postgres [--rows 100000]

Makes a database of its own on that server and drops it. Ways in turn, several rounds, medians. What is told is the
processor time of the server's process and of this one: on a busy machine the clock on the wall tells of others.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, text

from billing_center.bulk import insert_missing, insert_rows
from schema.engine import open_engine
from schema.migrate import upgrade
from schema.partitions import make_partition
from schema.tables.charges import charge

BATCH = 5000
ROUNDS = 3
DATABASE = "billing_partitions_benchmark"
AT = datetime(2026, 3, 1, tzinfo=UTC)


def rows_of(count: int, months: int) -> list[dict[str, Any]]:
    """Charges of 2,000 payers, in the order of time."""
    days = months * 30
    one = Decimal(1)
    return [
        {
            "day": date(2026, 1, 1) + timedelta(days=number * days // count), "payer_id": f"payer-{number % 2000}",
            "cause": "use", "cause_id": f"{number:026d}", "component": "price", "shard": number % 256,
            "order_id": "-", "product_id": "sms", "user_id": "u", "currency": "CNY", "quantity": one,
            "amount": Decimal("0.10"), "list_amount": Decimal("0.10"), "meter_order_id": "-",
            "meter_scope": "2026-01-01", "meter_component": "price", "reading_before": Decimal(number),
            "reading_after": Decimal(number + 1), "version_id": "sms/2026-01-01", "promotion_id": "-", "note": "",
            "period_start": date(2026, 1, 1), "run_id": "rate_usage:1", "rated_at": AT,
        }
        for number in range(count)
    ]  # fmt: skip


def flat_twin(engine: Engine) -> Table:
    """The same table with the same indexes and no partitions."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE charge_flat (LIKE charge INCLUDING ALL)"))
    return charge.to_metadata(MetaData(), name="charge_flat")


def seconds(
    engine: Engine, table: Table, rows: list[Any], insert: Callable[[Connection, Table, Any], Any]
) -> float:
    """Processor time of one transaction for each batch, into an empty table."""
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {table.name}"))
        server = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    begun = time.process_time() + spent(server)
    for at in range(0, len(rows), BATCH):
        with engine.begin() as connection:
            insert(connection, table, rows[at : at + BATCH])
    return time.process_time() + spent(server) - begun


def spent(process_id: int) -> float:
    """Processor seconds of a process of this machine."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compare(engine: Engine, rows: list[Any], hashes: int) -> None:
    """Print one line for each way of inserting."""
    with engine.begin() as connection:
        for month in (1, 2, 3):
            make_partition(connection, charge.name, date(2026, month, 1), hashes=hashes)
    flat = flat_twin(engine)
    for name, insert in (("COPY", insert_rows), ("INSERT .. ON CONFLICT", insert_missing)):
        taken: dict[str, list[float]] = {"flat": [], "cut": []}
        for _ in range(ROUNDS):
            taken["flat"].append(seconds(engine, flat, rows, insert))
            taken["cut"].append(seconds(engine, charge, rows, insert))
        flat_s, cut_s = (statistics.median(taken[way]) for way in ("flat", "cut"))
        each = 1e6 / len(rows)
        print(
            f"{name:22} {hashes} parts: flat {flat_s * each:5.1f} us a row, 3 months cut {cut_s * each:5.1f} us,"
            f" {100 * (cut_s / flat_s - 1):+.0f} %"
        )


def main() -> None:
    """Run it for 1, 2 and 8 parts of a month."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server")
    parser.add_argument("--rows", type=int, default=100_000)
    chosen = parser.parse_args()
    admin = create_engine(
        chosen.server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    rows = rows_of(chosen.rows, 3)
    for hashes in (1, 2, 8):
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {DATABASE}"))
        engine = open_engine(chosen.server.rpartition("/")[0] + "/" + DATABASE)
        upgrade(engine)
        compare(engine, rows, hashes)
        engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))


if __name__ == "__main__":
    main()
