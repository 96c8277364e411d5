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
PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY_S = 0.25
NOT_OURS = (b"benchmarks.cycle.peer",)
"""Processes that are started and do not belong to the program that is measured."""


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
        found = _processes()
        ours = _family(found, os.getpid())
        for process, (_, cpu, pages, line) in found.items():
            own = process in ours and not any(part in line for part in NOT_OURS)
            if not own and not (line.startswith(b"postgres:") and self._database in line):
                continue
            if own:
                self.cost.peak_mb = max(self.cost.peak_mb, pages * PAGE / 1e6)
            key = ("own" if own else "database", process)
            begun = self._seen.get(key, (cpu if first else 0.0, cpu))[0]
            self._seen[key] = (begun, cpu)


def _processes() -> dict[int, tuple[int, float, int, bytes]]:
    """Every process: its parent, its seconds of CPU, its pages in memory, and how it was called."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(") ")[2].split()
                line = (entry / "cmdline").read_bytes()
                cpu = (int(stat[11]) + int(stat[12])) / TICKS
                found[int(entry.name)] = (int(stat[1]), cpu, int(stat[21]), line)
            except (OSError, IndexError, ValueError):
                continue  # it has ended
    return found


def _family(found: dict[int, tuple[int, float, int, bytes]], first: int) -> set[int]:
    """A process with its children, and theirs."""
    family, grew = {first}, True
    while grew:
        children = {process for process, (parent, *_) in found.items() if parent in family} - family
        family |= children
        grew = bool(children)
    return family
