"""Reading arguments by the contract's names, whatever a caller's Java made of them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing_center.errors import MissingField, OutOfRange, WrongValue
from rpc import fields
from rpc.hessian import HMap, HObject, Long, LostDecimal

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("ordereId", "orderId"),
        ("ordered", "orderId"),
        ("ORDERID", "orderId"),
        ("orderCode", "ordercode"),
        ("useage", "useAge"),
        ("usage", "useAge"),
        ("y", "currency"),
    ],
)
def test_a_field_is_found_under_each_of_its_spellings(sent: str, name: str) -> None:
    assert fields.Fields({sent: "x"}, parameter="p").get(name) == "x"


def test_the_own_name_goes_before_an_alias_unless_it_is_null() -> None:
    assert fields.Fields({"usage": 1, "useAge": 2}, parameter="p").get("useAge") == 2
    assert fields.Fields({"usage": 1, "useAge": None}, parameter="p").get("useAge") == 1


@pytest.mark.parametrize(("sent", "text"), [(None, ""), ("  a b ", "a b"), (5, "5"), (Long(5), "5")])
def test_a_text_is_stripped_and_null_is_blank(sent: Any, text: str) -> None:
    assert fields.read_text(sent, "f") == text


@pytest.mark.parametrize("sent", ["x" * 65, "a\x00b", "\ud83d", "a\x1bb"])
def test_a_text_that_no_database_keeps_is_out_of_range(sent: str) -> None:
    with pytest.raises(OutOfRange) as refused:
        fields.read_text(sent, "f")
    assert refused.value.field == "f"


@pytest.mark.parametrize("sent", [True, [1], {"a": 1}, AT])
def test_another_kind_of_value_is_no_text(sent: Any) -> None:
    with pytest.raises(WrongValue):
        fields.read_text(sent, "f")


def test_a_required_text_that_is_blank_is_missing() -> None:
    with pytest.raises(MissingField):
        fields.read_text("  ", "f", required=True)


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        (HObject("java.math.BigDecimal", {"value": "1E+3"}), "1000"),
        (5, "5"),
        (Long(7), "7"),
        (0.1, "0.1"),
        (" 2.50 ", "2.50"),
        (HObject("com.caucho.hessian.io.ShortHandle", {"_value": 3}), "3"),
    ],
)
def test_a_decimal_is_exact_in_whatever_form_it_came(sent: Any, number: str) -> None:
    assert fields.read_decimal(sent, "f") == Decimal(number)


@pytest.mark.parametrize("sent", [None, "", " "])
def test_no_decimal_is_none(sent: Any) -> None:
    assert fields.read_decimal(sent, "f") is None


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ("1,5", WrongValue),
        (True, WrongValue),
        (float("nan"), WrongValue),
        ("0.0000001", OutOfRange),
        ("1000000000000", OutOfRange),
        ("1e999999", WrongValue),
    ],
)
def test_a_decimal_that_cannot_be_kept_is_refused(sent: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        fields.read_decimal(sent, "f")


def test_a_decimal_that_lost_its_digits_is_no_refusal() -> None:
    with pytest.raises(LostDecimal):
        fields.read_decimal(HObject("java.math.BigDecimal", {"scale": 2, "intVal": None}), "f")


@pytest.mark.parametrize(("sent", "number"), [(5, 5), (Long(5), 5), ("5", 5), (5.0, 5), (-1, -1)])
def test_a_whole_number_comes_in_several_forms(sent: Any, number: int) -> None:
    assert fields.read_whole(sent, "f") == number


@pytest.mark.parametrize("sent", ["five", 5.5, True, [5]])
def test_what_is_no_whole_number_is_refused(sent: Any) -> None:
    with pytest.raises(WrongValue):
        fields.read_whole(sent, "f")


@pytest.mark.parametrize(("sent", "flag"), [("1", True), ("Y", True), (True, True), ("0", False), (None, False)])
def test_a_flag_is_read(sent: Any, flag: bool) -> None:
    assert fields.read_flag(sent, "f") is flag


def test_a_flag_of_another_word_is_refused() -> None:
    with pytest.raises(OutOfRange):
        fields.read_flag("maybe", "f")


@pytest.mark.parametrize(
    "sent",
    [
        "size=small; cpu=4",
        "size=small；cpu=4;",
        '{"size": "small", "cpu": 4}',
        '{"size": "small", "cpu": 4.0}',
        {"size": "small", "cpu": Long(4)},
        HMap("java.util.TreeMap", [("size", "small"), ("cpu", 4.0)]),
    ],
)
def test_features_are_the_same_in_each_form(sent: Any) -> None:
    assert fields.read_features(sent, "f") == {"size": "small", "cpu": "4"}


@pytest.mark.parametrize("sent", ["size", '{"size": ', "=x", {"a": float("inf")}, '{"a": NaN}'])
def test_features_that_cannot_be_read_are_refused(sent: Any) -> None:
    with pytest.raises((OutOfRange, WrongValue, MissingField)):
        fields.read_features(sent, "f")


def test_a_date_is_an_instant_and_an_sql_timestamp_too() -> None:
    assert fields.read_instant(AT, "f") == AT
    assert fields.read_instant(HObject("java.sql.Timestamp", {"value": AT}), "f") == AT
    with pytest.raises(WrongValue):
        fields.read_instant("2026-03-01", "f")


@pytest.mark.parametrize(("sent", "error"), [(None, MissingField), ("x", WrongValue), ([1], WrongValue)])
def test_a_parameter_that_is_no_object_is_refused_by_name(sent: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as refused:
        fields.Fields(sent, parameter="Order")
    assert getattr(refused.value, "field", "") == "Order"
