"""The simulated account and order systems, asked through their own doors: Hessian and JSON over HTTP."""

import http.client
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from billing_center.cli.demo.simulator_door import CenterAddress, Simulation, SimulatorServer
from rpc.hessian import FaultReply, HObject, ReplyForm, decode_reply, encode_call

CENTER = {"url": "http://127.0.0.1:1/hessian/billing", "user": "account", "password": "secret"}


class ToldCenter:
    """Stands for the billing center: keeps what it was told and gives the answers put into it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.failures: list[Exception] = []

    def tell(self, address: CenterAddress, invoice_id: str, state: str) -> str:
        assert address == CenterAddress(**CENTER)
        if self.failures:
            raise self.failures.pop(0)
        self.told.append((invoice_id, state))
        return "1"


@pytest.fixture
def center() -> ToldCenter:
    return ToldCenter()


@pytest.fixture
def server(center: ToldCenter) -> Iterator[SimulatorServer]:
    server = SimulatorServer(Simulation(center.tell))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    post(server, "center", **CENTER)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def post(server: SimulatorServer, what: str, **told: Any) -> Any:
    with urllib.request.urlopen(f"{server.url}/control/{what}", json.dumps(told).encode(), timeout=10) as reply:
        return json.load(reply)


def get(server: SimulatorServer, what: str) -> Any:
    with urllib.request.urlopen(f"{server.url}/control/{what}", timeout=10) as reply:
        return json.load(reply)


def call(
    server: SimulatorServer, path: str, method: str, *arguments: Any, form: ReplyForm = ReplyForm.HESSIAN_1
) -> Any:
    request = urllib.request.Request(f"{server.url}{path}", encode_call(method, arguments, form))
    with urllib.request.urlopen(request, timeout=10) as reply:
        return decode_reply(reply.read())


def charge(server: SimulatorServer, guid: str, payer_id: str, amount: str = "60.00") -> Any:
    return call(server, "/account-system", "chargeAccount", invoice(guid, payer_id, amount))


def invoice(guid: str, payer_id: str, amount: str, item_amount: str | None = None) -> HObject:
    item = {
        "guid": f"{guid}-1",
        "productId": "mail",
        "productName": "邮箱",
        "orderCode": "OC1",
        "currency": "CNY",
        "amount": Decimal(item_amount or amount),
        "markAmount": Decimal("75.00"),
    }
    fields = {
        "guid": guid,
        "custId": "c-1",
        "custName": "客户",
        "payerMemId": payer_id,
        "totalAmount": Decimal(amount),
        "rmbAmount": Decimal(amount),
        "twbAmount": Decimal(0),
        "usdollarAmount": Decimal(0),
        "gbAmount": Decimal(0),
        "item": [HObject("com.alibaba.billing.model.InvoiceItem", item)],
    }
    return HObject("com.alibaba.billing.model.Invoice", fields)


@pytest.mark.parametrize("form", list(ReplyForm))
def test_a_deduction_is_kept_whole(server: SimulatorServer, form: ReplyForm) -> None:
    answer = call(server, "/account-system", "chargeAccount", invoice("inv-1", "pm-1", "60.00"), form=form)

    assert answer == "1"
    [deduction] = get(server, "deductions")
    assert (deduction["guid"], deduction["payer_id"], deduction["state"]) == ("inv-1", "pm-1", "WAITING")
    assert (deduction["invoice"]["rmbAmount"], deduction["invoice"]["custName"]) == ("60.00", "客户")
    assert deduction["invoice"]["item"][0]["markAmount"] == "75.00"
    assert deduction["problems"] == []


def test_a_repeat_is_recognised_and_not_taken_twice(server: SimulatorServer) -> None:
    assert [charge(server, "inv-1", "pm-1") for _ in range(3)] == ["1", "1", "1"]

    [deduction] = get(server, "deductions")
    assert (deduction["tries"], deduction["problems"]) == (3, [])


def test_a_repeat_with_another_amount_is_noticed(server: SimulatorServer) -> None:
    charge(server, "inv-1", "pm-1", "60.00")
    charge(server, "inv-1", "pm-1", "61.00")

    [deduction] = get(server, "deductions")
    assert deduction["invoice"]["rmbAmount"] == "60.00"
    assert deduction["problems"] == ["the same guid came again with other content"]


def test_totals_that_are_not_the_sum_of_their_items_are_noticed(server: SimulatorServer) -> None:
    call(server, "/account-system", "chargeAccount", invoice("inv-1", "pm-1", "60.00", item_amount="59.99"))

    [deduction] = get(server, "deductions")
    assert deduction["problems"] == ["rmbAmount is 60.00, its items add up to 59.99"]


def test_a_payer_pays_unless_told_otherwise(server: SimulatorServer, center: ToldCenter) -> None:
    charge(server, "inv-1", "pm-1")
    assert center.told == []

    told = post(server, "callbacks", today="2026-04-02")

    assert told == [{"invoice_id": "inv-1", "payer_id": "pm-1", "state": "PAID", "answer": "1"}]
    assert post(server, "callbacks", today="2026-04-03") == []
    assert center.told == [("inv-1", "PAID")]


def test_a_payer_who_fails_pays_after_a_top_up(server: SimulatorServer, center: ToldCenter) -> None:
    post(server, "policies", payer_id="pm-1", behaviour="FAIL")
    charge(server, "inv-1", "pm-1")
    charge(server, "inv-2", "pm-2")
    post(server, "callbacks", today="2026-04-02")
    assert center.told == [("inv-1", "FAILED"), ("inv-2", "PAID")]
    assert post(server, "callbacks", today="2026-04-03") == []

    post(server, "top-up", payer_id="pm-1")

    assert center.told[2:] == [("inv-1", "PAID")]
    assert [deduction["state"] for deduction in get(server, "deductions")] == ["PAID", "PAID"]


def test_a_payer_who_pays_later_is_silent_until_the_day(server: SimulatorServer, center: ToldCenter) -> None:
    post(server, "policies", payer_id="pm-1", behaviour="PAY_LATER", day="2026-04-15")
    charge(server, "inv-1", "pm-1")

    assert post(server, "callbacks", today="2026-04-14") == []
    assert [told["state"] for told in post(server, "callbacks", today="2026-04-15")] == ["PAID"]


def test_a_payer_who_never_answers_is_silent_until_a_top_up(server: SimulatorServer, center: ToldCenter) -> None:
    post(server, "policies", payer_id="pm-1", behaviour="NEVER")
    charge(server, "inv-1", "pm-1")

    assert post(server, "callbacks", today="2027-01-01") == []
    assert [told["state"] for told in post(server, "top-up", payer_id="pm-1")] == ["PAID"]


def test_flaky_refuses_the_first_tries_of_each_invoice(server: SimulatorServer) -> None:
    post(server, "policies", payer_id="pm-1", behaviour="FLAKY", times=2)

    assert [charge(server, "inv-1", "pm-1") for _ in range(3)] == ["2", "2", "1"]
    assert charge(server, "inv-2", "pm-1") == "2"
    assert [deduction["guid"] for deduction in get(server, "deductions")] == ["inv-1"]


@pytest.mark.parametrize(("fault", "taken_at_first"), [("drop", 0), ("drop_after", 1)])
def test_flaky_breaks_the_connection_before_or_after_taking(
    server: SimulatorServer, fault: str, taken_at_first: int
) -> None:
    post(server, "policies", payer_id="pm-1", behaviour="FLAKY", times=1, fault=fault)

    with pytest.raises(http.client.RemoteDisconnected):
        charge(server, "inv-1", "pm-1")
    assert len(get(server, "deductions")) == taken_at_first

    assert charge(server, "inv-1", "pm-1") == "1"
    assert len(get(server, "deductions")) == 1


@pytest.mark.parametrize("failure", [ConnectionError("away"), FaultReply("ServiceException", "busy")])
def test_an_outcome_that_did_not_arrive_is_told_again(
    server: SimulatorServer, center: ToldCenter, failure: Exception
) -> None:
    charge(server, "inv-1", "pm-1")
    center.failures.append(failure)

    [told] = post(server, "callbacks", today="2026-04-02")

    assert "answer" not in told and told["error"].endswith(("away", "busy"))
    assert get(server, "deductions")[0]["state"] == "WAITING"
    assert [told["answer"] for told in post(server, "callbacks", today="2026-04-02")] == ["1"]


def test_commands_are_kept_in_their_order(server: SimulatorServer) -> None:
    for action in ("SUSPEND", "RESUME"):
        assert call(server, "/order-system", "controlService", "ord-1", action, "arrears") == "1"

    assert get(server, "commands") == [
        {"order_id": "ord-1", "action": "SUSPEND", "reason": "arrears"},
        {"order_id": "ord-1", "action": "RESUME", "reason": "arrears"},
    ]


def test_the_order_system_falters_as_often_as_told(server: SimulatorServer) -> None:
    post(server, "order-faults", fault="refuse", times=1)
    post(server, "order-faults", fault="drop", times=1)

    assert call(server, "/order-system", "controlService", "ord-1", "SUSPEND", "arrears") == "2"
    with pytest.raises(http.client.RemoteDisconnected):
        call(server, "/order-system", "controlService", "ord-1", "SUSPEND", "arrears")
    assert call(server, "/order-system", "controlService", "ord-1", "SUSPEND", "arrears") == "1"
    assert len(get(server, "commands")) == 1


@pytest.mark.parametrize(
    ("path", "method", "arguments", "code"),
    [
        ("/account-system", "noSuchMethod", ["x"], "NoSuchMethodException"),
        ("/account-system", "controlService", ["o", "SUSPEND", "r"], "NoSuchMethodException"),
        ("/account-system", "chargeAccount", [], "NoSuchMethod"),
        ("/account-system", "chargeAccount", ["no invoice"], "ServiceException"),
        ("/order-system", "controlService", [1, 2, 3], "ServiceException"),
    ],
)
def test_what_is_not_understood_is_a_fault(
    server: SimulatorServer, path: str, method: str, arguments: list[Any], code: str
) -> None:
    with pytest.raises(FaultReply) as caught:
        call(server, path, method, *arguments)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("what", "told", "status"),
    [
        ("no-such-path", {}, 404),
        ("callbacks", {}, 400),
        ("callbacks", {"today": "soon"}, 400),
        ("policies", {"payer_id": "pm-1", "behaviour": "SULK"}, 400),
        ("policies", {"payer_id": "pm-1", "behaviour": "PAY_LATER"}, 400),
        ("policies", {"payer_id": "pm-1", "behaviour": "FLAKY"}, 400),
        ("center", {"address": "x"}, 400),
    ],
)
def test_the_control_door_says_what_is_wrong(
    server: SimulatorServer, what: str, told: dict[str, str], status: int
) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(server, what, **told)

    with caught.value as answer:
        assert (answer.status, list(json.load(answer))) == (status, ["error"])


def test_bytes_that_are_no_call_get_a_500(server: SimulatorServer) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{server.url}/order-system", b"hello", timeout=10)

    with caught.value as answer:
        assert answer.status == 500
