"""The bytes that Java sends and expects for the eight operations, read and written exactly."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from rpc.hessian import (
    Call,
    CodecError,
    Fault,
    FaultReply,
    Framing,
    HObject,
    ReplyForm,
    as_decimal,
    decode_call,
    decode_reply,
    encode_call,
    encode_fault,
    encode_reply,
)
from tests.rpc.hessian import samples

CALLS = {
    "INSERT_SERVICE_OP": "insertServiceOp",
    "INSTALL_ORDER": "installOrder",
    "UPDATE_ORDER_STATE": "updateOrderState",
    "GET_TOTAL_PRICE": "getTotalPrice",
    "FEEDBACK_USER": "feedbackUser",
    "PAY_CALLBACK": "payCallback",
    "CHANGE_ACCOUNT_NUM": "changeAccountNum",
    "CHARGE_ACCOUNT": "chargeAccount",
}
FORMS = {1: ReplyForm.HESSIAN_1, 2: ReplyForm.HESSIAN_2}


def sample(name: str, version: int) -> bytes:
    data: bytes = getattr(samples, f"{name}_{version}")
    return data


def plain(value: object) -> object:
    """Type names and fields as tuples and dicts, BigDecimals as Decimals."""
    if isinstance(value, HObject):
        if value.type_name == "java.math.BigDecimal":
            return as_decimal(value)
        return value.type_name, {name: plain(inner) for name, inner in value.fields.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("name", CALLS)
def test_call_is_read_and_written_back_byte_for_byte(name: str, version: int) -> None:
    body = sample(name, version)
    call = decode_call(body)
    assert call.method == CALLS[name]
    assert call.framing is (Framing.CALL_1_0 if version == 1 else Framing.H_2_0)
    assert encode_call(call.method, call.arguments, FORMS[version]) == body


@pytest.mark.parametrize("name", CALLS)
def test_both_versions_carry_the_same_call(name: str) -> None:
    one, two = decode_call(sample(name, 1)), decode_call(sample(name, 2))
    assert [plain(value) for value in one.arguments] == [plain(value) for value in two.arguments]
    assert encode_call(one.method, one.arguments, ReplyForm.HESSIAN_2) == sample(name, 2)
    assert encode_call(two.method, two.arguments, ReplyForm.HESSIAN_1) == sample(name, 1)


@pytest.mark.parametrize("name", CALLS)
def test_call_with_a_hessian_2_reply_differs_in_one_byte(name: str) -> None:
    body = sample(name, 1)
    call = decode_call(b"c\x02" + body[2:])
    assert call.framing is Framing.CALL_2_0
    assert call.arguments == decode_call(body).arguments


@pytest.mark.parametrize("version", [1, 2])
def test_every_field_of_a_usage_record_arrives(version: int) -> None:
    [record] = decode_call(sample("INSERT_SERVICE_OP", version)).arguments
    assert plain(record) == (
        "com.alibaba.billing.model.Billinginfo",
        {
            "username": "user-1-1",
            "userId": "u1-1",
            "payerMemId": "pm-1",
            "productName": "邮箱 Mail",
            "productId": "prod-1",
            "useUnit": "GB",
            "startDate": datetime(2009, 7, 31, 16, tzinfo=UTC),
            "endDate": datetime(2009, 8, 31, 15, 59, 59, tzinfo=UTC),
            "amount": Decimal("12.50"),
            "useAge": Decimal("3.25"),
        },
    )


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("name", "answer"), [("ANSWER_1", "1"), ("ANSWER_MINUS_1", "-1")])
def test_answer_is_read_and_written_byte_for_byte(name: str, answer: str, version: int) -> None:
    assert decode_reply(sample(name, version)) == answer
    assert encode_reply(answer, FORMS[version]) == sample(name, version)


@pytest.mark.parametrize("version", [1, 2])
def test_quotation_is_written_byte_for_byte(version: int) -> None:
    fields = {
        "isSuccessed": True,
        "exceptionDesc": None,
        "returnClassName": "java.math.BigDecimal",
        "methodType": "NOT_TCC_STATUS",
        "fromCharcode": None,
        "toCharcode": None,
        "charsetConverted": None,
        "msgId": None,
        "returnValue": Decimal("18.75"),
    }
    model = HObject("org.mule.esb.model.tcc.result.EsbResultModel", fields)
    body = sample("GET_TOTAL_PRICE_REPLY", version)
    assert encode_reply(model, FORMS[version]) == body
    assert plain(decode_reply(body)) == (model.type_name, fields)


@pytest.mark.parametrize("version", [1, 2])
def test_fault_is_read_and_written_byte_for_byte(version: int) -> None:
    body = sample("FAULT", version)
    assert encode_fault(Fault("ServiceException", "refused"), FORMS[version]) == body
    with pytest.raises(FaultReply) as caught:
        decode_reply(body)
    assert (caught.value.code, caught.value.message, caught.value.detail) == ("ServiceException", "refused", None)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("name", CALLS)
def test_call_that_is_cut_anywhere_or_goes_on_is_refused(name: str, version: int) -> None:
    body = sample(name, version)
    for length in range(len(body)):
        with pytest.raises(CodecError):
            decode_call(body[:length])
    for extra in (b"\x00", b"z", b"N"):
        with pytest.raises(CodecError):
            decode_call(body + extra)


def test_call_is_a_value_that_cannot_be_changed() -> None:
    call = decode_call(samples.FEEDBACK_USER_1)
    assert call == Call("feedbackUser", ("pm-1",), {}, Framing.CALL_1_0)
    with pytest.raises(AttributeError):
        call.method = "other"  # type: ignore[misc]
