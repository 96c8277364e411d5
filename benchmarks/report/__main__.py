"""The report: every benchmark in one run, its figures kept, drawn, and compared with the last ones.

    python -m benchmarks.report [glance|usual|million] [--only NAME ...]     measure, keep, write the page
    python -m benchmarks.report million --only NAME ... --again              measure parts of the newest one again
    python -m benchmarks.report page [FILE]                                  write the page of a kept report anew

The page is docs/benchmarks/README.md, and the figures of each report are beside it (a glance goes to
benchmarks/report/build). PostgreSQL is a server of the run's own with the settings of deploy/postgresql, or the
one that BENCH_POSTGRES_URL names; databases are made there and removed. RabbitMQ is the one of BENCH_BROKER_URL.
A part that fails is told, and the rest is kept.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.figures import rows_of
from benchmarks.postgresql import server
from benchmarks.report.kept import FOLDER, GLANCES, Report, keep, load, newest, one_before
from benchmarks.report.machine import machine
from benchmarks.report.page import capacity, page
from benchmarks.report.plots import draw
from benchmarks.report.suite import Size, parts

CAPACITY = FOLDER.parent / "capacity.md"
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"


def main() -> int:
    """Measure or draw; 3 when a part failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="usual", choices=[*Size, "page"])
    parser.add_argument("file", nargs="?", type=Path, help="a kept report; the newest unless told")
    parser.add_argument("--only", nargs="*", default=[], help="parts whose name holds one of these words")
    parser.add_argument(
        "--again", action="store_true", help="put the figures in the place of those of the newest kept report"
    )
    given = parser.parse_args()
    if given.what == "page":
        file = given.file or newest(FOLDER)
        write(load(file), file.parent)
        return 0
    report, failed = measure(Size(given.what), given.only)
    folder = GLANCES if given.what == Size.GLANCE else FOLDER
    if report.rows and given.again:
        report = load(newest(folder)).with_again(report, given.only)
    if report.rows:
        keep(report, folder)
        write(report, folder)
    for name in failed:
        print(f"failed: {name}", file=sys.stderr)
    return 3 if failed else 0


def measure(size: Size, only: list[str]) -> tuple[Report, list[str]]:
    """Run the parts, one after the other; the report, and the names of what failed."""
    chosen = [part for part in parts(size) if not only or any(word in part.name for word in only)]
    with tempfile.TemporaryDirectory() as folder, server() as postgres, _bar() as bar:
        about, failed = machine(postgres), []
        file = Path(folder) / "figures"
        file.touch()
        task = bar.add_task("", total=len(chosen))
        for part in chosen:
            bar.update(task, description=part.name)
            done = subprocess.run(
                [sys.executable, "-m", *part.command(str(file), postgres)],
                stdout=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
            bar.console.print(f"[bold]{part.name}[/]", done.stdout, highlight=False, soft_wrap=True)
            if done.returncode:
                failed.append(part.name)
            bar.advance(task)
        return Report(about, rows_of(file)), failed


def write(report: Report, folder: Path) -> None:
    """The page and its plots; of a report that is kept also the tables of docs/capacity.md."""
    file = folder / "README.md"
    file.write_text(page(report, one_before(report, folder), draw(report.rows, folder)), encoding="utf-8")
    print(file)
    if folder == FOLDER:
        before, _, rest = CAPACITY.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        measured = f"From [{report.name}](benchmarks/README.md).\n\n{capacity(report, where='')}"
        CAPACITY.write_text(f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}", encoding="utf-8")


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


if __name__ == "__main__":
    sys.exit(main())
