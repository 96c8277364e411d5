"""What a person does in the console: it changes what it says, it is audited, and only a page of ours may ask."""

import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from billing_center.audit.list_entries import list_entries
from billing_center.center import UnitOfWork
from billing_center.outbox.message import MessageState
from billing_center.outbox.store import messages_in
from billing_center.runs.open_run import OpenRun, open_run
from billing_center.runs.run import RunState
from billing_center.runs.show_runs import abandoned_runs, state_of
from billing_center.runs.worker import this_process
from billing_center.usage.show_uses import uses_waiting
from tests.door import running_app
from tests.scenarios.story import Story
from tests.web.console.conftest import Browser
from web.app import build_app
from web.console.token import is_token, token_of

RUN = "rate_days:2026-04-02:1"
MESSAGE = "deduct:acme-20260301"


def audited(browser: Browser, subject: str) -> list[tuple[str, str]]:
    """(act, actor) of the entries about a thing, the newest first."""
    with browser.center.reading() as work:
        return [(entry.act, entry.actor) for entry in list_entries(work, subject=subject)]


def held_use(browser: Browser) -> str:
    with browser.center.reading() as work:
        [held] = uses_waiting(work)
    return held.use.event_id


def messages(browser: Browser, state: MessageState) -> list[str]:
    with browser.center.reading() as work:
        return [message.message_id for message in messages_in(work.connection, state)]


def state(browser: Browser, run_id: str = RUN) -> RunState:
    with browser.center.reading() as work:
        return state_of(work, run_id)


@pytest.mark.usefixtures("story")
def test_a_held_use_is_released_from_the_list(browser: Browser) -> None:
    event_id = held_use(browser)
    answer = browser.post("/act/release-uses", {"id": [event_id], "token": browser.token()})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/use?id={event_id}&done=uses")
    words = browser.words("/use", id=event_id, done="uses")
    assert "Released: these uses are rated in the next round." in words
    assert "State WAITING" in words
    assert audited(browser, event_id) == [("usage_released", "olga")]


def test_a_released_use_whose_cause_was_mended_is_rated(story: Story, browser: Browser) -> None:
    event_id = held_use(browser)
    story.sell(
        "products: [{id: video, name: v, currency: CNY, unit: minute, plans: {per_use: "
        "[{valid_from: 2026-01-01, valid_to: 2027-01-01, price: {CNY: 0.50}}]}}]"
    )
    browser.post("/act/release-uses", {"id": [event_id], "token": browser.token()})
    story.rate_uses()
    words = browser.words("/use", id=event_id)
    assert "State RATED" in words
    # 12 minutes x 0.50; March is closed, so April's invoice will have it
    assert "- 12 6.00 CNY acme-20260401" in words


@pytest.mark.usefixtures("story")
def test_a_held_message_is_released(browser: Browser) -> None:
    page = browser.get("/message", id=MESSAGE)
    assert 'action="/console/act/release-message"' in page
    answer = browser.post("/act/release-message", {"id": MESSAGE, "token": browser.token()})
    assert answer.status_code == 303
    assert (messages(browser, MessageState.HELD), messages(browser, MessageState.WAITING)) == ([], [MESSAGE])
    assert audited(browser, MESSAGE) == [("message_released", "olga")]
    again = browser.post("/act/release-message", {"id": MESSAGE, "token": browser.token()})
    assert again.status_code == 409


@pytest.mark.usefixtures("story")
def test_a_failed_run_goes_on_when_the_next_sweep_finds_it(browser: Browser) -> None:
    answer = browser.post("/act/retry-run", {"id": RUN, "token": browser.token()})
    assert answer.status_code == 303
    assert state(browser) is RunState.RUNNING
    with browser.center.reading() as work:
        assert [run.run_id for run in abandoned_runs(work, this_process())] == [RUN]
    assert audited(browser, RUN) == [("run_retry_asked", "olga")]
    words = browser.words("/run", id=RUN, done="retried")
    assert "The run goes on as soon as a scheduler finds it" in words
    assert "Stop this run" in words
    assert "data-live" in browser.get("/run", id=RUN)


@pytest.mark.usefixtures("story")
def test_a_run_under_way_is_asked_to_stop(browser: Browser) -> None:
    def begin(work: UnitOfWork) -> str:
        return open_run(work, OpenRun("roll_up", "2026-04-02", work.today, tasks=2), this_process()).run.run_id

    run_id = browser.center.transact("center", begin)
    answer = browser.post("/act/stop-run", {"id": run_id, "token": browser.token()})
    assert answer.headers["location"].endswith("&done=stopped")
    assert state(browser, run_id) is RunState.STOPPING
    assert audited(browser, run_id) == [("run_stop_asked", "olga")]


@pytest.mark.usefixtures("story")
def test_what_cannot_be_done_is_said_and_changes_nothing(browser: Browser) -> None:
    token = browser.token()
    for path, fields, status in (
        ("/act/stop-run", {"id": RUN}, 400),
        ("/act/stop-run", {"id": "none"}, 400),
        ("/act/stop-run", {}, 400),
        ("/act/release-uses", {}, 400),
        ("/act/release-uses", {"id": [held_use(browser), "none"]}, 400),
        ("/act/release-message", {"id": "none"}, 404),
        ("/act/release-message", {"id": "deduct:late-20260301"}, 409),
        ("/act/nothing", {}, 404),
    ):
        sent: dict[str, str | list[str]] = {**fields, "token": token}
        assert browser.post(path, sent).status_code == status, (path, fields)
    assert state(browser) is RunState.FAILED
    assert audited(browser, RUN) == []
    assert held_use(browser)


@pytest.mark.usefixtures("story")
def test_a_form_from_elsewhere_does_nothing(browse: Callable[..., Browser]) -> None:
    olga, mallory = browse(), browse("mallory")
    fields: dict[str, str | list[str]] = {"id": MESSAGE}
    for token in ("", "0" * 64, mallory.token(), olga.token() + "0", "é"):
        assert olga.post("/act/release-message", {**fields, "token": token}).status_code == 403
    assert olga.post("/act/release-message", fields).status_code == 403
    right = {**fields, "token": olga.token()}
    assert olga.post("/act/release-message", right, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert messages(olga, MessageState.HELD) == [MESSAGE]
    assert audited(olga, MESSAGE) == []
    assert olga.post("/act/release-message", right, **{"Sec-Fetch-Site": "same-origin"}).status_code == 303


@pytest.mark.usefixtures("story")
def test_only_who_may_use_the_console_acts(browse: Callable[..., Browser]) -> None:
    olga, reader = browse(), browse("reader", ("rest",))
    stolen: dict[str, str | list[str]] = {"id": MESSAGE, "token": olga.token()}
    assert reader.post("/act/release-message", stolen).status_code == 403
    url = olga.client.base_url.join("/console/act/release-message")
    assert httpx.post(url, data={"id": MESSAGE}).status_code == 401
    assert messages(olga, MessageState.HELD) == [MESSAGE]


@pytest.mark.usefixtures("story")
def test_a_form_that_is_too_large_is_refused(browser: Browser) -> None:
    answer = browser.post("/act/release-uses", {"id": ["x" * 1000] * 100, "token": "x"})
    assert answer.status_code == 413


@pytest.mark.usefixtures("story")
def test_an_act_keeps_the_language_that_was_asked_for(browser: Browser) -> None:
    page = browser.get("/message", id=MESSAGE, lang="zh")
    found = re.search(r'action="/console(/act/[^"]+)"', page)
    assert found is not None
    answer = browser.post(found[1], {"id": MESSAGE, "token": browser.token()})
    assert answer.headers["location"] == "/console/message?id=deduct%3Aacme-20260301&done=message&lang=zh"


def test_at_an_open_door_this_machine_acts_and_no_other_page_does(story: Story) -> None:
    center = story.center
    opened = replace(center, settings=center.settings.model_copy(update={"open_door": True}))
    with (
        running_app(build_app(opened)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        found = re.search(r'name="token" value="([0-9a-f]{64})"', client.get("/console/uses").text)
        assert found is not None
        fields = {"id": MESSAGE, "token": found[1]}
        path = "/console/act/release-message"
        for headers in ({"Origin": "http://evil.example"}, {"Host": "rebound.example"}, {"Origin": "null"}):
            assert client.post(path, data=fields, headers=headers).status_code == 403
        own = {"Origin": f"http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"}
        assert client.post(path, data=fields, headers=own).status_code == 303
    with center.reading() as work:
        assert [entry.actor for entry in list_entries(work, subject=MESSAGE)] == ["open"]


def test_a_token_is_of_one_caller_and_its_secret() -> None:
    token = token_of("olga", "s1")
    assert is_token(token, "olga", "s1")
    assert not is_token(token, "olga", "s2")
    assert not is_token(token, "mallory", "s1")
    assert not is_token(token, "olga", None)
    assert is_token(token_of("open", None), "open", None)
