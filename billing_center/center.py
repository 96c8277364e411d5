"""The finished object that doors receive, and the unit of work that every use case takes.

A use case is a function of a `UnitOfWork` and a command. It reads the instant once (`work.at`), speaks to the
stores through `work.connection`, and leaves committing to whoever opened the unit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from billing_center.catalog.snapshot import CatalogCache, CatalogSnapshot
from billing_center.clock import Clock, civil_day
from billing_center.database import Database
from billing_center.ids import IdSource
from billing_center.settings import Settings
from billing_center.usage.real_time import RealTimeSignal

T = TypeVar("T")


@dataclass(slots=True)
class UnitOfWork:
    """One transaction, the instant it happens at, and who acts."""

    connection: Connection
    at: datetime
    actor: str
    settings: Settings
    ids: IdSource
    catalogs: CatalogCache
    real_time: RealTimeSignal
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    _catalog: CatalogSnapshot | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return self.settings.zone

    @property
    def today(self) -> date:
        """The civil day of the unit's instant."""
        return civil_day(self.at, self.zone)

    @property
    def catalog(self) -> CatalogSnapshot:
        """The catalog as this transaction sees it."""
        if self._catalog is None:
            self._catalog = self.catalogs.current(self.connection)
        return self._catalog

    def new_id(self) -> str:
        """A new time-ordered id."""
        return self.ids.new(self.at)


@dataclass(frozen=True, slots=True)
class Center:
    """The billing center: database, clock, ids, settings and catalog, put together by `bootstrap`."""

    settings: Settings
    database: Database
    clock: Clock
    ids: IdSource
    catalogs: CatalogCache
    real_time: RealTimeSignal

    def transact(self, actor: str, act: Callable[[UnitOfWork], T]) -> T:
        """Do the act in one transaction, again from its start when a race was lost. Returns after the commit.

        Raises: what the act raises; DatabaseAway; Busy after the last try.
        """
        unit: list[UnitOfWork] = []

        def work(connection: Connection) -> T:
            unit[:] = [self._unit(connection, actor)]
            return act(unit[0])

        outcome = self.database.transact(work)
        for step in unit[0].after_commit:
            step()
        return outcome

    @contextmanager
    def reading(self, actor: str = "center") -> Iterator[UnitOfWork]:
        """A unit that only reads."""
        with self.database.read() as connection:
            yield self._unit(connection, actor)

    def _unit(self, connection: Connection, actor: str) -> UnitOfWork:
        return UnitOfWork(
            connection, self.clock.now(), actor, self.settings, self.ids, self.catalogs, self.real_time
        )
