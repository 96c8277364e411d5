"""The console's spend alerts: what was crossed stands on the first page until somebody acknowledges it."""

from decimal import Decimal as D

import pytest

from billing_center.alert.check_alerts import check_alerts
from billing_center.alert.spend_alert import SetAlert, list_notices, set_alert
from billing_center.alert.store import SpendNotice
from tests.scenarios.story import Story
from tests.web.console.conftest import Browser


@pytest.fixture
def crossed(story: Story) -> SpendNotice:
    """`acme` has an order at 2.00 a day, a tenth off: 1 April is 1.80 of thresholds of 1.00 and 60.00."""
    for threshold in ("1.00", "60.00"):
        command = SetAlert("acme", D(threshold), "CNY")
        story.center.transact("operator", lambda work, command=command: set_alert(work, command))  # type: ignore[misc]
    story.center.transact("jobs", lambda work: check_alerts(work, limit=10))
    with story.center.reading() as work:
        [notice] = list_notices(work)
    return notice


def test_a_crossed_threshold_is_told_until_it_is_acknowledged(crossed: SpendNotice, browser: Browser) -> None:
    told = "1 spend alerts that nobody has acknowledged"
    assert told in browser.words("")
    words = browser.words("/alerts")
    assert "acme everything 1.00 1.80 CNY 2026-04-01 – 2026-05-01 not yet" in words
    assert "acme everything 1.00 CNY 1.80 CNY 180%" in words
    assert "acme everything 60.00 CNY 1.80 CNY 3%" in words
    token = browser.token("/alerts")
    chosen = f"{crossed.alert_id}:{crossed.period_start}"
    answer = browser.post("/act/acknowledge", {"id": [chosen], "token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/alerts?done=seen")
    assert told not in browser.words("")
    assert "2026-04-01 – 2026-05-01 olga 2026-04-02 12:00:00" in browser.words("/alerts", done="seen")
    assert "No threshold was crossed." in browser.words("/alerts", unseen=1)


@pytest.mark.usefixtures("crossed")
def test_what_names_no_notice_is_refused(browser: Browser) -> None:
    token = browser.token("/alerts")
    for wrong in ("", "x", "x:today", "x:2026-04-01"):
        fields: dict[str, str | list[str]] = {"token": token} | ({"id": [wrong]} if wrong else {})
        assert browser.post("/act/acknowledge", fields).status_code == 400


@pytest.mark.usefixtures("crossed")
def test_a_payer_shows_where_its_period_is_heading(browser: Browser) -> None:
    words = browser.words("/payer", id="acme")
    # one day charged; 30 days in April at 2.00, a tenth off
    assert "1.80 CNY charged so far 54.00 CNY forecast of the period's end" in words
    assert "180%" in words
    assert "1.00 1.80 CNY 2026-04-01 – 2026-05-01 not yet" in words
    assert "账期末预测" in browser.words("/payer", id="acme", lang="zh")


@pytest.mark.usefixtures("story")
def test_nothing_set_says_how_to_set_it(browser: Browser) -> None:
    words = browser.words("/alerts")
    assert "No threshold was crossed." in words
    assert "No threshold is set: billing-center alert set" in words
