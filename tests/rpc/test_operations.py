"""The seven operations through the public door: real HTTP, our own client and python-hessian."""

import json
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.access.refused_calls import RefusedCall, list_refused
from billing_center.catalog.load_catalog import load_catalog
from rpc.billing_client import NewOrder, UseReport
from rpc.hessian import FaultReply, HMap, HObject, Long, fields_of
from schema.tables.orders import account_change, service_order
from schema.tables.usage import usage_event
from tests.door import RunningDoor

NOON = datetime(2026, 2, 28, 4, tzinfo=UTC)

CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2020-01-01
          price: {CNY: "1.50"}
  - id: mail
    name: 企业邮箱
    currency: CNY
    plans:
      day:
        - valid_from: 2020-01-01
          price: {CNY: "5.00"}
      account_day:
        - valid_from: 2020-01-01
          price: {CNY: "2.00"}
  - id: fax
    name: 传真
    on_sale: false
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2020-01-01
          price: {CNY: "0.30"}
"""


@pytest.fixture
def shop(door: RunningDoor) -> RunningDoor:
    """The door of a center that sells sms, mail and (no more) fax."""
    door.center.transact("test", lambda work: load_catalog(work, CATALOG, "catalog.yaml"))
    return door


def rows(shop: RunningDoor, table: Any) -> list[Any]:
    with shop.center.reading() as work:
        return list(work.connection.execute(select(table)))


def refused(shop: RunningDoor) -> list[RefusedCall]:
    with shop.center.reading() as work:
        return [entry.call for entry in list_refused(work)]


def order(**changes: Any) -> NewOrder:
    facts: dict[str, Any] = {
        "order_id": "o-1",
        "order_code": "C-1",
        "cust_id": "c-1",
        "payer_id": "p-1",
        "product_id": "mail",
        "billing_type": "日",
        "start_at": NOON,
        "is_quota": True,
    }
    return NewOrder(**{**facts, **changes})


def use(**changes: Any) -> UseReport:
    facts: dict[str, Any] = {"user_id": "u-1", "product_id": "sms", "started_at": NOON, "quantity": Decimal("2.5")}
    return UseReport(**{**facts, **changes})


def test_a_use_is_kept_as_it_was_reported(shop: RunningDoor) -> None:
    report = use(payer_id="p-1", user_name="王芳", guid="g-1", ended_at=NOON + timedelta(minutes=3), unit="count")
    assert shop.client().insert_service_op(report) == "1"
    (row,) = rows(shop, usage_event)
    assert (row.caller, row.guid, row.user_id, row.user_name, row.payer_id) == (
        "tester",
        "g-1",
        "u-1",
        "王芳",
        "p-1",
    )
    assert (row.started_at, row.ended_at) == (NOON, NOON + timedelta(minutes=3))
    assert (row.quantity, row.amount, row.unit) == (Decimal("2.5"), None, "count")


def test_the_same_use_again_is_answered_1_and_kept_once(shop: RunningDoor) -> None:
    client = shop.client()
    assert [client.insert_service_op(use()) for _ in range(3)] == ["1", "1", "1"]
    assert len(rows(shop, usage_event)) == 1


def test_an_order_changes_state_and_accounts(shop: RunningDoor) -> None:
    client = shop.client()
    assert client.install_order(order(features={"size": "small"})) == "1"
    assert client.install_order(order(features={"size": "small"})) == "1"
    assert client.update_order_state("o-1", "2") == "1"
    assert client.change_account_num("p-1", 5, "mail") == "1"
    (row,) = rows(shop, service_order)
    assert (row.order_code, row.payer_id, row.state, row.plan) == ("C-1", "p-1", "SUSPENDED", "account_day")
    assert json.loads(row.features) == {"size": "small"}
    assert row.installed_by == "tester"
    assert [change.accounts for change in rows(shop, account_change)] == [Decimal(5)]


def test_the_same_order_with_other_facts_is_refused_and_kept(shop: RunningDoor) -> None:
    client = shop.client()
    assert client.install_order(order()) == "1"
    assert client.install_order(order(cust_id="c-2")) == "-1"
    (call,) = refused(shop)
    assert (call.caller, call.operation, call.code, call.field) == (
        "tester",
        "installOrder",
        "conflicting_repeat",
        "orderId",
    )
    assert json.loads(call.arguments)[0]["custId"] == "c-2"


def test_a_quotation_has_the_nine_fields_and_a_decimal(shop: RunningDoor) -> None:
    answer = shop.client().hessian.call("getTotalPrice", "sms", {}, None, Decimal("3"), "RMB")
    assert isinstance(answer, HObject)
    assert answer.type_name == "org.mule.esb.model.tcc.result.EsbResultModel"
    assert answer.fields == {
        "isSuccessed": True,
        "exceptionDesc": None,
        "returnClassName": "java.math.BigDecimal",
        "methodType": "NOT_TCC_STATUS",
        "fromCharcode": None,
        "toCharcode": None,
        "charsetConverted": None,
        "msgId": None,
        "returnValue": HObject("java.math.BigDecimal", {"value": "4.50"}),
    }


WRONG_QUESTIONS: list[tuple[Any, Any, str, int]] = [
    ("fax", Decimal(1), "CNY", -2),
    ("nothing", Decimal(1), "CNY", -3),
    ("sms", Decimal(0), "CNY", -4),
    ("sms", None, "CNY", -4),
    ("sms", "many", "CNY", -4),
    ("sms", Decimal(1), "XXX", -4),
    (None, Decimal(1), "CNY", -4),
]


def test_a_quotation_says_what_is_wrong_by_a_code(shop: RunningDoor) -> None:
    client = shop.hessian()
    for product, count, currency, code in WRONG_QUESTIONS:
        fields = fields_of(client.call("getTotalPrice", product, {}, None, count, currency))
        assert fields["isSuccessed"] is False
        assert fields["returnValue"] == HObject("java.math.BigDecimal", {"value": str(code)})
        assert fields["exceptionDesc"]
    assert refused(shop) == []


def test_a_payer_without_invoices_is_not_in_arrears(shop: RunningDoor) -> None:
    assert shop.client().feedback_user("nobody") == "1"


def test_a_callback_for_an_unknown_invoice_is_refused_and_kept(shop: RunningDoor) -> None:
    assert shop.client().pay_callback("i-1", "PAID") == "-1"
    (call,) = refused(shop)
    assert (call.operation, call.code, json.loads(call.arguments)) == (
        "payCallback",
        "unknown_invoice",
        ["i-1", "PAID"],
    )


WRONG_CALLS: list[tuple[str, tuple[Any, ...], str, str]] = [
    ("insertServiceOp", (None,), "missing_field", "Billinginfo"),
    ("insertServiceOp", ("text",), "wrong_type", "Billinginfo"),
    ("insertServiceOp", ({"userId": " "},), "missing_field", "userId"),
    (
        "insertServiceOp",
        ({"userId": "u", "productId": "sms", "startDate": "then"},),
        "wrong_type",
        "startDate",
    ),
    ("installOrder", ({"orderId": "o"},), "missing_field", "productId"),
    ("updateOrderState", ("", "1"), "missing_field", "orderId"),
    ("updateOrderState", ("o-9", "1"), "unknown_order", "orderId"),
    ("feedbackUser", (None,), "missing_field", "payerMemId"),
    ("payCallback", ("i-1", None), "missing_field", "state"),
    ("changeAccountNum", ("p-1", -1, "mail"), "out_of_range", "currentNum"),
    ("changeAccountNum", ("p-1", None, "mail"), "missing_field", "currentNum"),
    ("changeAccountNum", ("p-9", 1, "mail"), "unknown_payer", "mmId"),
]


def test_wrong_parameters_are_answered_minus_1_and_kept_with_their_rule(shop: RunningDoor) -> None:
    client = shop.hessian()
    for operation, arguments, code, field in WRONG_CALLS:
        before = len(refused(shop))
        assert client.call(operation, *arguments) == "-1"
        calls = refused(shop)
        assert len(calls) == before + 1
        assert (calls[0].operation, calls[0].code, calls[0].field) == (operation, code, field)


def test_fields_are_read_in_any_order_case_and_spelling(shop: RunningDoor) -> None:
    sent = {
        "STARTDATE": HObject("java.sql.Timestamp", {"value": NOON}),
        "ordered": "o-7",
        "orderCode": "C-7",
        "CUSTID": "c-7",
        "unknown": [1, 2],
        "isquota": Long(0),
        "payermemid": "p-7",
        "productid": "mail",
        "STATUS": "开通",
        "billingtype": "日",
        "speccondition": '{"size": "small"}',
    }
    assert shop.hessian().call("installOrder_Order", HObject("x.y.MyOrder", dict(sent))) == "1"
    assert shop.hessian().call("installOrder__1", HMap("java.util.TreeMap", sent.items())) == "1"
    (row,) = rows(shop, service_order)
    assert (row.order_id, row.order_code, row.state, row.is_quota) == ("o-7", "C-7", "ACTIVE", False)


def test_a_decimal_without_digits_is_a_fault_and_never_zero(shop: RunningDoor) -> None:
    lost = HObject("java.math.BigDecimal", {"scale": 2, "intVal": None})
    billinginfo = {"userId": "u", "productId": "sms", "startDate": NOON, "useAge": lost}
    with pytest.raises(FaultReply) as fault:
        shop.hessian().call("insertServiceOp", billinginfo)
    assert "META-INF/hessian/serializers" in fault.value.message
    with pytest.raises(FaultReply):
        shop.hessian().call("getTotalPrice", "sms", {}, None, lost, "CNY")
    assert rows(shop, usage_event) == []
    assert refused(shop) == []


@pytest.fixture
def python_hessian(shop: RunningDoor) -> Iterator[Any]:
    """The public python-hessian client."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyhessian.client import HessianProxy

        caller_id, secret = shop.caller()
        yield HessianProxy(shop.url, credentials=(caller_id, secret))


def test_python_hessian_calls_and_is_answered(shop: RunningDoor, python_hessian: Any) -> None:
    from pyhessian import protocol

    order = protocol.object_factory(
        "com.alibaba.billing.model.Order",
        orderId="o-3",
        ordercode="C-3",
        custId="c-3",
        payerMemId="p-3",
        productId="mail",
        billingType="day",
        status="1",
        startDate=NOON.replace(tzinfo=None),
    )
    assert python_hessian.installOrder(order) == "1"
    assert python_hessian.feedbackUser("p-3") == "1"
    assert python_hessian.payCallback("i-1", "1") == "-1"
    model = python_hessian.getTotalPrice("sms", {}, "", 3, "CNY")
    assert model.returnValue.value == "4.50"
    assert [row.order_id for row in rows(shop, service_order)] == ["o-3"]
