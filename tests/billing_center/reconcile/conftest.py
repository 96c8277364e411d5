"""A company that lived for three months, built once and copied for each test that tampers with it."""

import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
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
from billing_center.reconcile.compare_charges import recompute
from billing_center.reconcile.difference import Difference
from billing_center.reconcile.raw_facts import RowsNeeded
from billing_center.reconcile.read_alike import can_read_alike
from billing_center.reconcile.read_facts import read_facts
from billing_center.reconcile.reconcile_payers import Reconciled, reconcile
from billing_center.settings import Settings
from schema.engine import open_engine
from schema.migrate import upgrade
from tests.billing_center.reconcile.company import Company
from tests.conftest import made_database
from tests.scenarios.story import Story

BEGIN = datetime(2026, 2, 28, 16, tzinfo=UTC)  # the first moment of 1 March in Shanghai
SEED = 7
COMPARED = (
    "amount", "currency", "list_amount", "meter_component", "meter_order_id", "meter_scope", "order_id",
    "period_start", "product_id", "promotion_id", "quantity", "reading_after", "reading_before", "user_id",
    "version_id",
)  # fmt: skip
"""Columns of a charge beside its key, each of which must say what it should."""


@contextmanager
def opened(url: str, clock: SettableClock) -> Iterator[Center]:
    """A center over a database."""
    center = open_center(Settings(database_url=url), clock=clock, ids=CountingIds())
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


def left(center: Center) -> tuple[int, int]:
    """(charges of the boss, those that were not settled): as many where the database brings them together."""
    with center.reading() as work:
        facts = read_facts(work, ["boss"])
        one = facts.payers["boss"]
        recompute(facts, one)
        if can_read_alike(work.connection):
            facts = read_facts(work, ["boss"], together=True)
            try:
                recompute(facts, facts.payers["boss"])
            except RowsNeeded:
                assert one.rest
            else:
                assert not one.rest
        return len(one.charges), len(one.rest)


@pytest.fixture(scope="session")
def three_months(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The file of a company that lived for three months, and the instant it stands at."""
    path = tmp_path_factory.mktemp("company") / "company.db"
    shutil.copy(sqlite_template, path)
    return path, _lived(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def three_months_on_postgres(postgres_url: str) -> Iterator[tuple[str, datetime]]:
    """The same company in a database of a PostgreSQL server."""
    with made_database("billing_company", on=postgres_url) as url:
        engine = open_engine(url)
        upgrade(engine)
        engine.dispose()
        yield url, _lived(url)


def _lived(url: str) -> datetime:
    clock = SettableClock(BEGIN)
    with opened(url, clock) as center:
        Company(Story(center, clock), random.Random(SEED)).live()
    return clock.at


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """The company's books, a copy for this test."""
    if request.param == "sqlite":
        path, at = request.getfixturevalue("three_months")
        shutil.copy(path, tmp_path / "billing.db")
        copied: AbstractContextManager[str] = nullcontext(f"sqlite:///{tmp_path}/billing.db")
    else:
        url, at = request.getfixturevalue("three_months_on_postgres")
        copied = made_database("billing_books", like=url)
    with copied as url, opened(url, SettableClock(at)) as center:
        yield Books(center)
