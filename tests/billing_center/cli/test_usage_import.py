"""`usage import`: every line of a file kept once or refused with its reason, also when it is broken off."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from billing_center.access.refused_calls import list_refused
from billing_center.bootstrap import open_center
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.cli import usage_import
from billing_center.cli.main import app
from billing_center.errors import Busy, DatabaseAway, OutOfRange, Refused
from billing_center.settings import Settings
from billing_center.usage.file_pieces import plan_of
from billing_center.usage.import_uses import begin_import, import_lines, imports
from schema.tables.usage import usage_event

PRICES = """
products:
  - {id: sms, name: sms, currency: CNY, unit: count,
     plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 0.1}}]}}
  - {id: talk, name: talk, currency: CNY, unit: minute,
     plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 0.3}}]}}
"""
CSV = (
    "\ufeffProductId,GUID,user_id,useAge,startDate,endDate,unit,payer_id,note\r\n"
    "sms,a,u1,2,2026-03-01T09:30:00+08:00,,,p1,kept\r\n"  # line 2
    "sms,a,u1,2,2026-03-01T09:30:00+08:00,,,p1,a repeat of line 2\r\n"
    'talk,b,u2,"90",2026-03-01 10:00:00,2026-03-01 10:01:30,second,,"two\r\nlines"\r\n'  # lines 4 and 5
    "sms,c,u3,1.5,1772328600000,,,p1,2026-03-01T01:30:00Z\r\n"  # line 6
    "sms,d,u3,many,2026-03-01,,,p1,no number\r\n"
    "fax,e,u3,1,2026-03-01,,,p1,no such product\r\n"
    "talk,f,u3,1,2026-03-01,,GB,p1,does not convert\r\n"
    "sms,g,u3\udcff,1,2026-03-01,,,p1,no UTF-8\r\n"
    "sms,h,,1,2026-03-01,,,p1,nobody\r\n"
    "sms,i,u4,1,soon,,,p1,no instant\r\n"
    "\r\n"
    "sms,j,u5,3,2026-03-01,,,p1,kept\r\n"  # line 14
)


class Office:
    """A command line on an empty center with a catalog, and the file in a folder."""

    def __init__(self, url: str, folder: Path) -> None:
        self.center: Center = open_center(Settings(database_url=url))
        self.center.transact("test", lambda work: load_catalog(work, PRICES, "prices.yaml"))
        self.file = folder / "uses.csv"
        self.file.write_text(CSV, encoding="utf-8", errors="surrogateescape", newline="")

    def run(self, *words: str) -> tuple[int, dict[str, Any]]:
        """The exit code of an import, and the line of JSON that it printed."""
        given = ["usage", "import", str(self.file), "--caller", "mediation", *words]
        outcome = CliRunner().invoke(app, given)
        if isinstance(outcome.exception, Refused):
            return 1, json.loads(outcome.output.splitlines()[0])
        if outcome.exception is not None:
            raise outcome.exception
        return outcome.exit_code, json.loads(outcome.output)

    def kept(self) -> list[tuple[Any, ...]]:
        """What lies in the table of events."""
        c = usage_event.c
        columns = (c.guid, c.caller, c.user_id, c.payer_id, c.quantity, c.unit, c.started_at)
        with self.center.reading() as work:
            return [tuple(row) for row in work.connection.execute(select(*columns).order_by(c.guid))]


@pytest.fixture
def office(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("BILLING_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")
    opened = Office(database_url, tmp_path)
    yield opened
    opened.center.database.close()


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC)


KEPT = [
    ("a", "mediation", "u1", "p1", Decimal(2), "", at(1, 30)),
    ("b", "mediation", "u2", "", Decimal(90), "second", at(2)),
    ("c", "mediation", "u3", "p1", Decimal("1.5"), "", at(1, 30)),
    ("j", "mediation", "u5", "p1", Decimal(3), "", datetime(2026, 2, 28, 16, tzinfo=UTC)),
]
REFUSED = [(7, "useAge"), (8, "productId"), (9, "useUnit"), (10, "userId"), (11, "userId"), (12, "startDate")]


def test_each_line_is_kept_once_or_refused_with_its_rule(office: Office) -> None:
    code, told = office.run()
    assert code == 1
    assert (told["kept"], told["repeated"], told["refused"], told["lines"]) == (4, 1, 6, 14)
    assert office.kept() == KEPT
    refusals = [json.loads(line) for line in Path(told["refused_to"]).read_text(encoding="utf-8").splitlines()]
    assert [(one["line"], one["field"]) for one in refusals] == REFUSED
    assert refusals[0]["text"].startswith("sms,d,u3,many")
    assert "GB" in refusals[2]["rule"]
    with office.center.reading() as work:
        assert len(list_refused(work, caller="mediation", operation="usage import")) == 6


def test_the_same_file_again_does_nothing_and_belongs_to_its_caller(office: Office) -> None:
    first = office.run()
    office.file = office.file.rename(office.file.with_name("sent again.csv"))
    assert office.run() == (first[0], first[1] | {"refused_to": f"{office.file}.refused.jsonl"})
    assert office.kept() == KEPT
    with pytest.raises(OutOfRange, match="for caller mediation"):
        office.center.transact(
            "test", lambda work: begin_import(work, digest=_digest(office), file_name="x", caller="y")
        )


def _digest(office: Office) -> str:
    return plan_of(office.file, quoted_lines=True).digest


@pytest.mark.parametrize("broken", [1, 2, 4])
def test_an_import_that_was_broken_off_goes_on_where_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch, broken: int
) -> None:
    monkeypatch.setenv("BILLING_USAGE_BATCH", "3")
    calls: list[int] = []

    def failing(act: Callable[..., Any]) -> Callable[..., Any]:
        def again(*given: Any, **options: Any) -> Any:
            calls.append(1)
            done = act(*given, **options)
            if len(calls) == broken:
                raise DatabaseAway("the connection broke before the commit")
            return done

        return again

    monkeypatch.setattr(usage_import, "import_lines", failing(import_lines))
    with pytest.raises(DatabaseAway):
        office.run()
    assert len(office.kept()) < len(KEPT)
    code, told = office.run()
    assert (code, told["kept"], told["repeated"], told["refused"]) == (1, 4, 1, 6)
    assert office.kept() == KEPT
    assert len(calls) == 4 + 1  # 11 lines in batches of three: the one that broke was done again
    refusals = [json.loads(line) for line in Path(told["refused_to"]).read_text(encoding="utf-8").splitlines()]
    assert [one["line"] for one in refusals] == [number for number, _ in REFUSED]


def test_two_processes_never_decide_the_same_lines(office: Office) -> None:
    digest = _digest(office)
    lines = next(usage_import.lines_of(office.file, office.center, "mediation", after=0, size=2))

    def begin(work: Any) -> Any:
        return begin_import(work, digest=digest, file_name="uses.csv", caller="mediation")

    one, other = (office.center.transact("test", begin) for _ in range(2))
    office.center.transact("test", lambda work: import_lines(work, one, lines, last=False))
    with pytest.raises(Busy):
        office.center.transact("test", lambda work: import_lines(work, other, lines, last=False))
    with office.center.reading() as work:
        [found] = imports(work)
    assert (found.lines_done, found.kept, found.repeated, found.finished_at) == (3, 1, 1, None)


def test_json_lines_say_the_same(office: Office) -> None:
    office.file = office.file.with_name("uses.jsonl")
    told = [
        {
            "productId": "sms",
            "guid": "a",
            "userId": "u1",
            "useAge": 2,
            "startDate": 1772328600000,
            "payerMemId": "p1",
        },
        {
            "product_id": "sms",
            "guid": "b",
            "user_id": 7,
            "quantity": "0.5",
            "started_at": "2026-03-01T09:30:00+08:00",
        },
        {"productId": "sms", "guid": "c", "userId": "u1", "useAge": 0.1000001, "startDate": 1772328600000},
    ]
    office.file.write_text("\n".join(map(json.dumps, told)) + "\n[1]\nnot json\n", encoding="utf-8")
    code, counts = office.run()
    assert (code, counts["kept"], counts["refused"]) == (1, 2, 3)
    assert office.kept() == [
        ("a", "mediation", "u1", "p1", Decimal(2), "", at(1, 30)),
        ("b", "mediation", "7", "", Decimal("0.5"), "", at(1, 30)),
    ]


def test_a_file_without_the_names_of_its_columns_is_refused_as_a_whole(office: Office) -> None:
    office.file.write_text("sms,a,u1,2\n", encoding="utf-8")
    with pytest.raises(Refused, match="name the columns"):
        list(usage_import.lines_of(office.file, office.center, "mediation", after=0, size=5))
    assert office.kept() == []


LONG = "productId,guid,userId,useAge,startDate,note\r\n" + "".join(
    f"sms,g{n % 90},王{n % 7},{n % 11},2026-03-01T09:{n % 60:02d}:00Z,{'x' * (n % 50)}\r\n" for n in range(120)
)
"""Lines with a quantity of 0 are refused; the last 30 guids come again."""


def cut(size: int) -> Callable[..., Any]:
    return lambda file, quoted_lines: plan_of(file, quoted_lines=quoted_lines, piece=size)


def in_order(refused_to: Path) -> list[Any]:
    lines = [json.loads(line) for line in refused_to.read_text(encoding="utf-8").splitlines()]
    return sorted((one["line"], one["field"], one["text"]) for one in lines)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_pieces_say_of_a_file_what_it_says_as_a_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    office.file = office.file.with_suffix(f".{ending}")
    names, *rows = (line.split(",") for line in LONG.splitlines())
    objects = "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)
    office.file.write_text("\ufeff" + LONG if ending == "csv" else objects, encoding="utf-8", newline="")
    monkeypatch.setenv("BILLING_USAGE_BATCH", "5")
    monkeypatch.setattr(usage_import, "plan_of", cut(900))
    calls: list[int] = []

    def failing(*given: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 12:
            raise DatabaseAway("the connection broke")
        return import_lines(*given, **options)

    monkeypatch.setattr(usage_import, "import_lines", failing)
    with pytest.raises(DatabaseAway):
        office.run()
    assert 0 < len(office.kept()) < 84
    code, told = office.run()
    assert (code, told["kept"], told["repeated"], told["refused"]) == (1, 84, 25, 11)
    assert told["lines"] == (121 if ending == "csv" else 120)
    texts = office.file.read_text(encoding="utf-8-sig").splitlines()
    first = 2 if ending == "csv" else 1
    lines = [n + first for n in range(120) if n % 11 == 0]
    assert in_order(Path(told["refused_to"])) == [(n, "useAge", texts[n - 1]) for n in lines]
    with office.center.reading() as work:
        [found] = imports(work)
    assert (found.kept, found.file_name, found.finished_at is None) == (84, office.file.name, False)
    done = len(calls)
    assert office.run() == (code, told)
    assert len(calls) == done


@pytest.mark.databases("sqlite", "postgresql")
def test_several_processes_import_the_pieces_of_a_file(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.file.write_text(LONG, encoding="utf-8", newline="")
    monkeypatch.setattr(usage_import, "plan_of", cut(1500))
    code, told = office.run("--workers", "2")
    assert (code, told["kept"], told["repeated"], told["refused"]) == (1, 84, 25, 11)
    assert len(office.kept()) == 84


def test_pieces_are_cut_between_lines_and_not_where_a_cell_may_hold_more(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(LONG.encode())
    plan = plan_of(file, quoted_lines=True, piece=500)
    content = file.read_bytes()
    assert len(plan.pieces) > 5
    assert b"".join(content[piece.begin : piece.end] for piece in plan.pieces) == content
    for piece in plan.pieces:
        assert content[: piece.begin].count(b"\n") == piece.lines_before
        assert content[piece.end - 1 : piece.end] == b"\n"
    assert len({piece.digest for piece in plan.pieces} | {plan.digest}) == len(plan.pieces) + 1
    for odd in (b'"', b"\r"):
        file.write_bytes(content + b"x" + odd + b"x\n")
        assert plan_of(file, quoted_lines=True, piece=500).pieces == ()
    file.write_bytes(content + b'"x"\n')
    assert len(plan_of(file, quoted_lines=False, piece=500).pieces) > 5
