"""What a step costs: time, CPU and memory of this program and its workers, and CPU of the database's processes.

Read from `/proc` several times a second, since a worker's or a connection's figures end with it.
"""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")
EVERY_S = 0.1


@dataclass
class Cost:
    """Seconds of wall time and CPU; MB of the largest process of ours."""

    wall_s: float = 0.0
    own_cpu_s: float = 0.0
    database_cpu_s: float = 0.0
    peak_mb: float = 0.0


class Watched:
    """Watches the process tree, and the PostgreSQL processes that serve the named database."""

    def __init__(self, database: str) -> None:
        self._database = database.encode()
        self.cost = Cost()
        self._seen: dict[tuple[str, int], tuple[float, float]] = {}  # first and last CPU
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._look(first=True)
        self._began = perf_counter()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cost.wall_s = perf_counter() - self._began
        self._stop.set()
        self._thread.join()
        self._look()
        for (whose, _), (first, last) in self._seen.items():
            if whose == "own":
                self.cost.own_cpu_s += last - first
            else:
                self.cost.database_cpu_s += last - first

    def _watch(self) -> None:
        while not self._stop.wait(EVERY_S):
            self._look()

    def _look(self, *, first: bool = False) -> None:
        me = os.getpid()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            process = int(entry.name)
            try:
                stat = (entry / "stat").read_text().rpartition(") ")[2].split()
                line = (entry / "cmdline").read_bytes()
                own = process == me or (int(stat[1]) == me and b"multiprocessing" in line)
                if not own and not (line.startswith(b"postgres:") and self._database in line):
                    continue
                cpu = (int(stat[11]) + int(stat[12])) / TICKS
                if own:
                    self.cost.peak_mb = max(self.cost.peak_mb, int(stat[21]) * 4096 / 1e6)
            except (OSError, IndexError, ValueError):
                continue
            key = ("own" if own else "database", process)
            begun = self._seen.get(key, (cpu if first else 0.0, cpu))[0]
            self._seen[key] = (begun, cpu)
