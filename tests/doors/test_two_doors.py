"""Two doors over one PostgreSQL: on one shared port, and behind a balancer. Any door knows what another one took.

The facts are those of tests/peers: mail costs by the day, sms by the use, payer-1 has the invoice of February.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.cli import serve
from billing_center.errors import SettingInvalid
from rpc.billing_client import BillingClient, NewOrder, UseReport
from rpc.client import NotSent
from schema.engine import open_engine
from schema.tables.invoices import invoice
from schema.tables.orders import service_order
from schema.tables.usage import usage_event
from tests.doors.doors_kit import Balancer, Door
from tests.other_processes import LONGEST_S, free_ports, until
from tests.peers.served_center import INVOICE_ID, prepare

pytestmark = pytest.mark.databases("postgresql")
AT = datetime(2026, 3, 1, 1, tzinfo=UTC)


@dataclass
class House:
    """Two doors, and the one address that callers know."""

    doors: list[Door]
    port: int
    database_url: str

    def client(self) -> BillingClient:
        """A caller with a connection of its own: behind the balancer, the other door's turn."""
        return BillingClient(f"http://127.0.0.1:{self.port}/hessian/billing", "operator", timeout_s=60)

    def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        """Rows of a table."""
        engine = open_engine(self.database_url)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(select(*columns))]
        engine.dispose()
        return found


@pytest.fixture(params=["shared port", "balancer"])
def house(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[House]:
    """Two doors that answer."""
    shared = request.param == "shared port"
    if shared and sys.platform != "linux":
        pytest.skip("a port is shared on Linux alone")
    prepare(database_url)
    ports = free_ports(1) * 2 if shared else free_ports(2)
    with ExitStack() as stack:
        doors = []
        for number, port in enumerate(ports):
            doors.append(Door(database_url, port, tmp_path / f"door{number}", shared))
            stack.callback(doors[-1].kill)
        if shared:
            yield House(doors, ports[0], database_url)
            return
        balancer = Balancer(ports)
        stack.callback(balancer.close)
        yield House(doors, balancer.port, database_url)


def use(guid: str) -> UseReport:
    """One message."""
    return UseReport("u-1", "sms", started_at=AT, quantity=Decimal(1), payer_id="payer-1", guid=guid)


def test_two_doors_pass_the_walk_of_a_caller(house: House) -> None:
    order = NewOrder("order-1", "OC-1", "customer-1", "payer-1", "mail", "日", start_at=AT)
    for _ in range(2):  # the second time each call is a repeat, at the other door
        with ExitStack() as stack:
            one, other = (stack.enter_context(house.client()) for _ in range(2))
            assert one.install_order(order) == "1"
            assert other.install_order(order) == "1"
            assert one.insert_service_op(use("g-1")) == "1"
            assert other.insert_service_op(use("g-1")) == "1"
            assert other.update_order_state("order-1", "2") == "1"
            assert one.change_account_num("payer-1", 5, "mail") == "1"
            assert one.get_total_price("sms", {}, "", Decimal(10), "CNY").succeeded
            assert other.get_total_price("sms", {}, "", Decimal(10), "CNY").succeeded
            assert one.feedback_user("payer-1") == other.feedback_user("payer-1")
            assert one.pay_callback(INVOICE_ID, "PAID") == "1"
            assert other.pay_callback(INVOICE_ID, "PAID") == "1"
            assert other.pay_callback("nobody's", "PAID") == "-1"
    assert house.rows(usage_event.c.guid) == [("g-1",)]
    assert ("order-1", "SUSPENDED") in house.rows(service_order.c.order_id, service_order.c.state)
    assert house.rows(invoice.c.state) == [("PAID",)]
    for _ in range(24):
        with house.client() as client:
            assert client.feedback_user("nobody") == "1"
    for door in house.doors:
        door.end()
        assert door.calls() > 0


@dataclass
class Caller:
    """Reports uses one after the other over kept connections; what was refused a connection is sent again."""

    house: House
    name: str
    stop: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def call(self) -> None:
        """Until told to stop."""
        with self.house.client() as client:
            while not self.stop.wait(0.005):
                guid = f"{self.name}-{len(self.acknowledged)}"
                try:
                    answer = client.insert_service_op(use(guid))
                except NotSent:
                    continue
                except Exception as error:  # noqa: BLE001 (the test tells what it was)
                    self.failed.append(f"{guid}: {error!r}")
                    return
                assert answer == "1"
                self.acknowledged.append(guid)


def test_doors_are_replaced_one_after_the_other_and_no_call_fails(house: House) -> None:
    stop = threading.Event()
    callers = [Caller(house, f"c{number}", stop) for number in range(4)]
    threads = [threading.Thread(target=caller.call, daemon=True) for caller in callers]
    for thread in threads:
        thread.start()

    def more(than: int) -> None:
        until(lambda: any(caller.failed for caller in callers) or count() > than)

    def count() -> int:
        return sum(len(caller.acknowledged) for caller in callers)

    try:
        more(40)
        for door in house.doors:
            door.end()
            more(count() + 20)  # the other door goes on by itself
            door.start()
            more(count() + 20)
    finally:
        stop.set()
    for thread in threads:
        thread.join(LONGEST_S)
    assert [failure for caller in callers for failure in caller.failed] == []
    sent = sorted(guid for caller in callers for guid in caller.acknowledged)
    assert sorted(guid for (guid,) in house.rows(usage_event.c.guid)) == sent


def test_a_port_is_shared_on_linux_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "CAN_SHARE", False)
    with pytest.raises(SettingInvalid) as refused:
        serve._listen("127.0.0.1", 0, shared=True)
    assert refused.value.field == "share_port"
