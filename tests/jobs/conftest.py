"""A small shop on the test clock: a catalog, orders and uses put in through the use cases, jobs that run."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Table, insert, select

from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.order.accept_order import InstallOrder, accept_order
from billing_center.outbox.message import Answer, Message, MessageKind, Outcome
from billing_center.test_clock import AT, KIND, TEST, StoredTestClock, in_milliseconds
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from jobs.executor import InThisProcess
from jobs.job import Context, Progress
from schema.tables.jobs import system_fact

ACCEPTED = Answer(Outcome.ACCEPTED, "1")
SHANGHAI = ZoneInfo("Asia/Shanghai")
CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    real_time: true
    plans:
      per_use:
        - valid_from: 2026-01-01
          price: {CNY: "0.10"}
  - id: crm
    name: 客户管理
    currency: CNY
    plans:
      day:
        - valid_from: 2026-01-01
          price: {CNY: "3.00"}
"""


@dataclass
class Shop:
    """A center and what the tests do with it."""

    center: Center
    watched: list[Progress] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    answer: Answer = ACCEPTED

    @property
    def context(self) -> Context:
        """What jobs run with; every message is accepted unless `answer` says otherwise."""
        return Context(self.center, self.senders, InThisProcess(), watch=self.watched.append)

    @property
    def senders(self) -> dict[MessageKind, Any]:
        """Both systems, played by a list."""
        return {MessageKind.DEDUCTION: self._send, MessageKind.CONTROL: self._send}

    def _send(self, message: Message) -> Answer:
        self.sent.append(message)
        return self.answer

    def order(self, order_id: str, payer_id: str, opened: date) -> None:
        """An order of the product that costs 3.00 a day."""
        start = datetime(opened.year, opened.month, opened.day, tzinfo=SHANGHAI)
        command = InstallOrder(
            order_id=order_id, order_code=order_id, cust_id="c", payer_id=payer_id, product_id="crm",
            billing_type="day", state="ACTIVE", promotion_id="", start_at=start, features={}, is_quota=False,
            installed_by="test",
        )  # fmt: skip
        self.center.transact("test", lambda work: accept_order(work, command))

    def use(self, guid: str, payer_id: str, at: datetime) -> None:
        """One message at 0.10."""
        command = RecordUsage(
            caller="sms", guid=guid, user_id="u", user_name="", payer_id=payer_id, product_id="sms",
            product_name="", started_at=at, ended_at=at, amount=None, quantity=Decimal(1), unit="",
        )  # fmt: skip
        assert self.center.transact("test", lambda work: record_usages(work, [command])) == [None]

    def rows(self, table: Table, **equal: Any) -> list[Any]:
        """Rows of a table."""
        statement = select(table).order_by(*table.primary_key)
        for name, value in equal.items():
            statement = statement.where(table.c[name] == value)
        with self.center.reading() as work:
            return list(work.connection.execute(statement))

    def steps(self) -> list[tuple[str, str]]:
        """(day, job) of every run that ended, in order."""
        return [(p.business_day.isoformat(), p.job) for p in self.watched if p.state in ("DONE", "FAILED")]


@pytest.fixture
def shop(center: Center) -> Iterator[Shop]:
    """The shop under a clock that is set by hand."""
    center.transact("test", lambda work: load_catalog(work, CATALOG, "test.yaml"))
    yield Shop(center)


@pytest.fixture
def test_shop(shop: Shop, clock: SettableClock) -> Shop:
    """The shop under the stored test clock, at midnight of 1 March."""
    facts = [{"name": KIND, "fact": TEST}, {"name": AT, "fact": in_milliseconds(clock.at).isoformat()}]
    shop.center.transact("test", lambda work: work.connection.execute(insert(system_fact), facts) and None)
    return Shop(replace(shop.center, clock=StoredTestClock(shop.center.database)))
