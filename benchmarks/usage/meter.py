"""What a stretch of work cost: seconds, CPU seconds of its processes, and the largest memory of any of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.cycle.watch import Watched


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
    """Measure what happens inside; `rows` may be set there. All PostgreSQL processes of this machine count."""
    cost = Cost(name, rows)
    with Watched("") as watched:
        yield cost
    seen = watched.cost
    cost.seconds, cost.cpu_s, cost.database_cpu_s = seen.wall_s, seen.own_cpu_s, seen.database_cpu_s
    cost.memory_mb = seen.peak_mb
