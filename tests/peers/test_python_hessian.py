"""python-hessian at the public door: its calls are Hessian 1; saying version 2 it is answered in Hessian 2."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from pyhessian.client import HessianProxy, ProtocolError
from pyhessian.protocol import Fault, object_factory

from tests.peers.served_center import INVOICE_ID, ServedCenter

STARTED = datetime(2026, 2, 28, 1, tzinfo=UTC)
OBJECTS = ["typed", "untyped"]


class FreshProxy:
    """A new proxy for each call: python-hessian 1.2 cannot read a second Hessian 2 reply with the same parser."""

    def __init__(self, center: ServedCenter, version: int) -> None:
        self._make = partial(
            HessianProxy, center.url, credentials=(center.user, center.password), timeout=20, version=version
        )

    def __getattr__(self, operation: str) -> Any:
        return getattr(self._make(), operation)


@pytest.fixture(params=[1, 2], ids=["version-1", "version-2"])
def proxy(served_center: ServedCenter, request: pytest.FixtureRequest) -> FreshProxy:
    """A caller before a center of the test's own."""
    return FreshProxy(served_center, request.param)


def big_decimal(text: str) -> Any:
    return object_factory("java.math.BigDecimal", value=text)


def use(form: str, **changes: Any) -> Any:
    fields = {
        "username": "小王 😀",
        "userId": "user-1",
        "payerMemId": "payer-1",
        "productId": "sms",
        "startDate": STARTED,
        "useAge": big_decimal("3.250"),
        "guid": "guid-1",
        **changes,
    }
    return fields if form == "untyped" else object_factory("com.alibaba.billing.model.Billinginfo", **fields)


@pytest.mark.parametrize("form", OBJECTS)
def test_a_use_is_kept_once(proxy: FreshProxy, served_center: ServedCenter, form: str) -> None:
    assert [proxy.insertServiceOp(use(form)) for _ in range(2)] == ["1", "1"]

    [event] = served_center.rows("usage_event")
    assert (event.user_name, event.quantity, event.started_at) == ("小王 😀", Decimal("3.25"), STARTED)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("7.5", "7.5"), (7, "7"), (0.1, "0.1"), (" 2 ", "2")],
    ids=["text", "int", "double", "blanks"],
)
def test_numbers_come_as_python_has_them(
    proxy: FreshProxy, served_center: ServedCenter, sent: object, meant: str
) -> None:
    assert proxy.insertServiceOp(use("untyped", useAge=sent)) == "1"

    [event] = served_center.rows("usage_event")
    assert event.quantity == Decimal(meant)


def test_orders_and_payments(proxy: FreshProxy, served_center: ServedCenter) -> None:
    order = {
        "ordereId": "new",  # one of the spellings of the 2009 document
        "orderCode": "OC-1",
        "custId": "customer-1",
        "billingType": "日",
        "productId": "mail",
        "status": "1",
        "startDate": STARTED,
        "payerMemId": "payer-1",
    }
    assert proxy.installOrder(order) == "1"
    assert proxy.updateOrderState("new", "2") == "1"
    assert proxy.updateOrderState("ended", "1") == "-1"
    assert proxy.changeAccountNum("payer-1", 8, "mail") == "1"
    assert proxy.payCallback(INVOICE_ID, "0") == "1"
    assert proxy.feedbackUser("payer-1") == "-1"

    states = {row.order_id: row.state for row in served_center.rows("service_order")}
    assert states["new"] == "SUSPENDED"


def test_a_price_is_an_object_with_exact_digits(proxy: FreshProxy) -> None:
    model = proxy.getTotalPrice("sms", {"size": "small"}, "", big_decimal("2.5"), "RMB")

    assert (model.isSuccessed, model.returnValue.value) == (True, "3.75")


def test_what_is_not_understood_is_a_fault(proxy: FreshProxy) -> None:
    with pytest.raises(Fault) as caught:
        proxy.noSuchOperation()

    assert caught.value.code == "NoSuchMethodException"


def test_overloaded_names_are_understood(served_center: ServedCenter) -> None:
    credentials = (served_center.user, served_center.password)
    proxy = HessianProxy(served_center.url, credentials=credentials, timeout=20, overload=True)

    assert proxy.feedbackUser("payer-1") == "1"


def test_who_is_not_known_gets_a_401(served_center: ServedCenter) -> None:
    proxy = HessianProxy(served_center.url, credentials=("operator", "wrong"), timeout=20)

    with pytest.raises(ProtocolError, match="401"):
        proxy.feedbackUser("payer-1")
