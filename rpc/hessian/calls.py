"""Calls: read at the server's door, written by the client.

call-1 ::= 'c' x01 x00 header* 'm' b1 b0 <method> value* 'z'     also x02 x00 and x00 x01
header ::= 'H' b1 b0 <name> value
call-2 ::= 'H' x02 x00 'C' string int value*                     also without H x02 x00
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from rpc.hessian import hessian1, hessian2
from rpc.hessian.errors import CodecError, LimitExceeded
from rpc.hessian.framing import Framing, ReplyForm, framing_of
from rpc.hessian.grammar import Grammar
from rpc.hessian.limits import Limits
from rpc.hessian.objects import HObject
from rpc.hessian.reader import CUT, Reader
from rpc.hessian.remembered import REMEMBERED
from rpc.hessian.sharing import refuse_unsafe_sharing
from rpc.hessian.values import REMOTE, HList, Long, Value
from rpc.hessian.writer1 import Writer1, counted
from rpc.hessian.writer2 import Writer2

try:  # the short cut, where the package was built with a C compiler; everything works without it
    from rpc.hessian import _quick

    quick: Callable[[bytes, Limits], Any] | None = _quick.read_call
except ImportError:
    quick = None

_HEADER = 0x48  # 'H'
_METHOD = 0x6D  # 'm'


class Call(NamedTuple):
    """One call as it was read, complete: nothing follows it and nothing of it was left out."""

    method: str
    arguments: tuple[Value, ...]
    headers: Mapping[str, Value]
    framing: Framing


if quick is not None:
    kinds = (Framing.CALL_1_0, Framing.CALL_0_1, Framing.CALL_2_0, Framing.H_2_0, Framing.BARE_C)
    _quick.prepare(Call, HObject, HList, Long, REMOTE, kinds)


def decode_call(body: bytes, limits: Limits = Limits()) -> Call:  # noqa: B008 (frozen)
    """Read a whole call of any framing.

    Limits: `limits`, for values and depth also with all references followed.
    Raises: CodecError for anything that is not exactly one call, and for arguments that contain
        themselves; LimitExceeded, which is a CodecError.
    """
    if quick is not None:
        call: Call | None = quick(body, limits)
        if call is not None:
            return call
    return read_call(body, limits)


def read_call(body: bytes, limits: Limits) -> Call:
    """The same in Python alone: what the short cut is held against, and what reads all the rest."""
    if len(body) > limits.body_bytes:
        raise LimitExceeded("body_bytes", limits.body_bytes)
    framing, at = framing_of(body)
    if framing is Framing.H_2_0 or framing is Framing.BARE_C:
        reader = Reader(body, at, hessian2.GRAMMAR, limits)
        read = _read_call_2
    else:
        reader = Reader(body, at, hessian1.GRAMMAR, limits)
        read = _read_call_1
    try:
        call = read(reader, framing)
    except CUT:
        raise CodecError("the call is cut short", len(body)) from None
    reader.finish()
    if reader.looked_back:
        refuse_unsafe_sharing([*call.arguments, *call.headers.values()], limits)
    return call


def _read_call_1(reader: Reader, framing: Framing) -> Call:
    headers = read_headers(reader)
    if reader.u8() != _METHOD:
        raise reader.error("a method name was expected")
    method = reader.text(reader.u16())
    arguments: list[Value] = []
    while reader.body[reader.at] != hessian1.END:
        arguments.append(reader.value())
    reader.at += 1
    return Call(method, tuple(arguments), headers, framing)


def read_headers(reader: Reader) -> dict[str, Value]:
    """Read the headers of a Hessian 1 call or reply; there are none in Hessian 2."""
    headers: dict[str, Value] = {}
    while reader.body[reader.at] == _HEADER:
        reader.at += 1
        name = reader.text(reader.u16())
        headers[name] = reader.value()
    return headers


def _read_call_2(reader: Reader, framing: Framing) -> Call:
    body, start = reader.body, reader.at
    end = start + 2 + body[start]
    known = REMEMBERED.methods.get(body[start:end]) if reader.remembers else None
    if known is not None:
        reader.at = end
        method, count = known
    else:
        method = reader.string()
        count = reader.count()
        if count < 0:
            raise reader.error("a negative number of arguments")
        if reader.at == end and body[start] < 0x20:  # a short name of ASCII letters, a number of one byte
            REMEMBERED.keep_method(body[start:end], method, count)
    if count == 1:
        return Call(method, (reader.value(),), {}, framing)
    arguments = tuple([reader.value() for _ in range(count)])
    return Call(method, arguments, {}, framing)


def encode_call(method: str, arguments: Iterable[Value], form: ReplyForm = ReplyForm.HESSIAN_1) -> bytes:
    """Write a call: `c 1 0`, which every Java server takes, or `H 2 0`.

    Raises: CodecError for a value that Hessian cannot carry.
    """
    values = tuple(arguments)
    if form is ReplyForm.HESSIAN_2:
        writer2 = Writer2(b"H\x02\x00C")
        writer2.value(method)
        writer2.value(len(values))
        for value in values:
            writer2.value(value)
        return writer2.finish()
    prefix = b"c\x01\x00m" + counted(method)
    writer1 = Writer1(prefix)
    for value in values:
        writer1.value(value)
    return writer1.finish(b"z")


def decode_value(
    data: bytes,
    form: ReplyForm = ReplyForm.HESSIAN_2,
    limits: Limits = Limits(),  # noqa: B008
) -> Value:
    """Read one bare value, for tests and tools. Raises: CodecError."""
    if len(data) > limits.body_bytes:
        raise LimitExceeded("body_bytes", limits.body_bytes)
    reader = Reader(data, 0, grammar_for(form), limits)
    try:
        value: Value = reader.value()
    except CUT:
        raise CodecError("the value is cut short", len(data)) from None
    reader.finish()
    return value


def encode_value(value: Value, form: ReplyForm = ReplyForm.HESSIAN_2) -> bytes:
    """Write one bare value, for tests and tools. Raises: CodecError."""
    writer = Writer2() if form is ReplyForm.HESSIAN_2 else Writer1()
    writer.value(value)
    return writer.finish()


def grammar_for(form: ReplyForm) -> Grammar:
    """The grammar of the values in a message of that form."""
    return hessian2.GRAMMAR if form is ReplyForm.HESSIAN_2 else hessian1.GRAMMAR
