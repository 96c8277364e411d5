"""A connection that died while nobody used it is found before work begins on it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from schema import engine as engine_module
from schema.engine import open_engine

pytestmark = pytest.mark.postgres

OWN = text("SELECT pg_backend_pid()")


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    made = open_engine(postgres_url)
    yield made
    made.dispose()


def broken(engine: Engine) -> list[int]:
    """End the sessions of two connections of the pool from outside; their process ids."""
    with engine.connect() as first, engine.connect() as second:
        pids = [one.execute(OWN).scalar_one() for one in (first, second)]
    other = open_engine(engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        for pid in pids:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    other.dispose()
    return pids


def test_after_a_pause_a_dead_connection_is_replaced_unseen(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "FRESH_S", 0.0)
    dead = broken(engine)
    with engine.connect() as first, engine.connect() as second:
        assert not {one.execute(OWN).scalar_one() for one in (first, second)} & set(dead)


def test_one_that_worked_just_now_is_not_asked_and_fails_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "FRESH_S", 3600.0)
    dead = broken(engine)
    with engine.connect() as connection, pytest.raises(OperationalError) as failed:
        connection.execute(OWN)
    assert failed.value.connection_invalidated
    with engine.connect() as first, engine.connect() as second:  # the failure has emptied the whole pool
        assert not {one.execute(OWN).scalar_one() for one in (first, second)} & set(dead)
