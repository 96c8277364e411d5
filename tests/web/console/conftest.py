"""A center with a small story in it, and a browser that looks at its console.

The story: in March 2026 `acme` ran an order of 2.00 a day and used `sms` at 0.10; `late` did not pay; the message
of one invoice was refused until it was held; uses of a product without a price wait; a call was refused.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from unittest.mock import patch

import httpx
import pytest

from billing_center.access import secret_hash
from billing_center.access.callers import add_caller
from billing_center.access.refused_calls import RefusedCall, keep_refused
from billing_center.center import Center, UnitOfWork
from billing_center.clock import SettableClock
from billing_center.outbox.claim import claim
from billing_center.outbox.message import Answer, MessageKind, Outcome
from billing_center.outbox.record_answer import record_answer
from billing_center.payer.change_payer import ChangePayer, change_payer
from billing_center.runs.close_run import close_run
from billing_center.runs.open_run import OpenRun, open_run
from billing_center.runs.run import RunFailure, TaskState
from billing_center.runs.store import put_failure, set_task
from billing_center.runs.worker import this_process
from billing_center.settings import Settings
from tests.door import running_app
from tests.scenarios.story import Story
from web.app import build_app

HOSTILE = '<script>alert("x")</script>\'&'

CATALOG = """
products:
  - id: mail
    name: 邮箱 <b>Mail</b>
    currency: CNY
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    plans:
      per_use: [{valid_from: 2020-01-01, price: {CNY: 0.10}}]
  - id: video
    name: 视频会议
    currency: CNY
    unit: minute
    plans:
      per_use: [{valid_from: 2027-01-01, price: {CNY: 0.50}}]
promotions:
  - {id: spring, name: 春季, percent_off: 10}
"""


@pytest.fixture
def database_url(one_database_url: str) -> str:
    """A page is no place for a second database: the queries have tests of their own on both."""
    return one_database_url


@pytest.fixture
def settings(database_url: str) -> Settings:
    """One refused try holds a message, and one failed try holds a use."""
    return Settings(database_url=database_url, send_tries=1, park_tries=1)


@pytest.fixture
def story(center: Center, clock: SettableClock) -> Story:
    """The small story, told up to noon of 2 April 2026."""
    told = Story(center, clock)
    told.sell(CATALOG)
    told.at("2026-03-01 09:00")
    told.install("o-1", payer="acme", product="mail", promotion="spring", features={"cpu": "8"})
    told.install("o-2", payer="late", product="mail")
    told.accounts("acme", "mail", 5)
    told.at("2026-03-10 10:00")
    told.use("sms", "30", user="ann", payer="acme", guid="g-1")
    told.use("video", "12", user="bob", payer="acme")
    told.rate_uses()
    told.at("2026-04-02 12:00")
    told.fail("late-20260301")
    center.transact("jobs", _refuse_all)
    call = RefusedCall("crm", "payCallback", "unknown_invoice", "invoiceId", f"no invoice {HOSTILE}", '["i-1"]')
    center.transact("crm", lambda work: keep_refused(work, call))
    center.transact("operator", lambda work: change_payer(work, ChangePayer("acme", name=HOSTILE)))
    center.transact("center", _fail_a_run)
    return told


def _refuse_all(work: UnitOfWork) -> None:
    """The account system does not take what is due: one try is all there is, so it is held."""
    for message in claim(work, kinds=[MessageKind.DEDUCTION], limit=10, owner="test"):
        record_answer(work, message, Answer(Outcome.REFUSED, f"2 {HOSTILE}"))


def _fail_a_run(work: UnitOfWork) -> None:
    """A run of four tasks: three are done, one could not go on."""
    worker = this_process()
    opened = open_run(work, OpenRun("rate_days", "2026-04-02", date(2026, 4, 2), tasks=4), worker)
    for task_no in range(4):
        state = TaskState.FAILED if task_no == 3 else TaskState.DONE
        set_task(work.connection, opened.run.run_id, task_no, {"state": state.value, "items": 5})
    put_failure(work.connection, opened.run.run_id, RunFailure("o-9", work.at, "no_price", f"o-9 {HOSTILE}"))
    close_run(work, opened.run.run_id, worker, error=f"broken: {HOSTILE}")


@dataclass
class Browser:
    """A person's browser: reads pages, and sends the forms that stand on them."""

    client: httpx.Client
    center: Center
    caller: str

    def get(self, path: str, *, status: int = 200, **query: str | int) -> str:
        """The page's text, as it was sent."""
        return self._page(path, status, query)

    def _page(self, path: str, status: int, query: dict[str, str | int]) -> str:
        answer = self.client.get(f"/console{path}", params=query or None)
        assert answer.status_code == status, read(answer.text)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return answer.text

    def words(self, path: str, **query: str | int) -> str:
        """What a person reads: no tags, entities resolved, blanks pressed together."""
        return read(self._page(path, 200, query))

    def token(self, path: str = "/uses") -> str:
        """The token that the forms of a page carry."""
        found = re.search(r'name="token" value="([0-9a-f]{64})"', self.get(path))
        assert found is not None
        return found[1]

    def post(self, path: str, fields: dict[str, str | list[str]], **headers: str) -> httpx.Response:
        """Send a form; redirects are not followed."""
        return self.client.post(f"/console{path}", data=fields, headers=headers)


def read(page: str) -> str:
    """The words of a page."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


@pytest.fixture
def browse(center: Center) -> Iterator[Callable[..., Browser]]:
    """Makes browsers over the center's console, each for a caller with the operations given."""
    with running_app(build_app(center)) as port:
        clients: list[httpx.Client] = []

        def made(caller: str = "olga", operations: tuple[str, ...] = ("console",)) -> Browser:
            with patch.object(secret_hash, "_N", 16):  # a quick hash: the slow one has a test of its own
                secret = center.transact("test", lambda work: add_caller(work, caller, operations))
            clients.append(httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=(caller, secret)))
            return Browser(clients[-1], center, caller)

        yield made
        for client in clients:
            client.close()


@pytest.fixture
def browser(browse: Callable[..., Browser]) -> Browser:
    """The browser of an operator with the operation console and no other."""
    return browse()
