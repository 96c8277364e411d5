"""The places where Hessian implementations are known to go wrong, one test each."""

from datetime import UTC, datetime, timedelta

import pytest

from rpc.hessian import (
    CodecError,
    HList,
    HMap,
    HObject,
    Long,
    Millis,
    ReplyForm,
    decode_call,
    decode_value,
    encode_call,
    encode_value,
    fields_of,
)
from tests.rpc.hessian.test_hessian2_values import same

V1, V2 = ReplyForm.HESSIAN_1, ReplyForm.HESSIAN_2
BOTH = pytest.mark.parametrize("form", [V1, V2])
CALL_1 = b"c\x01\x00m\x00\x01m"
GRIN = b"\xed\xa0\xbd\xed\xb8\x80"  # U+1F600 as two surrogates of three bytes


# --- strings -----------------------------------------------------------------------------------


@BOTH
def test_astral_character_is_two_units_of_three_bytes(form: ReplyForm) -> None:
    head = b"\x02" if form is V2 else b"S\x00\x02"
    assert encode_value("\U0001f600", form) == head + GRIN
    assert decode_value(head + GRIN, form) == "\U0001f600"


@BOTH
def test_astral_character_of_four_bytes_counted_once_is_read_too(form: ReplyForm) -> None:
    head = b"\x02" if form is V2 else b"S\x00\x02"
    assert decode_value(head + b"\xf0\x9f\x98\x80a", form) == "\U0001f600a"


@BOTH
@pytest.mark.parametrize("half", ["\ud83d", "\ude00", "a\ud83d", "\ude00\ud83d", "\ud83d邮"])
def test_lone_surrogate_is_kept(half: str, form: ReplyForm) -> None:
    assert decode_value(encode_value(half, form), form) == half


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"s\x00\x01" + GRIN[:3] + b"S\x00\x01" + GRIN[3:], V1),
        (b"R\x00\x01" + GRIN[:3] + b"\x01" + GRIN[3:], V2),
    ],
)
def test_pair_cut_apart_by_a_chunk_is_joined(data: bytes, form: ReplyForm) -> None:
    assert decode_value(data, form) == "\U0001f600"


@BOTH
def test_chunk_never_ends_within_a_pair(form: ReplyForm) -> None:
    text = "x" * 32767 + "\U0001f600" + "邮" * 40000
    data = encode_value(text, form)
    assert data[:3] == (b"s\x7f\xff" if form is V1 else b"R\x7f\xff")
    assert decode_value(data, form) == text


def test_length_counts_units_in_names_and_types_too() -> None:
    method, type_name = "计费", "类\U0001f600"
    body = encode_call(method, [HObject(type_name, {"名": 1})])
    assert body[3:6] == b"m\x00\x02"
    call = decode_call(body)
    assert call.method == method
    assert same(call.arguments, (HObject(type_name, {"名": 1}),))


def test_string_ends_where_the_next_tag_begins_even_if_that_looks_like_utf_8() -> None:
    """0x80 to 0xbf continue a character, and are also the ints from -16 to 47."""
    for character in ("é", "邮", "\ud83d"):
        assert decode_value(b"\x7a" + encode_value(character) + b"\x90") == [character, 0]
        assert decode_value(b"\x7a" + encode_value(character * 20) + b"\xbf") == [character * 20, 47]


def test_last_piece_of_a_chunked_string_may_be_of_any_form() -> None:
    for last in (b"\x01z", b"\x30\x01z", b"S\x00\x01z"):
        assert decode_value(b"R\x00\x03abc" + last) == "abcz"


# --- numbers, dates ----------------------------------------------------------------------------


def test_int_and_long_stay_apart() -> None:
    for form in (V1, V2):
        one, wide = (decode_value(encode_value(number, form), form) for number in (1, Long(1)))
        assert (type(one), type(wide)) == (int, Long)


@BOTH
@pytest.mark.parametrize(
    "instant",
    [
        datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1000, tzinfo=UTC),
        datetime(2009, 7, 31, 16, 0, 0, 123000, tzinfo=UTC),
        datetime(6053, 1, 23, 2, 8, tzinfo=UTC),
    ],
)
def test_date_keeps_its_milliseconds_at_any_distance(instant: datetime, form: ReplyForm) -> None:
    assert decode_value(encode_value(instant, form), form) == instant


@BOTH
@pytest.mark.parametrize("millis", [1 << 62, -(1 << 63), 253_402_300_800_000, -62_135_596_800_001])
def test_date_beyond_python_is_not_a_crash(millis: int, form: ReplyForm) -> None:
    assert same(decode_value(encode_value(Millis(millis), form), form), Millis(millis))


def test_date_without_a_zone_is_refused_and_finer_parts_are_cut() -> None:
    with pytest.raises(CodecError):
        encode_value(datetime(2009, 8, 1))  # noqa: DTZ001
    fine = datetime(2009, 8, 1, 0, 0, 0, 1999, tzinfo=UTC)
    assert decode_value(encode_value(fine)) == fine - timedelta(microseconds=999)


def test_minute_form_of_a_date_reaches_the_whole_of_its_32_bits() -> None:
    assert decode_value(b"K\x7f\xff\xff\xff") == datetime(6053, 1, 23, 2, 7, tzinfo=UTC)
    assert decode_value(b"K\x80\x00\x00\x00") == Millis(-(1 << 31) * 60_000)


# --- maps --------------------------------------------------------------------------------------


@BOTH
def test_key_may_be_a_list(form: ReplyForm) -> None:
    made = HMap("", [("a", 1), ([1, 2], "x"), (HObject("K", {"id": 1}), "y")])
    again = decode_value(encode_value(made, form), form)
    assert same(again, made)
    assert isinstance(again, HMap)
    assert again.get([1, 2]) == "x"
    assert again.get("b", "none") == "none"


@BOTH
def test_keys_that_only_python_finds_equal_are_kept_apart(form: ReplyForm) -> None:
    made = HMap("", [(1, "int"), (Long(1), "long"), (1.0, "double"), (True, "boolean")])
    again = decode_value(encode_value(made, form), form)
    assert same(again, made)
    assert isinstance(again, HMap)
    assert again.get(Long(1)) == "long"


def test_string_key_written_twice_keeps_the_later_value_as_java_does() -> None:
    assert decode_value(b"H\x01a\x90\x01a\x91Z") == {"a": 1}


def test_fields_are_found_in_whatever_form_they_came() -> None:
    for value in (HObject("A", {"x": 1}), {"x": 1}, HMap("A", [("x", 1)])):
        assert fields_of(value) == {"x": 1}
    for value in ([], "x", None, {1: 1}, HMap("A", [(1, 1)])):
        with pytest.raises(CodecError):
            fields_of(value)


# --- references --------------------------------------------------------------------------------


def test_references_run_over_all_arguments_of_a_call() -> None:
    zero = b"Mt\x00\x14java.math.BigDecimalS\x00\x05valueS\x00\x010z"
    arguments = decode_call(CALL_1 + zero + b"R\x00\x00\x00\x00" + b"R\x00\x00\x00\x00" + b"z").arguments
    assert arguments[0] is arguments[1] is arguments[2]
    body = b"C\x01m\x93C\x14java.math.BigDecimal\x91\x05value\x60\x010Q\x90\x60\x011"
    zero_2, again, one = decode_call(body).arguments
    assert zero_2 is again
    assert fields_of(one) == {"value": "1"}


def test_type_numbers_run_over_all_arguments_of_a_call() -> None:
    one, two = decode_call(b"C\x01m\x92\x71\x04[int\x90\x71\x90\x91").arguments
    assert same([one, two], [HList("[int", [0]), HList("[int", [1])])


def test_type_numbers_count_lists_and_maps_only_not_definitions() -> None:
    body = b"\x7bC\x01A\x90\x60\x71\x04[int\x90M\x01T\x90\x90Z"
    assert same(
        decode_value(body + b"")[:3],  # type: ignore[index]
        [HObject("A"), HList("[int", [0]), HMap("T", [(0, 0)])],
    )
    assert same(
        decode_value(b"\x7aM\x01T\x90\x90Z\x71\x90\x91"),
        [HMap("T", [(0, 0)]), HList("T", [1])],
    )


def test_empty_list_takes_a_number_but_a_string_date_or_binary_does_not() -> None:
    body = b"\x7e\x78\x01a\x21b" + b"K\x00\x00\x00\x00" + b"HZ" + b"Q\x92"
    made = decode_value(body)
    assert isinstance(made, list)
    assert made[5] is made[4]
    assert made[4] == {}


@BOTH
def test_same_container_twice_is_written_once(form: ReplyForm) -> None:
    shared = HObject("A", {"x": [1]})
    again = decode_value(encode_value([shared, shared, shared.fields["x"]], form), form)
    assert isinstance(again, list)
    assert again[0] is again[1]
    assert again[2] is again[0].fields["x"]


@BOTH
def test_equal_containers_are_not_made_one(form: ReplyForm) -> None:
    again = decode_value(encode_value([[1], [1]], form), form)
    assert isinstance(again, list)
    assert again[0] is not again[1]


@BOTH
def test_circle_is_written_and_read_as_a_value(form: ReplyForm) -> None:
    made = HObject("A", {})
    made.fields["self"] = made
    again = decode_value(encode_value(made, form), form)
    assert isinstance(again, HObject)
    assert again.fields["self"] is again


@pytest.mark.parametrize(
    "body",
    [
        CALL_1 + b"VR\x00\x00\x00\x00zz",
        CALL_1 + b"Mt\x00\x01AS\x00\x01xVR\x00\x00\x00\x00zzz",
        b"C\x01m\x91\x79Q\x90",
        b"C\x01m\x91HHQ\x90ZNZ",
        b"C\x01m\x91C\x01A\x91\x01x\x60Q\x90",
    ],
)
def test_circle_among_arguments_is_refused(body: bytes) -> None:
    with pytest.raises(CodecError):
        decode_call(body)


def test_map_with_odd_keys_may_not_contain_itself() -> None:
    with pytest.raises(CodecError):
        decode_value(b"H\x01aQ\x90\x78\x90Z")


def test_map_that_turns_odd_is_still_found_by_later_references() -> None:
    made = decode_value(b"\x7aH\x78\x90ZQ\x91")
    assert isinstance(made, list)
    assert made[0] is made[1]
    assert isinstance(made[0], HMap)


# --- calls -------------------------------------------------------------------------------------


def test_headers_are_kept_and_harmless() -> None:
    body = b"c\x00\x01H\x00\x06callerI\x00\x00\x00\x07H\x00\x02idVNzm\x00\x01mR\x00\x00\x00\x00z"
    call = decode_call(body)
    assert call.headers == {"caller": 7, "id": [None]}
    assert call.arguments[0] is call.headers["id"]


def test_attribute_question_of_create_is_an_ordinary_call() -> None:
    body = b"c\x02\x00m\x00\x15_hessian_getAttributeS\x00\x0ejava.api.classz"
    call = decode_call(body)
    assert (call.method, call.arguments) == ("_hessian_getAttribute", ("java.api.class",))


def test_class_name_is_only_a_string() -> None:
    for name in ("builtins.eval", "com.sun.rowset.JdbcRowSetImpl", "../../x", "", "\x00"):
        made = decode_value(encode_value(HObject(name or "A", {"x": 1})))
        assert type(made) is HObject


def test_number_of_arguments_is_a_claim() -> None:
    for body in (b"C\x01m\x92\x90", b"C\x01m\x90\x90", b"C\x01m\x8f", b"C\x01mI\x7f\xff\xff\xff\x90"):
        with pytest.raises(CodecError):
            decode_call(body)
