"""What a stretch of work cost: seconds, CPU seconds of its processes, and the largest memory of any of them."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter


@dataclass(slots=True)
class Cost:
    """`rows` done in `seconds`; CPU of this process and of its children."""

    name: str
    rows: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    memory_mb: float = 0.0
    database_cpu_s: float = 0.0
    log_bytes: float | None = None
    """What a row added to the database's log."""

    def add(self, more: "Cost") -> None:
        """Another stretch of the same work."""
        self.seconds, self.cpu_s = self.seconds + more.seconds, self.cpu_s + more.cpu_s
        self.database_cpu_s += more.database_cpu_s
        self.memory_mb = max(self.memory_mb, more.memory_mb)

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds else 0.0


@contextmanager
def measured(name: str, rows: int = 0) -> Iterator[Cost]:
    """Measure what happens inside; `rows` may be set there."""
    cost = Cost(name, rows)
    began, cpu, database = perf_counter(), _cpu_s(), _database_cpu_s()
    yield cost
    cost.seconds, cost.cpu_s = perf_counter() - began, _cpu_s() - cpu
    cost.database_cpu_s = _database_cpu_s() - database
    cost.memory_mb = max(_usage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def _cpu_s() -> float:
    both = (_usage(resource.RUSAGE_SELF), _usage(resource.RUSAGE_CHILDREN))  # of children, those that have ended
    living = _living_cpu_s(lambda name, parent: parent == os.getpid())
    return sum(used.ru_utime + used.ru_stime for used in both) + living


def _database_cpu_s() -> float:
    """CPU of all PostgreSQL processes of this machine that still run; what others let it do counts as well."""
    return _living_cpu_s(lambda name, parent: name == "postgres")


def _living_cpu_s(counts: Callable[[str, int], bool]) -> float:
    """CPU of the processes that run, chosen by name and parent."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(") ")
        except OSError:
            continue
        fields = rest.split()
        if counts(name.partition(" (")[2], int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _usage(who: int) -> resource.struct_rusage:
    return resource.getrusage(who)
