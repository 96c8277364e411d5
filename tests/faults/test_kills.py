"""kill -9 at any moment, cut connections, several doors and several schedulers at once: the sums equal the facts.

PostgreSQL only, in a database of its own: SQLite has one process. Together both tests kill 220 times.
"""

import itertools
import os
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, func, select, text

from billing_center.access import secret_hash
from billing_center.access.callers import add_caller
from billing_center.bootstrap import open_center
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.clock import SettableClock, SystemClock, civil_day
from billing_center.order.accept_order import InstallOrder, accept_order
from billing_center.settings import Settings
from jobs import rate_usage, reconcile
from jobs.cycle import catch_up, days_due
from jobs.executor import InThisProcess
from jobs.job import Context
from jobs.run_job import run_job
from rpc.client import HessianClient
from rpc.hessian import HObject
from schema.tables.charges import charge, meter, running_sum
from schema.tables.invoices import invoice
from schema.tables.reconciliation import reconcile_count, reconcile_difference
from schema.tables.usage import usage_event, usage_queue
from tests.faults.nodes import Nodes, cut_connections, run_schedules, serve_node
from tests.other_processes import free_ports

pytestmark = pytest.mark.postgres
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
        - valid_from: 2025-01-01
          prices:
            - {currency: CNY, model: graduated, tiers: [{up_to: 40, price: 0.10}, {price: 0.07}]}
  - id: fax
    name: 传真
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2025-01-01
          price: {CNY: "0.50"}
  - id: crm
    name: 客户管理
    currency: CNY
    plans:
      day:
        - valid_from: 2025-01-01
          price: {CNY: "3.00"}
"""


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """A database of the test's own."""
    name = f"billing_faults_{os.getpid()}"
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    drop = text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    with admin.connect() as connection:
        connection.execute(drop)
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres_url.rpartition("/")[0] + "/" + name
    with admin.connect() as connection:
        connection.execute(drop)
    admin.dispose()


def opened(settings: Settings, at: datetime | None = None) -> Center:
    center = open_center(settings, clock=SettableClock(at) if at else SystemClock(), migrate=True)
    center.transact("test", lambda work: load_catalog(work, CATALOG, "test.yaml"))
    return center


# ── doors ────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Feeder:
    """Sends uses as an impatient Java program would: again, to the next door, until one says "1"."""

    ports: list[int]
    secret: str
    stopped: threading.Event = field(default_factory=threading.Event)
    sent: Counter[tuple[str, str]] = field(default_factory=Counter)
    tries: int = 0

    def feed(self, number: int) -> None:
        """Uses of one payer, of both products in turn, until stopped; the last of them is acknowledged too."""
        doors = itertools.cycle(self.ports[number % len(self.ports) :] + self.ports[: number % len(self.ports)])
        client = self._client(next(doors))
        for count in itertools.count():
            product = ("sms", "fax")[count % 2]
            at = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 (a caller's own clock)
            use = HObject("com.alibaba.billing.model.Billinginfo", {
                "guid": f"{number}-{count}", "userId": f"u{number}", "payerMemId": f"payer-{number}",
                "productId": product, "startDate": at, "useAge": Decimal(1), "useUnit": "count",
            })  # fmt: skip
            while True:
                self.tries += 1
                try:
                    if client.call("insertServiceOp", use) == "1":
                        break
                except Exception:  # noqa: BLE001 (whatever went wrong, the caller asks again elsewhere)
                    client.close()
                    client = self._client(next(doors))
                    threading.Event().wait(0.01)
            self.sent[f"payer-{number}", product] += 1
            if self.stopped.is_set() and count % 2:
                client.close()
                return

    def _client(self, port: int) -> HessianClient:
        return HessianClient(f"http://127.0.0.1:{port}/hessian/billing", "sms", self.secret, timeout_s=10)


def test_uses_that_were_acknowledged_are_charged_once_whatever_is_killed(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        database_url=database,
        log_level="ERROR",
        schedule_rating_s=1,
        usage_batch=20,
        usage_shard_batch=0,
        task_lease_s=5,
        run_tasks=4,
    )
    center = opened(settings)
    monkeypatch.setattr(secret_hash, "_N", 16)
    secret = center.transact("test", lambda work: add_caller(work, "sms"))
    ports = free_ports(3)
    nodes = Nodes([(serve_node, (settings.model_copy(update={"port": port}),)) for port in ports], seed=1)
    feeder = Feeder(ports, secret)
    threads = [threading.Thread(target=feeder.feed, args=(number,)) for number in range(4)]
    cut = 0
    try:
        for thread in threads:
            thread.start()
        while nodes.kills < 110:
            nodes.kill_one(feeder.sent.total, most=12)
            if nodes.kills % 10 == 0:
                cut += cut_connections(database)
        feeder.stopped.set()
        for thread in threads:
            thread.join(60)
    finally:
        feeder.stopped.set()
        nodes.end()
    assert not any(thread.is_alive() for thread in threads)
    assert cut > 0
    assert feeder.tries > sum(feeder.sent.values())  # some calls had to be sent again
    today = civil_day(center.clock.now(), SHANGHAI)
    ran = run_job(Context(center, {}, InThisProcess()), rate_usage.JOB, today)
    assert ran.done
    check_uses(center, feeder.sent)
    assert reconciled(center) == []
    center.database.close()


def check_uses(center: Center, sent: Counter[tuple[str, str]]) -> None:
    """Every use once; graduated: 40 at 0.10, the rest at 0.07; flat: 0.50. Midnight may fall in between."""
    with center.reading() as work:
        rows = work.connection.execute
        kept = {
            (row.payer_id, row.product_id): row.uses
            for row in rows(
                select(usage_event.c.payer_id, usage_event.c.product_id, func.count().label("uses")).group_by(
                    usage_event.c.payer_id, usage_event.c.product_id
                )
            )
        }
        sums = {
            (row.payer_id, row.product_id): (row.uses, row.amount)
            for row in rows(
                select(
                    charge.c.payer_id, charge.c.product_id, func.count().label("uses"),
                    func.sum(charge.c.amount).label("amount"),
                ).group_by(charge.c.payer_id, charge.c.product_id)
            )
        }  # fmt: skip
        assert rows(select(func.count()).select_from(usage_queue)).scalar_one() == 0
        readings = {row.payer_id: row.reading for row in rows(select(meter)) if row.product_id == "sms"}
        running = rows(select(func.sum(running_sum.c.amount))).scalar_one()
    assert kept == dict(sent)
    expected = {(payer, product): (uses, price_of(product, uses)) for (payer, product), uses in sent.items()}
    assert sums == expected
    assert readings == {payer: uses for (payer, product), uses in sent.items() if product == "sms"}
    assert running == sum(amount for _, amount in expected.values())


def price_of(product: str, uses: int) -> Decimal:
    if product == "fax":
        return uses * Decimal("0.50")
    return min(uses, 40) * Decimal("0.10") + max(uses - 40, 0) * Decimal("0.07")


def reconciled(center: Center) -> list[object]:
    """What the second computation, from raw facts alone, finds different."""
    run_job(Context(center, {}, InThisProcess()), reconcile.JOB, civil_day(center.clock.now(), SHANGHAI))
    with center.reading() as work:
        compared = select(func.sum(reconcile_count.c.counted)).where(reconcile_count.c.name == "charges")
        assert work.connection.execute(compared).scalar_one() > 100
        return [tuple(row) for row in work.connection.execute(select(reconcile_difference))]


# ── schedulers ───────────────────────────────────────────────────────────────────────────────────


def test_days_are_charged_and_invoices_issued_once_whatever_is_killed(database: str) -> None:
    settings = Settings(
        database_url=database,
        log_level="ERROR",
        chunk_size=4,
        order_batch=4,
        usage_batch=4,
        usage_shard_batch=0,
        task_lease_s=5,
        run_tasks=4,
    )
    first, last = date(2026, 1, 1), date(2026, 2, 5)
    center = opened(settings, moment(first))
    for number in range(30):
        center.transact("test", lambda work, n=number: accept_order(work, order(n, first)))
    assert catch_up(Context(center, {}, InThisProcess())) == [first]
    center.database.close()
    eyes = create_engine(database, isolation_level="AUTOCOMMIT")

    def charges() -> int:
        with eyes.connect() as connection:
            return connection.execute(text("SELECT count(*) FROM charge")).scalar_one()

    then = open_center(settings, clock=SettableClock(moment(last)))
    nodes = Nodes([(run_schedules, (settings, moment(last)))] * 3, seed=2)
    try:
        while nodes.kills < 110:
            nodes.kill_one(charges, most=6)
            assert days_due(then), "they were done before they were killed often enough"
        assert nodes.wait() == [0, 0, 0]
    finally:
        nodes.end()
    eyes.dispose()
    with then.reading() as work:
        booked = work.connection.execute(
            select(charge.c.order_id, func.count(), func.sum(charge.c.amount)).group_by(charge.c.order_id)
        )
        days = (last - first).days  # the last business day charges the day before it
        assert {tuple(row) for row in booked} == {(f"o{n:02d}", days, days * Decimal(3)) for n in range(30)}
        invoices = work.connection.execute(
            select(invoice.c.payer_id, invoice.c.base_amount).order_by(invoice.c.payer_id)
        )
        assert [tuple(row) for row in invoices] == [(f"payer-{n:02d}", Decimal("93.00")) for n in range(30)]
        numbers = work.connection.execute(select(invoice.c.invoice_no)).scalars().all()
    assert len(set(numbers)) == 30
    assert reconciled(then) == []
    then.database.close()


def moment(day: date) -> datetime:
    """One in the morning in the business time zone: the day's cycle has fallen due."""
    return datetime(day.year, day.month, day.day, 1, tzinfo=SHANGHAI).astimezone(UTC)


def order(number: int, opened_on: date) -> InstallOrder:
    start = datetime(opened_on.year, opened_on.month, opened_on.day, tzinfo=SHANGHAI)
    return InstallOrder(
        order_id=f"o{number:02d}", order_code=f"o{number:02d}", cust_id="c", payer_id=f"payer-{number:02d}",
        product_id="crm", billing_type="day", state="ACTIVE", promotion_id="", start_at=start, features={},
        is_quota=False, installed_by="test",
    )  # fmt: skip
