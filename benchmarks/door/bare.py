"""Bare commits: the rows of one use, each use its own transaction, with nothing of ours in between.

    python -m benchmarks.door.bare [--seconds 4] [--connections 1,8,64] [--json FILE]

What the door is measured beside: a database client alone inserts a use's rows into the very tables (event,
identity, queue) and commits. On PostgreSQL pgbench does it in one statement (the server that BENCH_POSTGRES_URL
names, fsync on); on SQLite this process with synchronous FULL. A part whose program is missing is left out.
"""

import argparse
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from time import perf_counter

from sqlalchemy.engine import make_url

from benchmarks.figures import Row, add_rows
from benchmarks.postgresql import named_server
from benchmarks.usage.database import empty_database
from schema.engine import open_engine
from schema.migrate import upgrade
from schema.tables.usage import usage_event, usage_identity, usage_queue

WHAT = "bare commit of a use's rows"
VALUES = {
    "event_id": "{id}", "identity": "{id}", "content_hash": "{id}", "guid": "{id}", "user_id": "u",
    "caller": "bench", "user_name": "n", "product_name": "n", "payer_id": "p", "product_id": "meeting",
    "unit": "minute", "state": "WAITING",
}  # fmt: skip
_NUMBERS = {"shard": "7", "tries": "0", "real_time": "0"}


def inserts(kind: str) -> list[str]:
    """One INSERT for each table; `{id}` stands where the number of the use goes."""
    found = []
    for table in (usage_event, usage_identity, usage_queue):
        given = {column.name: _value(column.name, str(column.type), kind) for column in table.columns}
        names = [name for name, value in given.items() if value is not None]
        found.append(
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(str(given[n]) for n in names)})"
        )
    return found


def _value(name: str, kind_of_column: str, database: str) -> str | None:
    if name in VALUES:
        return f"'{VALUES[name]}'"
    if name in _NUMBERS:
        return _NUMBERS[name]
    if name == "day":
        return "'2026-03-01'"
    if name.endswith("_at"):
        return "'2026-03-01 00:00:00+00'" if database == "postgresql" else "1772323200000000"
    return "1" if kind_of_column.startswith(("NUMERIC", "BIGINT", "INTEGER", "SMALLINT")) else None


def postgresql(connections: int, seconds: float, url: str, script: Path) -> float:
    """Commits a second by pgbench."""
    made = make_url(url)
    program = _pgbench()
    assert program is not None
    done = subprocess.run(
        [
            program, "-n", "-M", "prepared", "-c", str(connections), "-j", str(min(2, connections)),
            "-T", str(max(1, round(seconds))), "-f", str(script), "-h", made.host or "127.0.0.1",
            "-p", str(made.port or 5432), "-U", made.username or "postgres", made.database or "postgres",
        ],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def sqlite(seconds: float, file: Path) -> float:
    """Commits a second of one connection."""
    statements = inserts("sqlite")
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    began = perf_counter()
    for n in count():
        if perf_counter() - began >= seconds:
            break
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement.replace("{id}", f"{n:026d}"))
        connection.execute("COMMIT")
    connection.close()
    return n / (perf_counter() - began)


def _pgbench() -> str | None:
    return shutil.which("pgbench") or next(
        map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))), None
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", default="1,8,64")
    parser.add_argument("--json", default="", help="add the figures to this file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bare.db"
        _migrated(f"sqlite:///{file}")
        _tell("bare, SQLite", 1, sqlite(given.seconds, file), given.json)
        if _pgbench() is None:
            print("pgbench is missing: PostgreSQL is left out", file=sys.stderr)
            return
        script = Path(folder) / "bare.sql"
        numbered = [one.replace("'{id}'", "'use-' || (:n)::bigint") for one in inserts("postgresql")]
        script.write_text(
            "\\set n random(1, 9000000000000000000)\n"
            f"WITH a AS ({numbered[0]}), b AS ({numbered[1]}) {numbered[2]};\n", encoding="utf-8"
        )  # fmt: skip
        with empty_database(named_server()) as url:
            _migrated(url)
            for connections in map(int, given.connections.split(",")):
                rate = postgresql(connections, given.seconds, url, script)
                _tell("bare, PostgreSQL", connections, rate, given.json)


def _migrated(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


def _tell(name: str, connections: int, rate: float, file: str) -> None:
    print(f"{name}, {connections} connections: {rate:,.0f} commits/s", flush=True)
    add_rows(file, [Row("door", f"{name}, {connections} connections", WHAT, rate=rate)])


if __name__ == "__main__":
    main()
