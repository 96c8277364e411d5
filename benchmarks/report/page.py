"""The page of a report: what is asked and reached, what has changed since the last one, and every figure."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from benchmarks.figures import Row
from benchmarks.report.capacity import HABITS, SIZES, cost_table, table
from benchmarks.report.kept import Report
from benchmarks.report.targets import TARGETS

TOLD = 10
"""Percent of change from which a row is named."""
TITLES = {
    "hessian": "Codec", "door": "Door", "cycle": "Steps of the cycle", "usage": "Uses",
    "month": "A month's end, every step", "reconcile": "Reconciliation", "preview": "Preview",
    "disk": "On the disk, after the month",
}  # fmt: skip
_COLUMNS = {
    "items": "items", "seconds": "s", "rate": "items/s", "own_cpu_us": "own CPU us",
    "database_cpu_us": "database CPU us", "cores_busy": "cores busy",
    "p50_ms": "p50 ms", "p99_ms": "p99 ms", "p999_ms": "p99.9 ms", "memory_mb": "MB",
    "insert_select_s": "INSERT .. SELECT s", "copy_s": "COPY s", "bytes_each": "bytes each",
    "log_bytes": "bytes of log each",
}  # fmt: skip


def page(report: Report, before: Report | None, plots: Sequence[tuple[str, str]]) -> str:
    """The whole page in Markdown; `plots` are titles with their files."""
    parts = [
        "# Report of the benchmarks\n\nMade by `python -m benchmarks.report` (`make report`); the figures are in "
        f"[{report.name}.json]({report.name}.json).",
        _machine(report),
        _targets(report, before),
        *(f"## {title}\n\n![{title}]({file})" for title, file in plots),
        "## What it takes\n\n" + capacity(report),
        _changes(report, before),
        *_tables(report.rows),
    ]
    return "\n\n".join(parts) + "\n"


def _machine(report: Report) -> str:
    return _table(["", ""], [[name, value] for name, value in report.machine.items()])


def _targets(report: Report, before: Report | None) -> str:
    rows = []
    for target in TARGETS:
        value, old = target.found(report.rows), target.found(before.rows) if before else None
        asked = [f"{'≥' if target.more else '≤'} {number:,g}" for number in (target.floor, target.aim)]
        rows.append([target.name, target.unit, *asked, _number(value), _number(old), target.judged(value)])
    head = ["work", "unit", "floor", "aim", "measured", "report before", ""]
    return "## Floors and aims\n\n" + _table(head, rows, numbers={2, 3, 4, 5})


def capacity(report: Report, where: str = "../capacity.md") -> str:
    """What an item costs, and what so many subscribers need; also the middle of docs/capacity.md, which argues."""
    h = HABITS
    costs = _table(["an item", "us of CPU"], list(cost_table(report.rows)), numbers={1})
    intro = (
        f"A subscriber is a payer with {h.orders:g} orders that are rated daily, {h.uses:g} uses a day (in the "
        f"busiest minute {h.peak:g} times the mean) and an invoice of {h.lines} lines a month. Cores are those of "
        f"this machine, program and PostgreSQL together, planned to be {h.busy:.0%} busy."
    )
    head = ["need", *(f"{size:,} subscribers" for size in SIZES)]
    numbers = set(range(1, len(head)))
    needs = _table(head, list(table(report.rows)), numbers=numbers)
    said = f" What follows from it: [capacity]({where})." if where else ""
    return f"CPU of the program and of PostgreSQL together:\n\n{costs}\n\n{intro}{said}\n\n{needs}"


def _changes(report: Report, before: Report | None) -> str:
    head = "## Since the report before"
    if before is None:
        return f"{head}\n\nThere is none."
    old = {row.key: row for row in before.rows}
    found = []
    for row in report.rows:
        for what, was, now in _compared(old.get(row.key), row):
            percent = 100 * (now / was - 1)
            if abs(percent) >= TOLD:
                found.append([row.case, row.what, what, _number(was), _number(now), f"{percent:+.0f} %"])
    intro = f"{head}, {before.name}\n\nRows that changed by {TOLD} % or more."
    if not found:
        return intro + " None did."
    return intro + "\n\n" + _table(["case", "work", "figure", "was", "is", ""], found, numbers={3, 4, 5})


def _compared(old: Row | None, new: Row) -> Iterator[tuple[str, float, float]]:
    for name in ("rate", "own_cpu_us", "p99_ms"):
        was, now = getattr(old, name, None), getattr(new, name)
        if was and now:
            yield _COLUMNS[name], was, now


def _tables(rows: Sequence[Row]) -> Iterator[str]:
    order = list(TITLES)
    for benchmark, group in groupby(sorted(rows, key=lambda r: order.index(r.benchmark)), lambda r: r.benchmark):
        of_it = list(group)
        names = [name for name in _COLUMNS if any(getattr(row, name) is not None for row in of_it)]
        cells = [[row.case, row.what, *(_number(getattr(row, name)) for name in names)] for row in of_it]
        head = ["case", "work", *(_COLUMNS[name] for name in names)]
        yield f"## {TITLES[benchmark]}\n\n" + _table(head, cells, numbers=set(range(2, len(head))))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: set[int] | None = None) -> str:
    rule = ["---:" if place in (numbers or ()) else "---" for place in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
