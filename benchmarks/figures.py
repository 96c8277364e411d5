"""What a benchmark has measured, as rows that `benchmarks.report` puts into tables, plots and comparisons.

A benchmark that is given `--json FILE` adds its rows to that file, one JSON object a line. A row is known by its
benchmark, its case (database, size, workers) and what was done; the figures are whatever was measured of it.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of work. None where a figure was not measured; CPU is microseconds an item."""

    benchmark: str
    case: str
    what: str
    items: int | None = None
    seconds: float | None = None
    rate: float | None = None
    """Items a second."""
    own_cpu_us: float | None = None
    database_cpu_us: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    p999_ms: float | None = None
    memory_mb: float | None = None
    """The largest process of ours."""
    insert_select_s: float | None = None
    """What the database alone needs for the same rows."""
    copy_s: float | None = None
    bytes_each: float | None = None
    """On the disk, indexes included."""
    log_bytes: float | None = None
    """What an item adds to the database's log of changes, which is written at once and goes to each standby."""

    @property
    def cores_busy(self) -> float | None:
        """Cores that program and database kept busy: when those are all there are, more workers bring nothing."""
        if self.own_cpu_us is None or self.database_cpu_us is None or not (self.items and self.seconds):
            return None
        return (self.own_cpu_us + self.database_cpu_us) * self.items / 1e6 / self.seconds

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by."""
        return self.benchmark, self.case, self.what


def add_rows(file: str | Path, rows: Iterable[Row]) -> None:
    """Add rows to a file of figures; '' is no file."""
    if not file:
        return
    with Path(file).open("a", encoding="utf-8") as out:
        for row in rows:
            told = {name: value for name, value in asdict(row).items() if value is not None}
            out.write(json.dumps(told, ensure_ascii=False) + "\n")


def rows_of(file: Path) -> list[Row]:
    """The rows of a file of figures; figures that this version does not know are left out."""
    known = {f.name for f in fields(Row)}
    lines = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    return [Row(**{name: value for name, value in line.items() if name in known}) for line in lines]
