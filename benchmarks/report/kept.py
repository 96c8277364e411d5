"""Reports as they are kept: one JSON file each, with the machine and every row."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.figures import Row

FOLDER = Path(__file__).resolve().parents[2] / "docs/benchmarks"
GLANCES = Path(__file__).resolve().parent / "build"
"""Where the reports go that only show that everything runs; git ignores it."""


AGAIN = "measured again"


MACHINE = ("processor", "memory")
"""What tells one machine from another."""


@dataclass(frozen=True, slots=True)
class Report:
    """Where and when it was measured, and what came out."""

    machine: dict[str, str]
    rows: list[Row]

    @property
    def name(self) -> str:
        """Date, time and commit: in the order of names they are in the order of time."""
        moment = self.machine["date"].replace(" ", "-").replace(":", "")
        return f"{moment}-{self.machine['commit'].partition(',')[0]}"

    def with_again(self, later: "Report", parts: Sequence[str]) -> "Report":
        """This one with figures that were measured again later: when, of which commit, on which other machine."""
        told = f"{', '.join(parts) or 'all'}: {later.machine['date']}, {later.machine['commit']}"
        elsewhere = [later.machine[name] for name in MACHINE if later.machine.get(name) != self.machine.get(name)]
        told += f" (on {', '.join(elsewhere)})" if elsewhere else ""
        before = self.machine.get(AGAIN)
        machine = self.machine | {AGAIN: f"{before}; {told}" if before else told}
        rows = {row.key: row for row in (*self.rows, *later.rows)}
        return Report(machine, list(rows.values()))


def keep(report: Report, folder: Path) -> Path:
    """Write it under its name. Figures are rounded to what they are worth: five digits."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{report.name}.json"
    rows = [
        json.dumps({name: _rounded(v) for name, v in asdict(row).items() if v is not None}, ensure_ascii=False)
        for row in report.rows
    ]
    lines = ",\n    ".join(rows)
    machine = json.dumps(report.machine, indent=2, ensure_ascii=False).replace("\n", "\n  ")
    file.write_text(f'{{\n  "machine": {machine},\n  "rows": [\n    {lines}\n  ]\n}}\n', encoding="utf-8")
    return file


def load(file: Path) -> Report:
    """A report that was kept."""
    held = json.loads(file.read_text(encoding="utf-8"))
    return Report(held["machine"], [Row(**row) for row in held["rows"]])


def newest(folder: Path) -> Path:
    """The file of the newest report that is kept."""
    return max(folder.glob("*.json"))


def one_before(report: Report, folder: Path) -> Report | None:
    """The newest report kept before this one."""
    earlier = sorted(file for file in folder.glob("*.json") if file.stem < report.name)
    return load(earlier[-1]) if earlier else None


def _rounded(value: object) -> object:
    return float(f"{value:.5g}") if isinstance(value, float) else value
