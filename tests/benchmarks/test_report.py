"""The report of the benchmarks: what it says of figures that were made up here."""

from pathlib import Path

import pytest

from benchmarks.figures import Row, add_rows, rows_of
from benchmarks.report import __main__
from benchmarks.report.capacity import needs
from benchmarks.report.kept import Report, keep, load, newest, one_before
from benchmarks.report.page import page
from benchmarks.report.plots import draw
from benchmarks.report.suite import Size, parts

CASE = "postgresql, 10,000 payers of 10 orders and 10 lines"
ROWS = [
    Row(
        "door", "ours, PostgreSQL, 64 connections", "insertServiceOp", 100, rate=9000.0, p99_ms=12.5, memory_mb=140
    ),
    Row("door", "Java, Jetty, 64 connections", "insertServiceOp", 100, rate=20000.0, memory_mb=4000),
    Row(
        "cycle", f"{CASE}, 1 worker", "rate a day, first", 100_000, rate=20_000, own_cpu_us=30, database_cpu_us=20
    ),
    Row("cycle", f"{CASE}, 1 worker", "rate a day, next", 100_000, rate=10_000, own_cpu_us=40, database_cpu_us=20),
    Row(
        "cycle", f"{CASE}, 2 workers", "rate a day, next", 100_000, rate=19_000, own_cpu_us=41, database_cpu_us=20
    ),
    Row(
        "cycle", f"{CASE}, 2 workers", "rate a day, first", 100_000, rate=32_000, own_cpu_us=41, database_cpu_us=20
    ),
    Row("cycle", "postgresql, 1,000 payers", "rate a day, next", 10_000, own_cpu_us=40, database_cpu_us=10),
]


def report(minute: str, rows: list[Row], processor: str = "2 x A") -> Report:
    return Report({"date": f"2026-11-22 10:{minute}", "commit": "abc1234", "processor": processor}, rows)


def test_a_kept_report_puts_its_tables_between_the_words_of_the_capacity_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = tmp_path / "capacity.md"
    words.write_text(f"before\n{__main__.BEGIN}\nold\n{__main__.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(__main__, "FOLDER", tmp_path)
    monkeypatch.setattr(__main__, "CAPACITY", words)
    __main__.write(report("00", ROWS), tmp_path)
    text = words.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- measured -->")
    assert text.endswith("<!-- end of what was measured -->\nafter\n")
    assert "old" not in text
    assert line_of(text, "a day of an order") == ["a day of an order", "61"]  # the dearer day: 41 + 20


def line_of(text: str, start: str) -> list[str]:
    [line] = [line for line in text.splitlines() if line.startswith(f"| {start}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_each_floor_is_answered_by_the_figure_that_belongs_to_it() -> None:
    text = page(report("00", ROWS), None, [])
    door = line_of(text, "insertServiceOp on PostgreSQL, 64 connections")
    assert door[2:] == ["≥ 8,000", "≥ 20,000", "9,000", "-", "floor reached"]
    # The slower of both days, with the workers that were quicker: 1,000,000 / 19,000 = 52.6 s, above 40.
    assert line_of(text, "a day of 1,000,000 orders")[4:] == ["52.6", "-", "missed"]
    # (40 + 20) / (40 + 10) = 1.2: a fifth more.
    assert line_of(text, "CPU of an order's day")[4:] == ["20", "-", "aim reached"]
    # 19,000 / 10,000 and 32,000 / 20,000: the worse counts.
    assert line_of(text, "two workers over one, days")[4:] == ["1.6", "-", "floor reached"]
    assert line_of(text, "memory of the largest process")[4:] == ["140", "-", "aim reached"]  # Java's is not ours
    assert line_of(text, "deductions")[4:] == ["-", "-", "not measured"]


def test_the_largest_run_is_told_beside_the_best_one() -> None:
    rows = [
        Row("usage", "postgresql, 10 payers", f"uses rated and booked, {name}", items, rate=rate)
        for name, items, rate in (("1 process", 1000, 20_000), ("2 processes", 1010, 41_000))
    ]
    rows.append(Row("usage", "postgresql, 99 payers", "uses rated and booked, 2 processes", 9000, rate=29_000))
    text = page(report("00", rows), None, [])
    assert line_of(text, "uses rated and booked |")[4:] == ["41,000", "-", "floor reached"]
    assert line_of(text, "uses rated and booked, largest run")[4:] == ["29,000", "-", "missed"]


def test_a_report_is_compared_with_the_one_kept_before_it(tmp_path: Path) -> None:
    quicker = [
        Row("door", "ours, PostgreSQL, 64 connections", "insertServiceOp", 100, rate=10_800.0, p99_ms=12.4),
        *ROWS[1:],
    ]
    keep(report("01", ROWS), tmp_path)
    later = report("02", quicker)
    file = keep(later, tmp_path)
    assert load(file) == later
    before = one_before(later, tmp_path)
    assert before is not None
    assert before.name == "2026-11-22-1001-abc1234"
    assert one_before(before, tmp_path) is None
    text = page(later, before, [])
    # 10,800 over 9,000 is told; what changed by less than a tenth is not.
    assert text.count("insertServiceOp | items/s | 9,000 | 10,800 | +20 %") == 1
    assert "p99 ms | 12.5" not in text


def test_a_part_is_measured_again_in_its_place(tmp_path: Path) -> None:
    """The rest stays as it was, and it is told what came later."""
    keep(report("30", ROWS), tmp_path)
    quicker = Row("door", "ours, PostgreSQL, 64 connections", "insertServiceOp", 100, rate=9500.0, p99_ms=12.5)
    once = load(newest(tmp_path)).with_again(report("45", [quicker]), ["door"])
    again = once.with_again(report("50", [Row("month", "larger", "rate_days", 7, rate=1.0)], "2 x B"), ["month"])
    assert again.rows == [quicker, *ROWS[1:], Row("month", "larger", "rate_days", 7, rate=1.0)]
    assert again.name == report("30", ROWS).name
    told = "door: 2026-11-22 10:45, abc1234; month: 2026-11-22 10:50, abc1234 (on 2 x B)"
    assert f"| measured again | {told} |" in page(again, None, [])


def test_what_subscribers_need_follows_from_the_measured_costs() -> None:
    rows = [
        *ROWS,
        Row("cycle", f"{CASE}, 1 worker", "roll up two days", 200_000, own_cpu_us=2, database_cpu_us=3),
        Row("disk", CASE, "usage_event", 10, bytes_each=300),
        Row("disk", CASE, "usage_identity", 10, bytes_each=200),
        Row("disk", CASE, "charge", 10, bytes_each=400),
        Row("disk", CASE, "usage_rollup", 10, bytes_each=100),
        Row("usage", CASE, "uses recorded, 1 process", 10, log_bytes=1000),
        Row("usage", CASE, "uses recorded, 2 processes", 20, log_bytes=900),
        Row("usage", CASE, "uses rated and booked, 2 processes", 20, log_bytes=700),
    ]
    need = dict(needs(rows, 100_000_000))
    # 1,000 million uses a day, of which 46,296 in the busiest second: 4 x 10^9 / 86,400. The door does 9,000 with
    # two cores: 222 us a call. 46,296 x 222.2 us = 10.29 cores, 60 % busy: 17.1.
    assert need["uses a day; in the busiest second"] == "1,000,000,000; 46,296"
    assert need["cores: calls and their commits, busiest minute"] == "17.1"
    # The dearer day of the largest run is 61 us an order: 200 million x 61 us + 1,200 million charges x 5 us
    # = 18,200 s, over 4 hours of 3,600 s, 60 % busy: 2.1.
    assert need["cores: a day's orders and roll-ups in 4 h"] == "2.1"
    assert need["cores: uses rated as they come, busiest minute"] == "?"  # it was not measured
    # The larger run: 900 + 700 bytes a use, 46,296 in a second of the busiest minute.
    assert need["log to each standby, busiest minute, MB/s"] == "74.1"
    assert need["disk, identities of 400 days, GiB"] == "74,506"  # 4 x 10^11 of 200 bytes
    # 30 x (10^9 x 900 + 2 x 10^8 x 500) bytes = 3 x 10^13.
    assert need["disk a month, facts and charges, GiB"] == "27,940"
    assert need["hash parts of a month of `charge`"] == "256"  # 36 x 10^9 rows: 720 parts of 5 x 10^7, 256 at most


def test_figures_are_added_to_a_file_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "figures"
    add_rows(file, ROWS[:2])
    add_rows(file, ROWS[2:])
    add_rows("", ROWS)
    assert rows_of(file) == ROWS


def test_the_same_figures_are_the_same_plots(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        draw(ROWS, folder)
    assert {file.name: file.read_bytes() for file in first.iterdir()} == {
        file.name: file.read_bytes() for file in second.iterdir()
    }
    assert {file.name for file in first.iterdir()} >= {"targets.svg", "door-rate.svg", "flat.svg", "cycle-cpu.svg"}


def test_every_part_of_every_size_is_a_benchmark_that_is_there() -> None:
    root = Path(__file__).parents[2]
    for size in Size:
        for part in parts(size):
            path = root / part.module.replace(".", "/")
            assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()
            words = part.command("figures", "postgresql://nobody@nowhere/x")
            assert "figures" in words
            assert ("postgresql://nobody@nowhere/x" in words) == ("POSTGRES" in part.words)
