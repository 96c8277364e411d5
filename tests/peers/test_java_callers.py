"""Unmodified Java callers at the public door: HessianProxyFactory in its modes, and a plain Hessian 1 reader."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.peers.java_kit import JavaCaller, JavaError, JavaLong, JavaObject, Same, Timestamp
from tests.peers.served_center import INVOICE_ID, ServedCenter

pytestmark = pytest.mark.java

MODEL = "com.alibaba.billing.model."
STARTED = datetime(2026, 2, 28, 1, 0, 0, 123000, tzinfo=UTC)
MODES = [("default", False), ("hessian2", False), ("hessian1", False), ("default", True), ("hessian2", True)]
READS_FAULTS = ["default", "hessian2", "hessian1"]


@pytest.fixture(params=MODES, ids=lambda mode: mode[0] + ("-overloaded" if mode[1] else ""))
def caller(java: JavaCaller, served_center: ServedCenter, request: pytest.FixtureRequest) -> JavaCaller:
    """The Java caller in each mode, before a center of the test's own."""
    mode, overload = request.param
    java.connect(served_center.url, served_center.user, served_center.password, mode=mode, overload=overload)
    return java


def use(**changes: Any) -> JavaObject:
    fields = {
        "username": "小王 😀",
        "userId": "user-1",
        "payerMemId": "payer-1",
        "productName": "短信",
        "productId": "sms",
        "startDate": STARTED,
        "useAge": Decimal("3.250"),
        "useUnit": "次",
        "guid": "guid-1",
    }
    return JavaObject(MODEL + "Billinginfo", {**fields, **changes})


def order(**changes: Any) -> JavaObject:
    fields = {
        "orderId": "new",
        "ordercode": "OC-1",
        "custId": "customer-1",
        "billingType": "日",
        "productId": "mail",
        "status": "1",
        "productStrategyId": "spring",
        "startDate": STARTED,
        "specCondition": "size=small",
        "isQuota": "1",
        "payerMemId": "payer-1",
    }
    return JavaObject(MODEL + "Order", {**fields, **changes})


def test_a_use_arrives_with_every_letter_digit_and_millisecond(
    caller: JavaCaller, served_center: ServedCenter
) -> None:
    assert caller.call("insertServiceOp", use()) == "1"

    [event] = served_center.rows("usage_event")
    assert (event.user_name, event.product_name, event.unit) == ("小王 😀", "短信", "次")
    assert (event.caller, event.user_id, event.payer_id) == ("operator", "user-1", "payer-1")
    assert (event.quantity, event.amount) == (Decimal("3.25"), None)
    assert event.started_at == event.ended_at == STARTED


def test_a_repeated_guid_is_one_use(caller: JavaCaller, served_center: ServedCenter) -> None:
    assert [caller.call("insertServiceOp", use()) for _ in range(3)] == ["1", "1", "1"]

    assert len(served_center.rows("usage_event")) == 1


def test_an_order_arrives_with_its_facts(caller: JavaCaller, served_center: ServedCenter) -> None:
    assert caller.call("installOrder", order()) == "1"
    assert caller.call("installOrder", order()) == "1"
    assert caller.call("installOrder", order(ordercode="OC-2")) == "-1"

    [mirrored] = [row for row in served_center.rows("service_order") if row.order_id == "new"]
    assert (mirrored.plan, mirrored.state, mirrored.promotion_id) == ("account_day", "ACTIVE", "spring")
    assert mirrored.start_at == STARTED


def test_states_and_accounts_change(caller: JavaCaller, served_center: ServedCenter) -> None:
    assert caller.call("updateOrderState", "known", "2") == "1"
    assert caller.call("updateOrderState", "ended", "1") == "-1"
    assert caller.call("changeAccountNum", "payer-1", 8, "mail") == "1"
    assert caller.call("changeAccountNum", "payer-1", -1, "mail") == "-1"

    states = {row.order_id: row.state for row in served_center.rows("service_order")}
    assert states["known"] == "SUSPENDED"
    assert [row.accounts for row in served_center.rows("account_change")] == [8]


def test_a_price_is_a_big_decimal_that_java_can_cast(caller: JavaCaller) -> None:
    model = caller.call("getTotalPrice", "sms", {"size": "small"}, "", Decimal("2.50"), "RMB")

    assert model.class_name == "org.mule.esb.model.tcc.result.EsbResultModel"
    assert isinstance(model.fields["returnValue"], Decimal)
    assert model.fields == {
        "isSuccessed": True,
        "exceptionDesc": None,
        "returnValue": Decimal("3.75"),
        "returnClassName": "java.math.BigDecimal",
        "methodType": "NOT_TCC_STATUS",
        "fromCharcode": None,
        "toCharcode": None,
        "charsetConverted": None,
        "msgId": None,
    }


@pytest.mark.parametrize(
    ("product", "count", "code"),
    [("fax", Decimal(1), Decimal(-2)), ("telex", Decimal(1), Decimal(-3)), ("sms", None, Decimal(-4))],
)
def test_a_price_that_there_is_not_is_a_code(
    java: JavaCaller, served_center: ServedCenter, product: str, count: Decimal | None, code: Decimal
) -> None:
    java.connect(served_center.url, served_center.user, served_center.password)

    model = java.call("getTotalPrice", product, {}, "", count, "RMB")

    assert (model.fields["isSuccessed"], model.fields["returnValue"]) == (False, code)
    assert model.fields["exceptionDesc"]


def test_payments_and_arrears(caller: JavaCaller, served_center: ServedCenter) -> None:
    assert caller.call("feedbackUser", "payer-1") == "1"
    assert caller.call("payCallback", INVOICE_ID, "0") == "1"
    assert caller.call("feedbackUser", "payer-1") == "-1"
    assert caller.call("payCallback", INVOICE_ID, "1") == "1"
    assert caller.call("feedbackUser", "payer-1") == "1"
    assert caller.call("payCallback", "no-such-invoice", "1") == "-1"

    [invoice] = served_center.rows("invoice")
    assert invoice.state == "PAID"


def test_wrong_parameters_are_refused_and_kept(caller: JavaCaller, served_center: ServedCenter) -> None:
    assert caller.call("insertServiceOp", use(useAge=None)) == "-1"
    assert caller.call("insertServiceOp", use(productId="telex")) == "-1"

    kept = [(entry.call.code, entry.call.field) for entry in served_center.refused_calls()]
    assert sorted(kept) == [("missing_field", "useAge"), ("unknown_product", "productId")]


@pytest.mark.parametrize("mode", READS_FAULTS)
@pytest.mark.parametrize(
    ("operation", "arguments", "says"),
    [
        ("noSuchOperation", ["x"], "no method named: noSuchOperation"),
        ("feedbackUser", ["payer-1", "one too many"], "feedbackUser takes 1 argument"),
        ("updateOrderState", ["one too few"], "updateOrderState takes 2 arguments"),
    ],
)
def test_what_is_not_understood_is_thrown_with_its_reason(
    java: JavaCaller, served_center: ServedCenter, mode: str, operation: str, arguments: list[str], says: str
) -> None:
    java.connect(served_center.url, served_center.user, served_center.password, mode=mode)

    with pytest.raises(JavaError) as caught:
        java.call(operation, *arguments)

    assert caught.value.class_name == "java.lang.IllegalArgumentException"
    assert says in caught.value.message
    assert served_center.refused_calls() == []


@pytest.mark.parametrize("mode", READS_FAULTS)
def test_a_jar_that_loses_decimals_is_told_so_and_nothing_is_kept(
    java_that_loses_decimals: JavaCaller, served_center: ServedCenter, mode: str
) -> None:
    java = java_that_loses_decimals
    java.connect(served_center.url, served_center.user, served_center.password, mode=mode)

    quote: list[Any] = ["sms", {}, "", Decimal("2.5"), "RMB"]
    for operation, arguments in (("insertServiceOp", [use()]), ("getTotalPrice", quote)):
        with pytest.raises(JavaError) as caught:
            java.call(operation, *arguments)
        assert caught.value.class_name == "java.lang.IllegalArgumentException"
        assert "META-INF/hessian/serializers" in caught.value.message

    assert served_center.rows("usage_event") == [] == served_center.refused_calls()


@pytest.mark.parametrize(
    ("user", "password"), [("operator", "wrong"), ("nobody", "secret"), ("", "")], ids=["password", "user", "none"]
)
@pytest.mark.parametrize("mode", ["default", "hessian2"])
def test_who_is_not_known_gets_a_401(
    java: JavaCaller, served_center: ServedCenter, mode: str, user: str, password: str
) -> None:
    java.connect(served_center.url, user, password, mode=mode)

    with pytest.raises(JavaError) as caught:
        java.call("feedbackUser", "payer-1")

    assert caught.value.class_name == "com.caucho.hessian.client.HessianConnectionException"
    assert "401" in caught.value.message


def test_who_may_not_call_gets_a_403(java: JavaCaller, served_center: ServedCenter) -> None:
    secret = served_center.add_caller("sms-product", operations=["insertServiceOp"], products=["sms"])
    java.connect(served_center.url, "sms-product", secret)

    assert java.call("insertServiceOp", use()) == "1"
    for call in (["feedbackUser", "payer-1"], ["insertServiceOp", use(productId="disk", useUnit="GB")]):
        with pytest.raises(JavaError) as caught:
            java.call(*call)
        assert caught.value.class_name == "com.caucho.hessian.client.HessianConnectionException"
        assert "403" in caught.value.message


def test_sql_timestamps_are_dates(caller: JavaCaller, served_center: ServedCenter) -> None:
    assert caller.call("insertServiceOp", use(startDate=Timestamp(STARTED), endDate=Timestamp(STARTED))) == "1"

    [event] = served_center.rows("usage_event")
    assert event.started_at == event.ended_at == STARTED


def test_classes_of_the_callers_own_packages_are_read_by_their_fields(
    caller: JavaCaller, served_center: ServedCenter
) -> None:
    fields = {name: value for name, value in use().fields.items() if name not in ("username", "productName")}
    record = JavaObject("com.shop.usage.UseRecord", {**fields, "shopNumber": 7, "remark": "nobody reads this"})
    special = JavaObject("com.shop.usage.ShopOrder", {**order().fields, "shop": "No. 7"})

    assert caller.call("insertServiceOp", record) == "1"
    assert caller.call("installOrder", special) == "1"

    [event] = served_center.rows("usage_event")
    assert (event.user_id, event.quantity) == ("user-1", Decimal("3.25"))
    assert "new" in {row.order_id for row in served_center.rows("service_order")}


def test_one_big_decimal_in_two_fields_arrives_twice(caller: JavaCaller, served_center: ServedCenter) -> None:
    assert caller.call("insertServiceOp", use(useAge=Decimal("9.990"), amount=Same())) == "1"

    [event] = served_center.rows("usage_event")
    assert (event.amount, event.quantity) == (Decimal("9.99"), Decimal("9.99"))


@pytest.mark.parametrize("text", ["1E+3", "0.000001", "999999999999.999999", "12.50"])
def test_every_way_to_write_a_decimal_is_exact(java: JavaCaller, served_center: ServedCenter, text: str) -> None:
    java.connect(served_center.url, served_center.user, served_center.password)

    assert java.call("insertServiceOp", use(useAge=Decimal(text))) == "1"

    [event] = served_center.rows("usage_event")
    assert event.quantity == Decimal(text)


def test_half_an_emoji_does_no_harm(java: JavaCaller, served_center: ServedCenter) -> None:
    java.connect(served_center.url, served_center.user, served_center.password)

    assert java.call("insertServiceOp", use(username="cut \ud83d")) == "-1"

    [entry] = served_center.refused_calls()
    assert entry.call.field == "username"


def test_a_factory_without_a_hessian_2_reply_reads_words(java: JavaCaller, served_center: ServedCenter) -> None:
    """setHessian2Reply(false): such a 4.x proxy reads only plain words; wire, section 1."""
    java.connect(served_center.url, served_center.user, served_center.password, mode="hessian1-proxy")

    assert java.call("insertServiceOp", use()) == "1"
    assert java.call("updateOrderState", "ended", "1") == "-1"


@pytest.mark.parametrize("path", ["/hessian/usage", "/hessian/com.alibaba.billing.OrderService", "/hessian"])
def test_every_published_path_reaches_the_same_center(
    java: JavaCaller, served_center: ServedCenter, path: str
) -> None:
    java.connect(served_center.url.replace("/hessian/billing", path), served_center.user, served_center.password)

    assert java.call("feedbackUser", "payer-1") == "1"


def test_the_path_of_old_callers_is_answered_in_hessian_1(java: JavaCaller, served_center: ServedCenter) -> None:
    old = served_center.url.replace("/hessian/billing", "/hessian/v1/billing")
    java.connect(old, served_center.user, served_center.password, mode="hessian1")

    model = java.call("getTotalPrice", "sms", {}, "", Decimal(2), "RMB")

    assert model.fields["returnValue"] == Decimal("3.00")


def test_a_long_is_taken_for_the_callers_number(java: JavaCaller, served_center: ServedCenter) -> None:
    java.connect(served_center.url, served_center.user, served_center.password)
    features = {"size": "small", "cpu": JavaLong(4)}

    assert java.call("getTotalPrice", "sms", features, "", Decimal(2), "RMB").fields["isSuccessed"]
