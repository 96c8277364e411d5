"""The door beside Java's, in one run: server CPU a call, calls a second, times.

    python -m benchmarks.door.compare [--seconds 4] [--connections 1,8,64,256] [--only NAME ...] [--json FILE]
        [--processes 1]

For each server in turn: start it, warm it, send calls in all framings over keep-alive connections, and read
what its process used from /proc. Java is Caucho's HessianSkeleton behind the JDK's HTTP server and, where the
jars are, HessianServlet on Jetty; both answer from memory, ask for no password and log nothing. PostgreSQL is
measured in a database of its own on the server that BENCH_POSTGRES_URL names, by one process and by several that
share a port: their CPU and memory are added up. A peer that is missing is left out.
"""

import argparse
import contextlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.door.load import Target, requests, run_load
from benchmarks.figures import Row, add_rows
from benchmarks.postgresql import named_server

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = HERE / "build"
JARS = Path(os.environ.get("JAVA_JARS", "/usr/share/java"))
OPENED = "--add-opens=java.base/java.lang=ALL-UNNAMED"
JETTY = ("server", "servlet", "http", "io", "util", "security")
POSTGRES = named_server()
TICKS = os.sysconf("SC_CLK_TCK")
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """What is measured: its name, how it is started, and what it is asked."""

    name: str
    command: list[str]
    operations: tuple[str, ...]
    warm_s: float = 1.0
    processes: int = 1
    """How many share the port; the others are started with it behind the same command."""


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", default="1,8,64,256")
    parser.add_argument("--only", nargs="*", default=[], help="servers whose name holds one of these words")
    parser.add_argument("--processes", default="1", help="how many of ours share a port on PostgreSQL: 1,2")
    parser.add_argument("--json", default="", help="add the figures to this file")
    chosen = parser.parse_args()
    connections = [int(number) for number in chosen.connections.split(",")]
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load of the machine at the start: {' '.join(f'{n:.1f}' for n in os.getloadavg())}\n")
    print("| server | operation | connections | calls/s | p50 ms | p99 ms | p99.9 ms | server CPU us | RSS MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with contextlib.ExitStack() as stack:
        for server in _servers(stack, [int(number) for number in chosen.processes.split(",")]):
            if not chosen.only or any(word in server.name for word in chosen.only):
                _measure(server, connections, chosen.seconds, chosen.json)
    print(f"\nload of the machine at the end: {' '.join(f'{n:.1f}' for n in os.getloadavg())}")


def _servers(stack: contextlib.ExitStack, processes: list[int]) -> Iterator[Server]:
    ours = [sys.executable, "-m", "benchmarks.door.served"]
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    real = ("feedbackUser", "insertServiceOp")
    yield Server("ours, SQLite", [*ours, f"sqlite:///{folder}/billing.db"], ("trivialUser", *real))
    for number in processes:
        if url := _postgres(stack):
            name = "ours, PostgreSQL" if number == 1 else f"ours, PostgreSQL, {number} processes"
            yield Server(name, [*ours, url], real, processes=number)
    yield from _java()


def _java() -> Iterator[Server]:
    hessian = JARS / "hessian.jar"
    if not (shutil.which("javac") and hessian.exists()):
        return
    beans = ROOT / "benchmarks/hessian/java"
    jetty = [JARS / f"jetty9-{part}.jar" for part in JETTY] + [JARS / "servlet-api.jar"]
    has_jetty = all(jar.exists() for jar in jetty)
    shutil.rmtree(BUILD, ignore_errors=True)
    shutil.copytree(beans / "META-INF", BUILD / "META-INF")
    path = ":".join(map(str, [BUILD, hessian, *jetty]))
    sources = [*(beans / "com").rglob("*.java"), HERE / "java/BillingService.java", HERE / "java/JdkDoor.java"]
    if has_jetty:
        sources.append(HERE / "java/JettyDoor.java")
    subprocess.run(["javac", "-nowarn", "-cp", path, "-d", str(BUILD), *map(str, sources)], check=True)
    start = ["java", OPENED, "-Xmx512m", "-Dsun.net.httpserver.nodelay=true", "-Dthreads=256", "-cp", path]
    asked = ("feedbackUser", "insertServiceOp")
    if has_jetty:
        yield Server("Java, Jetty + HessianServlet", [*start, "JettyDoor"], asked, warm_s=6.0)
    yield Server("Java, JDK server + HessianSkeleton", [*start, "JdkDoor"], asked, warm_s=6.0)


def _postgres(stack: contextlib.ExitStack) -> str | None:
    """A new database, dropped at the end; None where no server answers."""
    admin = create_engine(POSTGRES.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    name = f"billing_bench_{os.getpid()}_{next(_NUMBERS)}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except Exception as error:  # noqa: BLE001 (whatever is wrong with it, the other servers are measured)
        print(f"PostgreSQL is left out: {type(error).__name__}", file=sys.stderr)
        return None

    def drop() -> None:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    stack.callback(drop)
    return POSTGRES.rpartition("/")[0] + "/" + name


def _measure(server: Server, connections: list[int], seconds: float, file: str) -> None:
    with _started(server) as (target, pids):
        for operation in server.operations:
            source = requests(target, operation)
            run_load(target, source, 16, server.warm_s)
            for number in connections:
                before = _cpu_s(pids)
                load = run_load(target, source, number, seconds)
                used = _cpu_s(pids) - before
                if load.wrong:
                    print(f"{len(load.wrong)} wrong answers, such as {load.wrong[0][:300]!r}", file=sys.stderr)
                calls = max(len(load.times), 1)
                print(
                    f"| {server.name} | {operation} | {number} | {calls / load.seconds:,.0f} "
                    f"| {load.percentile(0.5):.2f} | {load.percentile(0.99):.1f} | {load.percentile(0.999):.1f} "
                    f"| {used / calls * 1e6:.0f} | {_resident_mb(pids):.0f} |",
                    flush=True,
                )
                p50, p99, p999 = (load.percentile(part) for part in (0.5, 0.99, 0.999))
                add_rows(file, [Row(
                    "door", f"{server.name}, {number} connections", operation, items=calls, seconds=load.seconds,
                    rate=calls / load.seconds, own_cpu_us=used / calls * 1e6, p50_ms=p50, p99_ms=p99, p999_ms=p999,
                    memory_mb=_resident_mb(pids),
                )])  # fmt: skip


@contextlib.contextmanager
def _started(server: Server) -> Iterator[tuple[Target, list[int]]]:
    """The server's address and processes, stopped at the end. It prints `secret S` and `port N`, or its URL."""
    with contextlib.ExitStack() as stack:
        first = _process(stack, server.command)
        target = _told(first)
        others = [_process(stack, [*server.command, str(target.port)]) for _ in range(1, server.processes)]
        for other in others:
            _told(other)
        yield target, [first.pid, *(other.pid for other in others)]


def _process(stack: contextlib.ExitStack, command: list[str]) -> "subprocess.Popen[str]":
    made = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=_log(), text=True, cwd=ROOT)
    stack.enter_context(made)
    stack.callback(made.terminate)
    return made


def _told(process: "subprocess.Popen[str]") -> Target:
    assert process.stdout is not None
    target = Target(0)
    for line in process.stdout:
        words = line.split()
        if words[:1] == ["secret"]:
            target = replace(target, secret=words[1])
        elif words[:1] == ["port"]:
            return replace(target, port=int(words[1]))
        elif words[:1] == ["Hessian"]:
            return replace(target, port=int(words[1].split(":")[2].split("/")[0]))
    raise SystemExit("the server ended before it served: see benchmarks/door/build/server.log")


def _log() -> int:
    """A log is written for real, as it would be in a file."""
    BUILD.mkdir(exist_ok=True)
    return os.open(BUILD / "server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def _cpu_s(pids: list[int]) -> float:
    """The seconds of CPU, of user and system, that processes have used."""
    stats = (Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for pid in pids)
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / TICKS


def _resident_mb(pids: list[int]) -> float:
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
