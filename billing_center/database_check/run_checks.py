"""Every check in turn, each in one transaction that only reads and sees one moment of the database."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from billing_center.database import Database
from billing_center.database_check.check import Check, Finding, Scope, in_one
from billing_center.database_check.invoices import find_invoices
from billing_center.database_check.layout import find_drift, find_history, find_missing_partitions, moved_tables
from billing_center.database_check.numbers import SERIES, find_numbers
from billing_center.database_check.orphans import find_orphans, pointers
from billing_center.database_check.slices import by_day_of_charge, by_day_of_use, by_invoice, by_payer
from billing_center.database_check.sums import find_meters, find_rollups, find_sums
from billing_center.database_check.uses import find_uses
from billing_center.errors import OutOfRange

CHECKS: tuple[Check, ...] = (
    Check("schema", "tables, columns, types, indexes and keys are as declared", in_one, find_drift),
    Check("partitions", "every month has its partition (PostgreSQL)", in_one, find_missing_partitions),
    Check("history", "history holds what was counted when it moved", moved_tables, find_history),
    Check("orphans", "what a row points at is there", pointers, find_orphans),
    Check("uses", "every use is in exactly one place", by_day_of_use, find_uses),
    Check("sums", "running sums are the totals of their charges", by_payer, find_sums),
    Check("meters", "meters read what their charges let them grow by", by_payer, find_meters),
    Check("rollups", "roll-ups are the totals of their charges", by_day_of_charge, find_rollups),
    Check("invoices", "lines are sums, totals are lines, what is due was sent", by_invoice, find_invoices),
    Check("numbers", "numbers have no gaps", lambda connection, scope: iter(SERIES), find_numbers),
)
"""In the order in which they run: what others build upon comes first."""

Watch = Callable[[str, int], None]
"""Is told the check and how many of its slices are done."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check found, at most as many as may be told; `more` when there were others."""

    check: Check
    findings: tuple[Finding, ...]
    more: bool


def chosen(names: Sequence[str]) -> tuple[Check, ...]:
    """The checks of these names, all when none is named. Raises: OutOfRange for another name."""
    known = {check.name: check for check in CHECKS}
    for name in names:
        if name not in known:
            raise OutOfRange(f"{name!r} is none of {', '.join(known)}", field="only")
    return tuple(check for check in CHECKS if not names or check.name in names)


def run_checks(database: Database, checks: Iterable[Check], scope: Scope, watch: Watch) -> Iterator[Checked]:
    """Run the checks one after the other. Raises: DatabaseAway."""
    for check in checks:
        with one_moment(database) as connection:
            yield run_check(connection, check, scope, watch)


def run_check(
    connection: Connection, check: Check, scope: Scope, watch: Watch = lambda name, done: None
) -> Checked:
    """Run one check in the caller's transaction; it ends early when it has found as many as may be told."""
    found: list[Finding] = []
    for done, slice_ in enumerate(check.slices(connection, scope)):
        watch(check.name, done)
        for subject, what in check.find(connection, scope, slice_):
            if len(found) == scope.limit:
                return Checked(check, tuple(found), more=True)
            found.append(Finding(check.name, subject, what))
    return Checked(check, tuple(found), more=False)


@contextmanager
def one_moment(database: Database) -> Iterator[Connection]:
    """A transaction that only reads and sees one moment throughout, whoever writes meanwhile."""
    with database.read() as connection:
        if database.kind == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        elif database.kind == "oracle":
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        yield connection
