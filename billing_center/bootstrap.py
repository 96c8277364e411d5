"""The one place that builds engine, clock, ids and catalog into a `Center`. Doors receive the finished object.

Nothing connects, reads settings or starts a thread before `open_center` is called.
"""

from sqlalchemy import Engine

from billing_center.catalog.snapshot import CatalogCache
from billing_center.catalog.store import read_snapshot
from billing_center.center import Center
from billing_center.clock import Clock
from billing_center.database import Database
from billing_center.errors import Broken
from billing_center.ids import IdSource, TimeOrderedIds
from billing_center.settings import Settings
from billing_center.test_clock import choose_clock
from billing_center.tracing import set_up_tracing
from billing_center.usage.real_time import RealTimeSignal
from schema.engine import open_engine
from schema.migrate import current_revision, newest_revision, upgrade


def open_center(
    settings: Settings, *, clock: Clock | None = None, ids: IdSource | None = None, migrate: bool = False
) -> Center:
    """Build the center over the database that the settings name.

    With `migrate` the database is brought to the newest schema first. Raises: DatabaseAway; ClockRefused when
    the test clock and real facts would meet; Broken when the schema is not the newest one; SettingInvalid when
    traces are asked for and cannot be made.
    """
    set_up_tracing(settings)
    engine = open_engine(settings.database_url)
    database = Database(engine)
    try:
        _bring_to_schema(engine, hashes=settings.partition_hashes, migrate=migrate)
        chosen = clock if clock is not None else choose_clock(database, settings)
    except BaseException:
        database.close()
        raise
    return Center(
        settings=settings,
        database=database,
        clock=chosen,
        ids=ids if ids is not None else TimeOrderedIds(),
        catalogs=CatalogCache(read_snapshot),
        real_time=RealTimeSignal(),
    )


def _bring_to_schema(engine: Engine, *, hashes: int, migrate: bool) -> None:
    if migrate:
        upgrade(engine, hashes=hashes)
    elif (at := current_revision(engine)) != newest_revision():
        newest = newest_revision()
        message = f"the database is at migration {at}, the program at {newest}: run `billing-center db upgrade`"
        raise Broken(message)
