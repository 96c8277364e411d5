"""The simulated systems in their own process, called by the center's senders and calling its door back."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billing_center.cli.demo.simulator_control import SimulatorControl
from billing_center.outbox.message import Message, MessageKind, Outcome
from billing_center.settings import Settings
from rpc.account_system import charge_account
from rpc.client import HessianClient
from rpc.order_system import control_service
from tests.peers.conftest import copied
from tests.peers.served_center import INVOICE_ID, ServedCenter, prepare, serving

ITEM = {
    "guid": f"{INVOICE_ID}-1",
    "productId": "mail",
    "productName": "企业邮箱",
    "orderCode": "",
    "currency": "CNY",
    "amount": "60.00",
    "markAmount": "60.00",
}
INVOICE = {
    "guid": INVOICE_ID,
    "custId": "customer-1",
    "custName": "",
    "payerMemId": "payer-1",
    "totalAmount": "60.00",
    "rmbAmount": "60.00",
    "twbAmount": "0",
    "usdollarAmount": "0",
    "gbAmount": "0",
    "item": [ITEM],
}


@pytest.fixture
def served_center(sqlite_template: Path, tmp_path: Path) -> Iterator[ServedCenter]:
    url = copied(sqlite_template, tmp_path)
    prepare(url)
    with serving(url) as served:
        yield served


@pytest.fixture
def simulators(served_center: ServedCenter) -> Iterator[SimulatorControl]:
    with SimulatorControl() as control:
        control.set_center(served_center.url, served_center.user, served_center.password)
        yield control


def message(kind: MessageKind, payload: object) -> Message:
    return Message("m-1", kind, "subject", 1, "payer-1", json.dumps(payload), tries=0, lease_owner="test")


def charge(simulators: SimulatorControl) -> Outcome:
    with HessianClient(simulators.account_system_url, timeout_s=20) as client:
        return charge_account(client, Settings(), message(MessageKind.DEDUCTION, INVOICE)).outcome


def state_of_the_invoice(center: ServedCenter) -> str:
    [row] = center.rows("invoice")
    return str(row.state)


def test_an_invoice_goes_out_and_its_outcomes_come_back(
    simulators: SimulatorControl, served_center: ServedCenter
) -> None:
    simulators.set_policy("payer-1", "FAIL")

    assert charge(simulators) is Outcome.ACCEPTED
    [deduction] = simulators.deductions()
    assert (deduction["guid"], deduction["problems"]) == (INVOICE_ID, [])

    assert [told["answer"] for told in simulators.call_back(date(2026, 3, 2))] == ["1"]
    assert state_of_the_invoice(served_center) == "FAILED"
    assert [told["answer"] for told in simulators.top_up("payer-1")] == ["1"]
    assert state_of_the_invoice(served_center) == "PAID"


def test_a_broken_connection_is_an_unknown_outcome_and_the_repeat_is_recognised(
    simulators: SimulatorControl,
) -> None:
    simulators.set_policy("payer-1", "FLAKY", times=1, fault="drop_after")

    assert [charge(simulators) for _ in range(2)] == [Outcome.UNKNOWN, Outcome.ACCEPTED]

    [deduction] = simulators.deductions()
    assert (deduction["tries"], deduction["problems"]) == (2, [])


def test_a_command_reaches_the_order_system(simulators: SimulatorControl) -> None:
    simulators.let_orders_falter("refuse", 1)
    command = {"orderId": "known", "action": "SUSPEND", "reason": "arrears", "seq": 1}

    with HessianClient(simulators.order_system_url, timeout_s=20) as client:
        sent = message(MessageKind.CONTROL, command)
        answers = [control_service(client, "controlService", sent) for _ in range(2)]

    assert [answer.outcome for answer in answers] == [Outcome.REFUSED, Outcome.ACCEPTED]
    assert simulators.commands() == [{"order_id": "known", "action": "SUSPEND", "reason": "arrears"}]


def test_a_center_that_is_away_is_told_again(simulators: SimulatorControl, served_center: ServedCenter) -> None:
    simulators.set_center("http://127.0.0.1:9/hessian/billing", "operator", "secret")
    charge(simulators)

    [failed] = simulators.call_back(date(2026, 3, 2))
    simulators.set_center(served_center.url, served_center.user, served_center.password)
    [told] = simulators.call_back(date(2026, 3, 2))

    assert "NotSent" in failed["error"]
    assert (told["state"], told["answer"]) == ("PAID", "1")


def test_wrong_orders_are_named(simulators: SimulatorControl) -> None:
    with pytest.raises(ValueError, match="PAY_LATER needs the day"):
        simulators.set_policy("payer-1", "PAY_LATER")
