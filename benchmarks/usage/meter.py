"""What a stretch of work cost: seconds, CPU seconds of its processes, and the largest memory of any of them."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter


@dataclass(slots=True)
class Cost:
    """`rows` done in `seconds`; CPU of this process and of the children that have ended."""

    name: str
    rows: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    memory_mb: float = 0.0

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds else 0.0


@contextmanager
def measured(name: str, rows: int = 0) -> Iterator[Cost]:
    """Measure what happens inside; `rows` may be set there."""
    cost = Cost(name, rows)
    began, cpu = perf_counter(), _cpu_s()
    yield cost
    cost.seconds, cost.cpu_s = perf_counter() - began, _cpu_s() - cpu
    cost.memory_mb = max(_usage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def _cpu_s() -> float:
    both = (_usage(resource.RUSAGE_SELF), _usage(resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def _usage(who: int) -> resource.struct_rusage:
    return resource.getrusage(who)
