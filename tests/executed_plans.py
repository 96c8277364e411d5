"""How PostgreSQL really carries statements out: each is run before its turn, analysed, and undone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from billing_center.center import Center

Plan = dict[str, Any]


@contextmanager
def executed_plans(center: Center, wanted: Callable[[str], object]) -> Iterator[list[Plan]]:
    """The plans of the statements that are sent meanwhile and wanted; of those with many sets of values none."""
    found: list[Plan] = []

    def heard(conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many and wanted(statement):
            with conn.connection.driver_connection.cursor() as beside:
                beside.execute("SAVEPOINT looking")
                beside.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
                found.append(beside.fetchone()[0][0]["Plan"])
                beside.execute("ROLLBACK TO SAVEPOINT looking")

    event.listen(center.database.engine, "before_cursor_execute", heard)
    try:
        yield found
    finally:
        event.remove(center.database.engine, "before_cursor_execute", heard)
