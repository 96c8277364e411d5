"""The floors and aims of the design, each with the figure that answers it.

Design: scale, "Targets": two cores that are shared with PostgreSQL, fsync on, and with the load.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.figures import Row

MILLION = 1_000_000
LONG_ENOUGH = 10_000
NEARLY = 0.98
"""Of as many uses, a few more or less wait to be rated: repeats are no uses."""
_DAYS = ("rate a day, first", "rate a day, next")
Rows = Sequence[Row]


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked; `more` when more is better."""

    name: str
    unit: str
    floor: float
    aim: float
    found: Callable[[Rows], float | None]
    more: bool = False

    def judged(self, value: float | None) -> str:
        """One word about a figure."""
        if value is None:
            return "not measured"
        reached = [asked for asked in (self.floor, self.aim) if (value >= asked if self.more else value <= asked)]
        return "aim reached" if self.aim in reached else "floor reached" if reached else "missed"


def _door(database: str, connections: int) -> Callable[[Rows], float | None]:
    def found(rows: Rows) -> float | None:
        case = f", {connections} connections"
        ours = (r for r in rows if r.what == "insertServiceOp" and r.case.startswith(f"ours, {database}"))
        return _most(r.rate for r in ours if r.case.endswith(case))

    return found


def _million_s(*whats: str, benchmark: str = "cycle") -> Callable[[Rows], float | None]:
    """Seconds for a million: the slower of the named steps in the largest run on PostgreSQL."""

    def found(rows: Rows) -> float | None:
        seconds = []
        for what in whats:
            runs = [
                r for r in rows
                if r.benchmark == benchmark and r.what == what and r.rate and r.case.startswith("postgresql")
            ]  # fmt: skip
            if not runs:
                return None
            most = max(r.items or 0 for r in runs)
            seconds.append(MILLION / max(r.rate or 0 for r in runs if r.items == most))
        return max(seconds)

    return found


def _rate(benchmark: str, start: str, *, largest: bool = False) -> Callable[[Rows], float | None]:
    """Items a second of the best run on PostgreSQL, or of the best of the largest ones."""

    def found(rows: Rows) -> float | None:
        runs = [r for r in rows if r.benchmark == benchmark and r.what.startswith(start)]
        runs = [r for r in runs if r.case.startswith("postgresql")]
        most = max((r.items or 0 for r in runs), default=0)
        return _most(r.rate for r in runs if not largest or (r.items or 0) >= most * NEARLY)

    return found


def _trivial(rows: Rows) -> float | None:
    return _least(r.own_cpu_us for r in rows if r.what == "trivialUser")


def _visible(rows: Rows) -> float | None:
    return _most(r.p99_ms for r in rows if r.what.startswith("event to visible charge"))


def _preview(rows: Rows) -> float | None:
    return _most(r.p50_ms for r in rows if r.benchmark == "preview")


def _memory(rows: Rows) -> float | None:
    return _most(r.memory_mb for r in rows if r.case.partition(",")[0] not in JAVA)


JAVA = ("Java", "Caucho Java")


def _growth(rows: Rows) -> float | None:
    """Percent by which the CPU of an order's day grows from the smallest company to the largest."""
    sizes = day_cpu(rows).get("rate a day, next, postgresql", {})
    return 100 * (sizes[max(sizes)] / sizes[min(sizes)] - 1) if len(sizes) > 1 else None


def day_cpu(rows: Rows) -> dict[str, dict[int, float]]:
    """CPU of an order's day by size, for each day and database; of runs long enough to hide the workers' start."""
    found: dict[str, dict[int, float]] = {}
    for row in rows:
        if row.what in _DAYS and row.items and row.items >= LONG_ENOUGH:
            cpu = (row.own_cpu_us or 0) + (row.database_cpu_us or 0)
            sizes = found.setdefault(f"{row.what}, {row.case.partition(',')[0]}", {})
            sizes[row.items] = min(cpu, sizes.get(row.items, cpu))
    return found


def _workers(*whats: str) -> Callable[[Rows], float | None]:
    """Two workers over one at the same size: the worst of the named steps."""

    def found(rows: Rows) -> float | None:
        ratios = []
        for row in rows:
            if row.what in whats and row.case.endswith(", 1 worker") and row.rate:
                two = row.case.removesuffix("1 worker") + "2 workers"
                ratios += [r.rate / row.rate for r in rows if r.case == two and r.what == row.what and r.rate]
        return min(ratios, default=None)

    return found


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _least(values: Iterable[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)


TARGETS = (
    Target(
        "insertServiceOp on PostgreSQL, 64 connections", "calls/s", 8_000, 20_000, _door("PostgreSQL", 64), True
    ),
    Target(
        "insertServiceOp on PostgreSQL, 256 connections", "calls/s", 8_000, 20_000, _door("PostgreSQL", 256), True
    ),
    Target("insertServiceOp on SQLite, 64 connections", "calls/s", 5_000, 12_000, _door("SQLite", 64), True),
    Target("insertServiceOp on SQLite, 256 connections", "calls/s", 5_000, 12_000, _door("SQLite", 256), True),
    Target("server CPU of a trivial call", "us", 150, 95, _trivial),
    Target("uses recorded in batches", "uses/s", 60_000, 150_000, _rate("usage", "uses recorded"), True),
    Target(
        "uses recorded, largest run",
        "uses/s",
        60_000,
        150_000,
        _rate("usage", "uses recorded", largest=True),
        True,
    ),
    Target("uses imported from a file", "uses/s", 60_000, 150_000, _rate("usage", "file of uses"), True),
    Target("uses rated and booked", "uses/s", 30_000, 100_000, _rate("usage", "uses rated"), True),
    Target(
        "uses rated and booked, largest run",
        "uses/s",
        30_000,
        100_000,
        _rate("usage", "uses rated", largest=True),
        True,
    ),
    Target("a day of 1,000,000 orders", "s", 40, 10, _million_s(*_DAYS)),
    Target("1,000,000 payers closed and invoiced", "s", 300, 30, _million_s("close and issue")),
    Target("arrears and control over 1,000,000 payers", "s", 60, 5, _million_s("control services, 1 in 20 owes")),
    Target("event to visible charge, 99 %", "ms", 1000, 200, _visible),
    Target("deductions, peer of 20 ms", "a second", 1_000, 5_000, _rate("cycle", "send deductions"), True),
    Target("preview of a payer", "ms", 100, 5, _preview),
    Target("1,000,000 invoices reconciled", "s", 600, 60, _million_s("reconcile_invoices", benchmark="month")),
    Target("memory of the largest process", "MB", 2_000, 500, _memory),
    Target("CPU of an order's day, smallest to largest", "% more", 50, 20, _growth),
    Target("two workers over one, days", "times", 1.5, 1.8, _workers(*_DAYS), True),
    Target("two workers over one, invoices", "times", 1.5, 1.8, _workers("close and issue"), True),
)
