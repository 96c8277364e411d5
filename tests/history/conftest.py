"""A shop whose January is closed, on databases of its own: moved partitions are left to no other test."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Table, select

from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.history.history_month import months_known
from billing_center.invoice.explain_invoice import explain_invoice
from billing_center.usage.store import use_counts
from jobs.job import Context
from jobs.registry import job_named
from jobs.run_job import Ran, run_job
from schema.tables.reconciliation import reconcile_difference
from tests.conftest import made_database
from tests.jobs.conftest import CATALOG, SHANGHAI, Shop

JANUARY = date(2026, 1, 1)


@pytest.fixture
def postgres_url(postgres_url: str) -> Iterator[str]:
    """A copy of the session's migrated database, with the partitions of February to June."""
    with made_database("billing_past", like=postgres_url) as url:
        yield url


@dataclass
class Past(Shop):
    """A shop with a past. Moves take the months before the last full one, two rows at a time."""

    clock: SettableClock | None = None

    def on(self, month: int, day: int = 1, hour: int = 1) -> datetime:
        """Set the clock."""
        assert self.clock is not None
        self.clock.at = moment(month, day, hour)
        return self.clock.at

    def job(self, name: str, context: Context | None = None) -> Ran:
        """Run a job for the day that the clock shows."""
        day = self.center.clock.now().astimezone(SHANGHAI).date()
        return run_job(context or self.context, job_named(name), day)

    def bill(self) -> None:
        """Rate what waits and invoice what has ended."""
        for name in ("make_partitions", "rate_usage", "roll_up", "issue_invoices"):
            self.job(name)

    def count(self, table: Table, month: date = JANUARY) -> int:
        """Rows of a month in a table."""
        rows = self.rows(table)
        return sum(row.day.replace(day=1) == month for row in rows)

    def states(self, month: date = JANUARY) -> dict[str, tuple[str, int, str, str]]:
        """State, rows, quantity and amount of a month, by table."""
        with self.center.reading() as work:
            return {
                m.table_name: (
                    m.state.value, m.totals.row_count, f"{m.totals.quantity:.2f}", f"{m.totals.amount:.2f}"
                )
                for m in months_known(work.connection)
                if m.month == month
            }  # fmt: skip

    def seen(self, *invoices: str) -> list[Any]:
        """What readers see of the past: invoices explained down to their uses, and where all uses are."""
        with self.center.reading() as work:
            counts = use_counts(work.connection)
            assert counts.adds_up
            return [counts, *(explain_invoice(work, one) for one in invoices)]

    def rows_of_differences(self) -> list[Any]:
        """What the reconciliation found."""
        return self.rows(reconcile_difference)

    def has(self, table: Table) -> bool:
        """Whether the table holds any row."""
        with self.center.reading() as work:
            return work.connection.execute(select(table).limit(1)).first() is not None


def moment(month: int, day: int, hour: int = 9) -> datetime:
    """A moment of 2026 in Shanghai."""
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def past(center: Center, clock: SettableClock) -> Past:
    """Five uses of January (payers a and b, 0.10 each) and one of February, rated and invoiced on 1 March."""
    settings = center.settings.model_copy(update={"history_after_months": 1, "chunk_size": 2})
    shop = Past(replace(center, settings=settings), clock=clock)
    shop.on(3, 1)
    center.transact("test", lambda work: load_catalog(work, CATALOG, "test.yaml"))
    for number, (payer, day) in enumerate([("a", 5), ("a", 6), ("a", 6), ("b", 6), ("b", 31)]):
        shop.use(f"j{number}", payer, moment(1, day))
    shop.use("f", "a", moment(2, 3))
    shop.bill()
    return shop
