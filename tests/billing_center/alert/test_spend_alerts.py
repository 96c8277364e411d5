"""Spend alerts: told once for each threshold and period, by notice and by signed webhook."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal as D
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from billing_center.alert.check_alerts import check_alerts
from billing_center.alert.spend_alert import SetAlert, list_alerts, list_notices, remove_alert, set_alert
from billing_center.alert.store import SpendNotice
from billing_center.center import Center
from billing_center.cli.main import app
from billing_center.clock import SettableClock
from billing_center.errors import OutOfRange, Unknown
from jobs.executor import InThisProcess
from jobs.job import Context
from jobs.registry import job_named
from jobs.run_job import AskedBy, run_job
from rpc.order_system import sign
from rpc.senders import senders_of
from schema.tables.outbox import outbox_message
from tests.door import running_app
from tests.scenarios.story import Story
from web.app import build_app

PRODUCTS = """
products:
  - id: call
    name: 网络电话
    currency: CNY
    unit: minute
    plans: {per_use: [{valid_from: 2020-01-01, price: {CNY: 0.30}}]}
  - id: mail
    name: 企业邮箱
    currency: CNY
    plans: {day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]}
"""


@pytest.fixture
def story(center: Center, clock: SettableClock) -> Story:
    """A payer with an order at 2.00 a day."""
    told = Story(center, clock)
    told.sell(PRODUCTS)
    told.install("o1", payer="huadong", product="mail")
    return told


def put(story: Story, threshold: str, product: str = "-", payer: str = "huadong") -> str:
    command = SetAlert(payer, D(threshold), "CNY", product)
    return story.center.transact("operator", lambda work: set_alert(work, command))


def check(story: Story, center: Center | None = None) -> int:
    return (center or story.center).transact("jobs", lambda work: check_alerts(work, limit=100))


def notices(story: Story) -> list[SpendNotice]:
    with story.center.reading() as work:
        return list_notices(work)


def test_a_threshold_is_told_when_it_is_reached_and_once(story: Story) -> None:
    put(story, "8.00")
    put(story, "8.01")
    story.at("2026-03-04 12:00")
    assert check(story) == 0  # three days: 6.00
    story.at("2026-03-05 12:00")
    assert (check(story), check(story)) == (1, 0)  # four days: 8.00, and again nothing
    [notice] = notices(story)
    assert (notice.payer_id, notice.product_id, notice.threshold, notice.amount) == ("huadong", "-", D(8), D(8))
    assert (notice.period_start.isoformat(), notice.period_end.isoformat()) == ("2026-03-01", "2026-04-01")


def test_the_next_period_is_told_again(story: Story) -> None:
    put(story, "8.00")
    story.at("2026-03-05 12:00")
    check(story)
    story.at("2026-04-02 12:00")
    story.pay("huadong-20260301")
    assert check(story) == 0
    story.at("2026-04-05 12:00")
    assert check(story) == 1
    assert [one.period_start.isoformat() for one in notices(story)] == ["2026-04-01", "2026-03-01"]


def test_a_product_has_a_threshold_of_its_own(story: Story) -> None:
    put(story, "3.00", "call")
    story.at("2026-03-05 12:00")
    assert check(story) == 0  # 8.00 of mail
    story.use("call", "10", user="li", payer="huadong")
    story.rate_uses()
    assert check(story) == 1
    assert [(one.product_id, one.amount) for one in notices(story)] == [("call", D(3))]


def test_alerts_are_listed_beside_what_was_spent_and_removed(story: Story) -> None:
    alert_id = put(story, "10.00")
    assert put(story, "10.000") == alert_id
    story.at("2026-03-04 12:00")
    with story.center.reading() as work:
        [shown] = list_alerts(work, payer_id="huadong")
        assert list_alerts(work, payer_id="nobody") == []
    assert (shown.spent, shown.crossed_at) == (D(6), None)
    story.center.transact("operator", lambda work: remove_alert(work, alert_id))
    story.at("2026-03-20 12:00")
    assert check(story) == 0
    with pytest.raises(OutOfRange):
        story.center.transact("operator", lambda work: remove_alert(work, alert_id))


def test_a_wrong_threshold_is_refused(story: Story) -> None:
    for wrong in ("0", "-1", "1.0000001"):
        with pytest.raises(OutOfRange):
            put(story, wrong)
    with pytest.raises(Unknown):
        put(story, "1", payer="nobody")
    with pytest.raises(Unknown):
        put(story, "1", "fax")


class Receiver:
    """A web server that keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alerts"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_the_job_tells_by_a_signed_webhook_once(story: Story, receiver: Receiver) -> None:
    put(story, "4.00")
    story.at("2026-03-04 12:00")
    settings = story.center.settings.model_copy(
        update={"alert_webhook_url": receiver.url, "webhook_secret": SecretStr("hush")}
    )
    center = replace(story.center, settings=settings)
    context = Context(center, senders_of(settings), InThisProcess())
    day = story.clock.at.date()
    for _ in range(2):
        run_job(context, job_named("check_alerts"), day, AskedBy.TICK)
    [(headers, body)] = receiver.got
    assert headers["X-Billing-Signature"] == sign(b"hush", body)
    told = json.loads(body)
    assert (told["payerMemId"], told["productId"], told["threshold"], told["amount"]) == ("huadong", "", "4", "6")
    assert (told["periodStart"], told["periodEnd"]) == ("2026-03-01", "2026-04-01")
    with center.reading() as work:
        rows = work.connection.execute(outbox_message.select()).all()
    assert [(row.kind, row.state) for row in rows if row.kind == "ALERT"] == [("ALERT", "SENT")]


def test_without_a_url_only_notices_are_written(story: Story) -> None:
    put(story, "4.00")
    story.at("2026-03-04 12:00")
    assert check(story) == 1
    with story.center.reading() as work:
        assert work.connection.execute(outbox_message.select()).all() == []


def test_the_commands(story: Story, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["alert", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return str(result.output)

    alert_id = run("set", "huadong", "4.00").split()[-1]
    story.at("2026-03-04 12:00")
    check(story)
    assert "everything" in run("list")
    assert "6.00" in run("notices", "--payer", "huadong")
    assert "no notices" in run("notices", "--payer", "nobody")
    assert json.loads(run("list", "--json"))[0]["alert"]["alert_id"] == alert_id
    assert "removed" in run("remove", alert_id)
    assert "no alerts" in run("list")
    assert "total" in run("forecast", "huadong")


def test_rest_shows_alerts_notices_previews_and_forecasts(story: Story) -> None:
    put(story, "4.00")
    story.at("2026-03-04 12:00")
    check(story)
    opened = story.center.settings.model_copy(update={"open_door": True})
    with (
        running_app(build_app(replace(story.center, settings=opened))) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1") as rest,
    ):
        [alert] = rest.get("/alerts", params={"payer": "huadong"}).json()
        assert (alert["spent"], alert["alert"]["threshold"]) == ("6", "4")
        assert [one["amount"] for one in rest.get("/alert-notices").json()] == ["6"]
        # three days are charged, today waits: 6.00 and 2.00; 31 days come to 62.00
        preview = rest.get("/payers/huadong/preview").json()
        assert [draft["base_amount"] for draft in preview["invoices"]] == ["6"]
        assert preview["pending"]["lines"][0]["amount"] == "2"
        assert rest.get("/payers/huadong/forecast").json()["totals"] == [["CNY", "62"]]
        assert rest.get("/payers/nobody/preview").status_code == 404
