"""The golden text is what the program sends: its tables, and every statement of whatever tests ran before."""

import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.oracle.golden import (
    GOLDEN,
    SCRIPTS,
    Collector,
    _read,
    add_to_golden,
    golden_statements,
    not_in_golden,
    readable,
    scripts,
    write_golden,
)
from tests.oracle.h2_dialect import h2_url
from tests.oracle.rules import broken_rules

MAKE = "run `make oracle-sql`, or these tests with `--oracle-sql add`, and look at what changed"
ASKING = """
from sqlalchemy import column, insert, select, table

def ask(connection, *numbers):
    asked = select(column("a")).select_from(table("t")).where(column("a").in_(numbers)).limit(3)
    return connection.execute(asked).all()
"""


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_the_golden_one_and_breaks_no_rule(name: str) -> None:
    made = scripts()[name]
    assert made == (GOLDEN / f"{name}.sql").read_text(), MAKE
    statements = re.split(r"\n/\n|;\n", made)
    assert len(statements) > 10
    assert [(rule.name, one) for one in statements for rule in broken_rules(one)] == []


def test_a_statement_of_the_program_is_collected_with_its_place_and_one_of_a_test_is_not(
    tmp_path: Path, h2_port: int
) -> None:
    engine, collector = create_engine(h2_url(h2_port, "made_up")), Collector(tmp_path)
    collector.listen(engine)
    program: dict[str, object] = {}
    exec(compile(ASKING, str(tmp_path / "billing_center/charge/made_up.py"), "exec"), program)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        connection.exec_driver_sql("SELECT a FROM t")
        program["ask"](connection, 1)  # type: ignore[operator]
        program["ask"](connection, 1, 2)  # type: ignore[operator]
    engine.dispose()
    expected = "SELECT a\nFROM t\nWHERE a IN (:a_1, ...)\nFETCH FIRST :param_1 ROWS ONLY"
    assert {s: dict(t) for s, t in collector.sent.items()} == {
        "charge": {expected: {"billing_center/charge/made_up.py: ask"}}
    }
    assert not_in_golden(collector.sent) == [f"billing_center/charge/made_up.py: ask\n{expected}"]


def test_what_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.oracle.golden.GOLDEN", tmp_path)
    sent = {"charge": {"SELECT 1\nFROM dual": {"a.py: f", "b.py: g"}, "SELECT 2\nFROM dual": {"a.py: f"}}}
    write_golden(sent)
    add_to_golden({"charge": {"SELECT 2\nFROM dual": {"c.py: h"}}})
    sent["charge"]["SELECT 2\nFROM dual"].add("c.py: h")
    assert golden_statements() == sent
    assert dict(_read("")) == {}
    assert readable(" SELECT x \nFROM t") == "SELECT x\nFROM t"
    wide = readable("SELECT " + ", ".join(f"column_{number}" for number in range(50)) + " FROM t")
    assert max(map(len, wide.split("\n"))) <= 115
    assert readable(wide) == wide


@pytest.mark.database
def test_every_statement_of_this_run_is_in_the_golden_text(request: pytest.FixtureRequest) -> None:
    """Comes last of all tests: see `golden_plugin`."""
    collector = request.config.stash[Collector.KEY]
    if request.config.getoption("--oracle-sql") != "check":
        return  # it is being written
    assert not_in_golden(collector.sent) == [], MAKE
