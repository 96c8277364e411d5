"""Workers behind the real RabbitMQ on PostgreSQL: whatever is killed or cut, the run ends and the sums are right.

120 orders at 3.00 a day, one in a transaction: each has one charge of 3.00 for 1 March, however it came about.
"""

import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from billing_center.errors import Busy
from billing_center.order.accept_order import InstallOrder, accept_order
from billing_center.runs.run import RunState, TaskState
from billing_center.runs.show_runs import run_report
from billing_center.settings import Settings
from jobs import rate_days
from jobs.broker import TASK, BehindBroker, broker_app
from jobs.choose_executor import executor_for
from jobs.job import Context
from jobs.run_job import AskedBy, Ran, run_job
from schema.tables.charges import charge, running_sum
from tests.jobs.broker_kit import BROKER, Wire, command, forget_queues, kill, require_broker, workers
from tests.jobs.conftest import Shop
from tests.other_processes import free_ports, until

pytestmark = [pytest.mark.rabbitmq, pytest.mark.databases("postgresql")]
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 2)
RUN = "rate_days:2026-03-02:1"
ORDERS = 120
CLOCK = "2026-03-02T00:05:00+08:00"


@pytest.fixture
def many(test_shop: Shop, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """The shop with its 120 orders on 2 March, cut into 12 tasks, with a queue of its own at the broker."""
    require_broker()
    center = test_shop.center
    changed = {
        **center.settings.model_dump(exclude_unset=True), "chunk_size": 1, "order_batch": 1,
        "payers_per_task": 10, "run_tasks": 12,
        "log_level": "ERROR", "broker_url": BROKER, "test_clock": CLOCK, "task_lease_s": 20,
        "broker_prefix": f"billing-test-{threading.get_native_id()}-{request.node.originalname[:30]}",
    }  # fmt: skip
    shop = Shop(replace(center, settings=Settings(**changed)))
    start = datetime(2026, 3, 1, tzinfo=SHANGHAI)

    def accept(work: Any) -> None:
        for number in range(ORDERS):
            accept_order(work, InstallOrder(
                order_id=f"o{number:03d}", order_code="c", cust_id="c", payer_id=f"p{number}", product_id="crm",
                billing_type="day", state="ACTIVE", promotion_id="", start_at=start, features={}, is_quota=False,
                installed_by="test",
            ))  # fmt: skip

    shop.center.transact("test", accept)
    shop.center.clock.move(datetime.fromisoformat(CLOCK))  # type: ignore[attr-defined]
    yield shop
    forget_queues(shop.center.settings)


class Coordinator(threading.Thread):
    """Who drives the run of the day, in a thread: asks until it is done."""

    def __init__(self, shop: Shop, **settings: Any) -> None:
        super().__init__(daemon=True)
        self.executor = BehindBroker(shop.center.settings.model_copy(update=settings))
        self._context = Context(shop.center, {}, self.executor)
        self.ran: Ran | None = None

    def ask(self) -> Ran:
        """Ask once. Raises: Busy."""
        return run_job(self._context, rate_days.JOB, DAY, AskedBy.CYCLE)

    def run(self) -> None:
        """Ask until the day is done, as the scheduler's sweeps do."""
        while self.ran is None or not self.ran.done:
            try:
                self.ran = self.ask()
            except Busy:
                threading.Event().wait(0.2)

    def finish(self) -> None:
        """Wait for the end of the run."""
        self.join(120)
        assert not self.is_alive()
        self.executor.close()


def charged(shop: Shop) -> int:
    """How many charges there are."""
    with shop.center.reading() as work:
        return work.connection.execute(select(func.count()).select_from(charge)).scalar_one()


def all_is_right(shop: Shop) -> set[str]:
    """Sums equal the facts; returns who worked."""
    rows = shop.rows(charge)
    assert sorted(row.order_id for row in rows) == [f"o{number:03d}" for number in range(ORDERS)]
    assert {str(row.amount) for row in rows} == {"3.000000"}
    assert [str(row.amount) for row in shop.rows(running_sum)] == ["3.000000"] * ORDERS
    with shop.center.reading() as work:
        report = run_report(work, RUN)
    assert (report.run.state, report.run.items, report.run.failures) == (RunState.DONE, ORDERS, 0)
    return {task.worker for task in report.tasks}


def test_two_workers_share_a_run_and_messages_that_come_again_do_nothing(many: Shop) -> None:
    coordinator = Coordinator(many)
    with workers(many.center.settings, 2), broker_app(many.center.settings) as app:
        coordinator.start()
        until(lambda: charged(many) > 10)
        for task_no in [*range(12), *range(12)]:
            app.send_task(TASK, [RUN, task_no])
        coordinator.finish()
        assert len(all_is_right(many)) == 2
        with app.connection_for_read() as connection:
            queue = connection.SimpleQueue(app.conf.task_queues[0], no_ack=True)
            until(lambda: queue.qsize() == 0)  # the last repeats are taken, and find everything done
    all_is_right(many)


def test_worker_shows_what_its_processes_have_counted(many: Shop) -> None:
    [port] = free_ports(1)
    coordinator = Coordinator(many)
    with workers(many.center.settings.model_copy(update={"metrics_port": port})):
        coordinator.start()
        coordinator.finish()

        def counted() -> list[str]:
            text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
            return [line for line in text.splitlines() if line.startswith("billing_chunk_seconds_count")]

        # Twelve tasks, each with a chunk that says it is done, and chunks of orders before it.
        until(lambda: any(float(line.split()[-1]) >= 12 for line in counted()))
        assert {line.split("{")[1].split("}")[0] for line in counted()} == {'job="rate_days"'}
    all_is_right(many)


def test_worker_that_is_killed_is_followed_by_the_other(many: Shop) -> None:
    coordinator = Coordinator(many)
    with workers(many.center.settings, 2) as running:
        coordinator.start()
        until(lambda: charged(many) > 25)
        kill(running[0])
        assert charged(many) < ORDERS
        coordinator.finish()
    all_is_right(many)


def test_worker_told_to_end_lets_go_after_its_chunk(many: Shop) -> None:
    coordinator = Coordinator(many)
    with workers(many.center.settings) as first:
        coordinator.start()
        until(lambda: charged(many) > 20)
        first[0].send_signal(signal.SIGTERM)
        assert first[0].wait(60) == 0
        with many.center.reading() as work:
            assert {task.state for task in run_report(work, RUN).tasks} <= {TaskState.DONE, TaskState.TODO}
        assert charged(many) < ORDERS
        with workers(many.center.settings):
            coordinator.finish()
    all_is_right(many)


def test_broker_away_before_and_in_the_middle_loses_nothing(many: Shop) -> None:
    wire = Wire()
    wire.mend()
    away = SecretStr(wire.url)
    wire.cut()
    coordinator = Coordinator(many, broker_url=away)
    with pytest.raises(Busy, match="broker is away"):
        coordinator.ask()
    with many.center.reading() as work:
        assert run_report(work, RUN).run.state is RunState.RUNNING
    wire.mend()
    with workers(many.center.settings.model_copy(update={"broker_url": away}), 2):
        coordinator.start()
        until(lambda: charged(many) > 25)
        wire.cut()
        assert charged(many) < ORDERS
        threading.Event().wait(0.5)
        wire.mend()
        coordinator.finish()
    wire.cut()
    all_is_right(many)


def test_messages_that_the_broker_lost_are_sent_again(many: Shop) -> None:
    settings = many.center.settings.model_copy(update={"task_lease_s": 5})
    coordinator = Coordinator(Shop(replace(many.center, settings=settings)))
    with broker_app(settings) as app, app.connection_for_read() as connection:
        queue = connection.SimpleQueue(app.conf.task_queues[0])
        coordinator.start()
        until(lambda: queue.qsize() == 12)
        queue.clear()
    with workers(settings):
        coordinator.finish()
    all_is_right(many)


def test_coordinator_that_is_killed_is_followed_by_the_next(many: Shop) -> None:
    with workers(many.center.settings):
        first = command(many.center.settings, "job", "run", "rate_days", "--date", "2026-03-02")
        until(lambda: charged(many) > 20)
        kill(first)
        assert charged(many) < ORDERS
        following = Coordinator(many)
        following.start()
        following.finish()
    all_is_right(many)


@pytest.mark.databases("sqlite")
def test_setting_chooses_the_broker_and_a_worker_without_it_is_refused(settings: Settings) -> None:
    chosen = settings.model_copy(update={"broker_url": SecretStr(BROKER)})
    assert isinstance(executor_for(chosen), BehindBroker)
    refused = command(settings, "worker")
    assert refused.wait(60) == 1
