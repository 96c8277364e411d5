"""Collects the statements of a test run, and makes the golden text anew when asked to.

`--oracle-sql check` (the default): the last test compares what was sent with the golden text. `--oracle-sql add`
adds to it what the chosen tests send. `--oracle-sql rewrite`, for a run of all tests, also takes out what nobody
sends any more.
"""

import pytest

from tests.oracle.golden import GOLDEN, SCRIPTS, Collector, add_to_golden, scripts, write_golden

LAST = "test_every_statement_of_this_run_is_in_the_golden_text"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--oracle-sql`."""
    parser.addoption(
        "--oracle-sql", choices=("check", "add", "rewrite"), default="check", help="the golden SQL text"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Listen to every engine from now on."""
    config.stash[Collector.KEY] = collector = Collector()
    collector.listen()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test of the whole run comes last."""
    items.sort(key=lambda item: item.name == LAST)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write what was asked for. A run that did not come to its end takes nothing out."""
    collector, wish = session.config.stash[Collector.KEY], session.config.getoption("--oracle-sql")
    if wish == "check":
        return
    for name, text in scripts().items():
        (GOLDEN / f"{name}.sql").write_text(text)
    if wish == "add" or exitstatus > 1:
        add_to_golden(collector.sent)
        return
    for path in GOLDEN.glob("*.sql"):
        if path.stem not in SCRIPTS:
            path.unlink()
    write_golden(collector.sent)
