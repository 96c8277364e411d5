"""`db rebuild-rollups`: marks what has charges; the job then computes the same roll-ups anew."""

from contextlib import nullcontext
from datetime import date

import pytest
from sqlalchemy import delete, select

from billing_center.center import Center
from billing_center.charge.roll_up import roll_up
from billing_center.cli import db
from schema.tables.charges import usage_rollup
from tests.scenarios.conftest import story as story
from tests.scenarios.story import Story

PRODUCTS = """
products:
  - id: mail
    name: mail
    currency: CNY
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]
"""


def rows(center: Center) -> list[tuple[object, ...]]:
    with center.reading() as work:
        statement = select(usage_rollup).order_by(usage_rollup.c.day)
        return [tuple(row) for row in work.connection.execute(statement)]


def test_roll_ups_that_were_lost_are_made_anew(
    story: Story, center: Center, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    story.sell(PRODUCTS)
    story.install("o1", payer="p", product="mail", billing="日", start="2026-03-01")
    story.at("2026-03-04 12:00")
    center.transact("test", lambda work: roll_up(work, first_shard=0, last_shard=255, limit=100))
    before = rows(center)
    assert [row[0] for row in before] == [date(2026, 3, day) for day in (1, 2, 3)]
    center.transact("test", lambda work: work.connection.execute(delete(usage_rollup)) and None)

    monkeypatch.setattr(db, "open_context", lambda: nullcontext(center))
    db.app(["rebuild-rollups"], standalone_mode=False)
    assert capsys.readouterr().out.startswith("3 cells are marked")
    center.transact("test", lambda work: roll_up(work, first_shard=0, last_shard=255, limit=100))
    assert rows(center) == before
