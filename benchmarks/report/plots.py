"""The plots of a report, as SVG: the same figures give the same file."""

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.figures import Row
from benchmarks.report.targets import JAVA, TARGETS, day_cpu

OURS, THEIRS, DATABASE, MISSED = "#1f6f8b", "#c97b3c", "#9db4c0", "#b23a48"
Rows = Sequence[Row]


def draw(rows: Rows, folder: Path) -> list[tuple[str, str]]:
    """Draw what the rows hold; titles with file names."""
    mpl.rcParams.update({
        "svg.hashsalt": "report", "svg.fonttype": "path", "font.size": 9,
        "axes.spines.top": False, "axes.spines.right": False,
    })  # fmt: skip
    found = []
    plots: list[tuple[str, str, Callable[[Axes, Rows], bool]]] = [
        ("Against the floors", "targets.svg", _targets),
        ("insertServiceOp: calls a second", "door-rate.svg", _door_rate),
        ("insertServiceOp: 99 % of the calls", "door-p99.svg", _door_p99),
        ("CPU an item", "cycle-cpu.svg", _cycle_cpu),
        ("CPU of an order's day over the size of the company", "flat.svg", _flat),
    ]
    for title, name, plot in plots:
        figure = Figure(figsize=(8, 4.2), layout="constrained")
        if plot(figure.add_subplot(), rows):
            figure.savefig(folder / name, metadata={"Date": None})
            found.append((title, name))
    return found


def _targets(axes: Axes, rows: Rows) -> bool:
    """How many times each floor is reached: right of the line it is."""
    names, times = [], []
    for target in TARGETS:
        value = target.found(rows)
        if value and value > 0:
            names.append(target.name)
            times.append(value / target.floor if target.more else target.floor / value)
    axes.barh(names, times, color=[OURS if one >= 1 else MISSED for one in times])
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.invert_yaxis()
    axes.set_xlabel("times the floor (right of the line: reached)")
    axes.tick_params(axis="y", labelsize=7)
    return bool(names)


def _door_rate(axes: Axes, rows: Rows) -> bool:
    axes.set_ylabel("calls/s")
    return _door(axes, rows, lambda row: row.rate)


def _door_p99(axes: Axes, rows: Rows) -> bool:
    axes.set_ylabel("ms")
    axes.set_yscale("log")
    return _door(axes, rows, lambda row: row.p99_ms)


def _door(axes: Axes, rows: Rows, figure: Callable[[Row], float | None]) -> bool:
    lines: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        value = figure(row)
        if row.benchmark == "door" and row.what == "insertServiceOp" and value is not None:
            server, _, connections = row.case.rpartition(", ")
            lines.setdefault(server, []).append((int(connections.split()[0]), value))
    for server, points in lines.items():
        java = server.partition(",")[0] in JAVA
        axes.plot(*zip(*sorted(points), strict=True), "o--" if java else "o-", label=server)
    axes.set_xscale("log", base=2)
    axes.set_xlabel("connections")
    if lines:
        axes.legend(frameon=False, fontsize=8)
    return bool(lines)


def _cycle_cpu(axes: Axes, rows: Rows) -> bool:
    """Own and the database's CPU of the steps, in the largest run of one worker on PostgreSQL."""
    of_one = [
        r for r in rows if r.benchmark == "cycle" and r.case.startswith("postgresql") and "1 worker" in r.case
    ]
    largest = {row.what: row for row in sorted(of_one, key=lambda r: r.items or 0)}
    names = list(largest)
    own = [row.own_cpu_us or 0 for row in largest.values()]
    axes.barh(names, own, color=OURS, label="program")
    axes.barh(
        names, [row.database_cpu_us or 0 for row in largest.values()], left=own, color=DATABASE, label="PostgreSQL"
    )
    axes.invert_yaxis()
    axes.set_xlabel("microseconds of CPU an item")
    axes.legend(frameon=False)
    return bool(names)


def _flat(axes: Axes, rows: Rows) -> bool:
    points = day_cpu(rows)
    for name, line in points.items():
        axes.plot(*zip(*sorted(line.items()), strict=True), "o-", label=name)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("orders")
    axes.set_ylabel("us of CPU an order, program and database")
    if points:
        axes.legend(frameon=False)
    return bool(points)
