"""A company that lived for three months, built once and copied for each test that tampers with it."""

import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Delete, Table, Update, delete, select, update

from billing_center.bootstrap import open_center
from billing_center.bulk import insert_rows
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.ids import CountingIds
from billing_center.reconcile.difference import Difference
from billing_center.reconcile.reconcile_payers import Reconciled, reconcile
from billing_center.settings import Settings
from tests.billing_center.reconcile.company import Company
from tests.scenarios.story import Story

BEGIN = datetime(2026, 2, 28, 16, tzinfo=UTC)  # the first moment of 1 March in Shanghai
SEED = 7


@contextmanager
def opened(path: Path, clock: SettableClock) -> Iterator[Center]:
    """A center over a file."""
    center = open_center(Settings(database_url=f"sqlite:///{path}"), clock=clock, ids=CountingIds())
    try:
        yield center
    finally:
        center.database.close()


@dataclass
class Books:
    """Books to look into, to tamper with, and to reconcile."""

    center: Center

    def find(self, table: Table, *where: ColumnElement[bool]) -> Any:
        """The first of the rows by key; there must be one."""
        return self.rows(table, *where)[0]

    def rows(self, table: Table, *where: ColumnElement[bool]) -> Sequence[Any]:
        """Rows by key."""
        statement = select(table).where(*where).order_by(*table.primary_key)
        with self.center.reading() as work:
            return work.connection.execute(statement).all()

    def set(self, table: Table, row: Any, **values: Any) -> None:
        """Write over columns of one row, behind everybody's back."""
        self._write(update(table).where(*self._is(table, row)).values(**values))

    def drop(self, table: Table, row: Any) -> None:
        """Delete one row."""
        self._write(delete(table).where(*self._is(table, row)))

    def add(self, table: Table, row: Any, **values: Any) -> None:
        """Add a row like another one."""
        added = dict(row._mapping) | values
        self.center.transact("tamperer", lambda work: insert_rows(work.connection, table, [added]))

    def _is(self, table: Table, row: Any) -> list[ColumnElement[bool]]:
        return [column == getattr(row, column.name) for column in table.primary_key]

    def _write(self, statement: Update | Delete) -> None:
        assert self.center.transact("tamperer", lambda work: work.connection.execute(statement).rowcount) == 1

    def reconcile(self, *, limit: int = 1000, run_id: str = "run", first: int = 0, last: int = 255) -> Reconciled:
        """Reconcile everything, chunk after chunk; what all chunks together found."""
        every = Reconciled()
        position: str | None = ""
        while position is not None:
            at = position
            done = self.center.transact(
                "job",
                lambda work: reconcile(
                    work,
                    first_shard=first,
                    last_shard=last,
                    position=at,  # noqa: B023
                    limit=limit,
                    run_id=run_id,
                ),
            )
            every.compared += done.compared
            every.differences += done.differences
            every.counts += done.counts
            position = done.next_position
        return every

    def differences(self) -> list[Difference]:
        """All differences."""
        return self.reconcile().differences


@pytest.fixture(scope="session")
def three_months(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The file of a company that lived for three months, and the instant it stands at."""
    path = tmp_path_factory.mktemp("company") / "company.db"
    shutil.copy(sqlite_template, path)
    clock = SettableClock(BEGIN)
    with opened(path, clock) as center:
        Company(Story(center, clock), random.Random(SEED)).live()
    return path, clock.at


@pytest.fixture
def books(three_months: tuple[Path, datetime], tmp_path: Path) -> Iterator[Books]:
    """The company's books, a copy for this test."""
    path, at = three_months
    shutil.copy(path, tmp_path / "billing.db")
    with opened(tmp_path / "billing.db", SettableClock(at)) as center:
        yield Books(center)
