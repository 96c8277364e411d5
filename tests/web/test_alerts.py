"""Spend alerts over REST: set, listed, changed, taken away, acknowledged; each may be sent again."""

from collections.abc import Iterator
from unittest.mock import patch

import httpx
import pytest

from billing_center.access import secret_hash
from billing_center.access.callers import add_caller
from billing_center.access.refused_access import RefusedWindow
from billing_center.alert.check_alerts import check_alerts
from billing_center.audit.list_entries import list_entries
from billing_center.center import Center
from billing_center.clock import SettableClock
from tests.door import running_app
from tests.scenarios.story import Story
from web.app import build_app

CATALOG = """
products:
  - {id: mail, name: m, currency: CNY, plans: {day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]}}
"""


@pytest.fixture
def story(center: Center, clock: SettableClock) -> Story:
    """`boss` has an order at 2.00 a day."""
    told = Story(center, clock)
    told.sell(CATALOG)
    told.install("o1", payer="boss", product="mail")
    return told


@pytest.fixture
def rest(story: Story) -> Iterator[httpx.Client]:
    """A portal with the operation rest."""
    with patch.object(secret_hash, "_N", 16):
        secret = story.center.transact("test", lambda work: add_caller(work, "portal", ("rest",)))
    with (
        running_app(build_app(story.center)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", auth=("portal", secret)) as client,
    ):
        yield client


def acts(story: Story) -> list[tuple[str, str]]:
    with story.center.reading() as work:
        return [(one.act, one.actor) for one in list_entries(work, subject="boss") if one.act.startswith("alert")]


def body(threshold: str = "8.00", **more: str) -> dict[str, str]:
    return {"payer": "boss", "threshold": threshold} | more


def test_a_threshold_is_set_once_however_often_it_is_asked_for(rest: httpx.Client, story: Story) -> None:
    first, again = rest.post("/alerts", json=body()), rest.post("/alerts", json=body("8.000"))
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert acts(story) == [("alert_set", "portal")]
    [shown] = rest.get("/alerts", params={"payer": "boss"}).json()
    assert (shown["alert"]["alert_id"], shown["alert"]["threshold"]) == (first.json()["alert_id"], "8")


def test_a_threshold_is_changed_and_taken_away_and_both_may_be_sent_again(
    rest: httpx.Client, story: Story
) -> None:
    old = rest.post("/alerts", json=body()).json()["alert_id"]
    for _ in range(2):
        changed = rest.put(f"/alerts/{old}", json=body("20.00", product="mail"))
        assert changed.status_code == 200
    [shown] = rest.get("/alerts").json()
    assert (shown["alert"]["alert_id"], shown["alert"]["product_id"]) == (changed.json()["alert_id"], "mail")
    assert [rest.delete(f"/alerts/{changed.json()['alert_id']}").status_code for _ in range(2)] == [204, 204]
    assert rest.get("/alerts").json() == []
    words = [act for act, _ in acts(story)]
    assert sorted(words) == ["alert_removed", "alert_removed", "alert_set", "alert_set"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (body("0"), 400), (body("NaN"), 400), (body("many"), 400), (body("1.1234567"), 400),
        (body(currency="XYZ"), 400), (body(payer="nobody"), 404), (body(product="none"), 404),
        (body(more="x"), 400),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_refused(
    rest: httpx.Client, story: Story, asked: dict[str, str], status: int
) -> None:
    assert rest.post("/alerts", json=asked).status_code == status
    assert acts(story) == []


def test_a_notice_is_acknowledged_by_the_first_who_says_so(rest: httpx.Client, story: Story) -> None:
    alert_id = rest.post("/alerts", json=body("4.00")).json()["alert_id"]
    story.at("2026-03-04 12:00")
    story.center.transact("jobs", lambda work: check_alerts(work, limit=10))
    for _ in range(2):
        answer = rest.post(f"/alert-notices/{alert_id}/2026-03-01/acknowledge")
        assert (answer.status_code, answer.json()["acknowledged_by"]) == (200, "portal")
    assert [act for act, _ in acts(story)] == ["alert_acknowledged", "alert_set"]
    assert rest.post(f"/alert-notices/{alert_id}/2026-04-01/acknowledge").status_code == 400
    assert rest.post(f"/alert-notices/{alert_id}/today/acknowledge").status_code == 400


def test_strangers_set_nothing(rest: httpx.Client, story: Story) -> None:
    assert rest.post("/alerts", json=body(), auth=("portal", "wrong")).status_code == 401
    assert rest.get("/alerts").json() == []


def test_who_hammers_the_door_leaves_so_many_rows_a_minute() -> None:
    window = RefusedWindow(rows=2)
    assert [window.take(at) for at in (0.0, 1.0, 2.0, 59.9)] == [0, 0, None, None]
    assert [window.take(at) for at in (60.0, 61.0, 62.0)] == [2, 0, None]
