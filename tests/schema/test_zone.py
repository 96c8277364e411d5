"""Instants come in UTC, whatever zone the server or the URL names: nobody converts them after the driver."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import literal, select, type_coerce

from schema.engine import open_engine
from schema.types import Instant


@pytest.mark.postgres
@pytest.mark.database
def test_a_session_speaks_utc_where_the_server_speaks_another_zone(postgres_url: str) -> None:
    at = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)
    engine = open_engine(f"{postgres_url}?options=-c%20TimeZone%3DAsia/Shanghai")
    with engine.connect() as connection:
        found = connection.execute(select(type_coerce(literal(at, Instant), Instant))).scalar_one()
    engine.dispose()
    assert (found, found.tzinfo) == (at, UTC)
