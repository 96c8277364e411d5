"""Properties: what was written is read back the same, and garbage is a CodecError and nothing else."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpc.hessian import (
    CodecError,
    FaultReply,
    HList,
    HMap,
    HObject,
    Long,
    Millis,
    ReplyForm,
    decode_call,
    decode_reply,
    decode_value,
    encode_call,
    encode_reply,
    encode_value,
)
from tests.rpc.hessian import samples
from tests.rpc.hessian.test_hessian2_values import same

BODIES = [body for name, body in vars(samples).items() if isinstance(body, bytes) and name.isupper()]
BOTH = pytest.mark.parametrize("form", list(ReplyForm))


def joined(text: str) -> str:
    """A high surrogate followed by a low one is one character, on the wire and after it."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


texts = st.text(st.characters(codec=None), max_size=40).map(joined)
names = st.text(st.sampled_from("abcé邮\U0001f600"), min_size=1, max_size=6)
instants = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001
    datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment - timedelta(microseconds=moment.microsecond % 1000))
ints = st.integers(-(1 << 31), (1 << 31) - 1) | st.sampled_from([-17, -16, 47, 48, -2048, 2047, -262144, 262143])
longs = (st.integers(-(1 << 63), (1 << 63) - 1) | ints).map(Long)
beyond = st.integers(253_402_300_800_000, (1 << 63) - 1).map(Millis)
thousandths = st.integers(-(1 << 31), (1 << 31) - 1).map(lambda number: number / 1000)
hashable = st.none() | st.booleans() | ints | longs | texts | instants | st.floats(allow_nan=False)
scalars = hashable | st.floats() | thousandths | beyond | st.binary(max_size=1100)


def odd_pairs(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[Any, Any]]]:
    """Pairs that no dict can hold: one key at least is a container."""
    key = st.lists(scalars, max_size=2) | st.builds(HObject, names)
    return st.tuples(st.lists(st.tuples(scalars, values), max_size=3), key, values).map(
        lambda parts: [(parts[1], parts[2]), *parts[0]]
    )


def containers(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.dictionaries(names, values, max_size=9)
    return (
        st.lists(values, max_size=9)
        | st.builds(HList, names, st.lists(values, max_size=9))
        | st.dictionaries(texts, values, max_size=5)
        | st.dictionaries(ints, values, max_size=5)
        | st.builds(HObject, names, fields)
        | st.builds(HMap, st.just("") | names, odd_pairs(values))
    )


values = st.recursive(scalars, containers, max_leaves=25)


@BOTH
@settings(max_examples=300, deadline=None)
@given(value=values)
def test_value_comes_back_with_its_types(form: ReplyForm, value: Any) -> None:
    assert same(decode_value(encode_value(value, form), form), value)


@BOTH
@settings(max_examples=100, deadline=None)
@given(method=names, arguments=st.lists(values, max_size=4))
def test_call_and_answer_come_back(form: ReplyForm, method: str, arguments: list[Any]) -> None:
    body = encode_call(method, arguments, form)
    call = decode_call(body)
    assert call.method == method
    assert same(call.arguments, tuple(arguments))
    assert same(decode_reply(encode_reply(arguments, form)), arguments)
    # What was read is written back as the same bytes: nothing was lost on the way in.
    assert encode_call(call.method, call.arguments, form) == body


@BOTH
@settings(max_examples=60, deadline=None)
@given(arguments=st.lists(values, max_size=3), data=st.data())
def test_cut_call_is_refused(form: ReplyForm, arguments: list[Any], data: st.DataObject) -> None:
    body = encode_call("m", arguments, form)
    length = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(CodecError):
        decode_call(body[:length])


def read_anything(body: bytes) -> None:
    """Every door, with whatever it may raise on purpose."""
    for read in (decode_call, decode_reply):
        with suppress(CodecError, FaultReply):
            read(body)
    for form in ReplyForm:
        with suppress(CodecError):
            decode_value(body, form)


@settings(max_examples=500, deadline=None)
@given(
    head=st.sampled_from(
        [b"", b"c\x01\x00m\x00\x01m", b"c\x02\x00m\x00\x01m", b"H\x02\x00C\x01m\x93", b"r\x01\x00", b"H\x02\x00F"]
    ),
    rest=st.binary(max_size=60),
)
def test_garbage_is_a_codec_error_and_nothing_else(head: bytes, rest: bytes) -> None:
    read_anything(head + rest)


@settings(max_examples=500, deadline=None)
@given(body=st.sampled_from(BODIES), data=st.data())
def test_damaged_message_is_a_codec_error_and_nothing_else(body: bytes, data: st.DataObject) -> None:
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged)))
        end = min(len(damaged), place + data.draw(st.integers(0, 4)))
        damaged[place:end] = data.draw(st.binary(max_size=4))
    read_anything(bytes(damaged))


@pytest.mark.parametrize("body", BODIES)
def test_every_byte_of_a_message_may_be_any_other(body: bytes) -> None:
    for place in range(0, len(body), 3):
        for byte in (0x00, 0x30, 0x43, 0x4D, 0x51, 0x52, 0x5A, 0x61, 0x74, 0x7A, 0x8F, 0xFF):
            read_anything(body[:place] + bytes([byte]) + body[place + 1 :])
