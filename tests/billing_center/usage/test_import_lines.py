"""A column of a file means what its cells mean by themselves: read as CSV or as JSON, a line says the same."""

import csv
import io
import json
from random import Random
from zoneinfo import ZoneInfo

import pytest

from billing_center.usage.import_lines import Lines, read_csv, read_json_lines

ZONE = ZoneInfo("Asia/Shanghai")
CELLS = {
    "guid": ["", "g1", " g 2 ", "x" * 101, "王", "tab\t", "\u3000"],
    "userId": ["u1", "u1", "u1", " u2", "", " ", "\udcff", "a\u0000"],
    "payerMemId": ["", "p1", 'q"uote', "y" * 65],
    "productId": ["sms", "sms", "talk", ""],
    "useAge": ["1", "1.50", " 2 ", "", "many", "1e3", "NaN", "0.0000001", "1_0", "-1", "10000000000000"],
    "amount": ["", "", "0.5", "1,5"],
    "useUnit": ["", "minute", "z" * 21],
    "startDate": [
        "2026-03-01T09:30:00+08:00", "2026-03-01T09:30:00.123+08:00", "2026-03-01 09:30:00.123456Z", "2026-03-01",
        "20260301", "1772328600000", "soon", "", "2026-02-30", "99999999999999999999", "²",
        "0001-01-01T00:00:00+08:00",
    ],
    "endDate": ["", "2026-03-01T09:30:01+08:00", "1772328600000", "later"],
}  # fmt: skip
PLAIN = {name: cells[:2] for name, cells in CELLS.items()}
COLUMNS = tuple(CELLS)


def told(some: list[Lines]) -> list[tuple[object, ...]]:
    """Each line's use or rule, in order, whatever portions they came in."""
    found: list[tuple[object, ...]] = []
    for lines in some:
        uses = {place: lines.uses.use(n) for n, place in enumerate(lines.sound)}
        for place in range(len(lines.numbers)):
            error = lines.refused.get(place)
            found.append((error.code, error.field, error.message) if error else (uses[place],))
    return found


@pytest.mark.parametrize("size", [1, 7, 400])
@pytest.mark.parametrize("cells", [CELLS, PLAIN])
def test_csv_and_json_say_the_same_in_portions_of_any_size(cells: dict[str, list[str]], size: int) -> None:
    random = Random(size)
    rows = [[random.choice(cells[name]) for name in COLUMNS] for _ in range(400)]
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    as_csv = list(read_csv(text.getvalue().splitlines(keepends=True), "me", ZONE, after=0, size=size))
    objects = [json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in rows]
    as_json = list(read_json_lines(objects, "me", ZONE, after=0, size=size))
    assert told(as_csv) == told(as_json)
    assert len(told(as_csv)) == 400
    assert (cells is PLAIN) == all(len(one) == 1 for one in told(as_csv)[:50])
    assert [n for lines in as_csv for n in lines.numbers] == list(range(2, 402))


def test_a_row_may_have_too_few_cells_and_too_many() -> None:
    text = ["userId,productId,startDate,useAge\n", "u,sms,2026-03-01\n", "u,sms,2026-03-01,2,more\n", "u\n"]
    [lines] = read_csv(text, "me", ZONE, after=0, size=9)
    assert [lines.uses.use(n).quantity for n in range(2)] == [None, 2]
    assert [lines.refused[2].field, *lines.sound] == ["startDate", 0, 1]


def test_lines_that_are_decided_are_passed_over() -> None:
    text = ["userId,productId,startDate\n", *("u,sms,2026-03-01\n" for _ in range(5))]
    portions = list(read_csv(text, "me", ZONE, after=4, size=9))
    assert [lines.numbers for lines in portions] == [(5, 6)]
