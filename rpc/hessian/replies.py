"""Replies: written by the server, read by the client.

    reply-1 ::= 'r' x01 x00 header* value 'z'
            ::= 'r' x01 x00 header* fault-1 'z'
            ::= fault-1                                    bare, from Java servers 3.2.1 to 4.0.1
    fault-1 ::= 'f' (value value)* 'z'
    reply-2 ::= 'H' x02 x00 'R' value
            ::= 'H' x02 x00 'F' map

A fault is a map of the strings "code" and "message" and, if there is one, an exception as
"detail". A Java caller throws the detail when it knows its class; any other fault reaches it as a
checked exception, often without its message. So a fault should have a `JavaThrowable` for detail.
"""

from dataclasses import dataclass
from typing import Any

from rpc.hessian import hessian1, hessian2
from rpc.hessian.calls import read_headers
from rpc.hessian.errors import CodecError, FaultReply, LimitExceeded
from rpc.hessian.framing import ReplyForm
from rpc.hessian.limits import Limits
from rpc.hessian.objects import HObject
from rpc.hessian.reader import CUT, Reader
from rpc.hessian.sharing import refuse_unsafe_sharing
from rpc.hessian.values import HList, Value
from rpc.hessian.writer1 import Writer1
from rpc.hessian.writer2 import Writer2

_BARE_FAULT = 0x66  # 'f'


@dataclass(frozen=True, slots=True)
class JavaThrowable:
    """An exception for a Java caller to throw: a class that it has, such as
    java.lang.IllegalArgumentException, and a message."""

    class_name: str
    message: str

    def as_object(self) -> HObject:
        """The object as Java writes one: its own cause when it has none, and no stack."""
        made = HObject(self.class_name, {"detailMessage": self.message})
        made.fields["cause"] = made
        made.fields["stackTrace"] = HList("[java.lang.StackTraceElement")
        return made


@dataclass(frozen=True, slots=True)
class Fault:
    """What a caller gets in place of an answer.

    code: one of the short names that Java servers use: "ServiceException", "NoSuchMethodException",
        "ProtocolException".
    message: replaces the detail's own message in a Java caller.
    """

    code: str
    message: str
    detail: JavaThrowable | Value = None

    def as_pairs(self) -> list[tuple[str, Value]]:
        """The pairs of the fault's map, in the order in which Java writes them."""
        pairs: list[tuple[str, Value]] = [("code", self.code), ("message", self.message)]
        if isinstance(self.detail, JavaThrowable):
            pairs.append(("detail", self.detail.as_object()))
        elif self.detail is not None:
            pairs.append(("detail", self.detail))
        return pairs


def encode_reply(value: Value, form: ReplyForm) -> bytes:
    """Write an answer. Raises: CodecError for a value that Hessian cannot carry."""
    if form is ReplyForm.HESSIAN_2:
        writer2 = Writer2(b"H\x02\x00R")
        writer2.value(value)
        return writer2.finish()
    writer1 = Writer1(b"r\x01\x00")
    writer1.value(value)
    return writer1.finish(b"z")


def encode_fault(fault: Fault, form: ReplyForm) -> bytes:
    """Write a fault. Raises: CodecError for a detail that Hessian cannot carry.

    In Hessian 2 the fault's map is numbered 0 like any map; in Hessian 1 it has no number.
    """
    if form is ReplyForm.HESSIAN_2:
        writer2 = Writer2(b"H\x02\x00F")
        writer2.take_number()
        writer2.map_of("", fault.as_pairs())
        return writer2.finish()
    writer1 = Writer1(b"r\x01\x00f")
    for name, value in fault.as_pairs():
        writer1.value(name)
        writer1.value(value)
    return writer1.finish(b"zz")


def decode_reply(body: bytes, limits: Limits = Limits()) -> Value:  # noqa: B008 (frozen)
    """Read an answer in any form: `r 1 0`, `r 2 0`, `H 2 0`, or a bare fault.

    Raises: FaultReply when the service answered with a fault; CodecError for anything that is not
        exactly one reply, and for an answer that contains itself; LimitExceeded.
    """
    if len(body) > limits.body_bytes:
        raise LimitExceeded("body_bytes", limits.body_bytes)
    try:
        return _read_reply(body, limits)
    except CUT:
        raise CodecError("the reply is cut short", len(body)) from None


def _read_reply(body: bytes, limits: Limits) -> Value:
    if body.startswith(b"H\x02\x00R"):
        reader = Reader(body, 4, hessian2.GRAMMAR, limits)
        return _last(reader, reader.value())
    if body.startswith(b"H\x02\x00F"):
        reader = Reader(body, 4, hessian2.GRAMMAR, limits)
        if body[4:5] not in (b"H", b"M"):
            raise reader.error("a fault must be a map")
        fault = reader.value()
        reader.finish()
        raise _fault_reply(fault)
    if body.startswith((b"r\x01\x00", b"r\x02\x00")):
        reader = Reader(body, 3, hessian1.GRAMMAR, limits)
        read_headers(reader)
        if body[reader.at] == _BARE_FAULT:
            raise _read_fault_1(reader, b"z")
        value = reader.value()
        if reader.u8() != hessian1.END:
            raise reader.error("the reply's end was expected")
        return _last(reader, value)
    if body.startswith(b"f"):
        raise _read_fault_1(Reader(body, 0, hessian1.GRAMMAR, limits), b"")
    raise CodecError("not a Hessian reply", 0)


def _last(reader: Reader, value: Value) -> Value:
    """The answer, once it is sure that nothing follows and nothing is wrong with its shape."""
    reader.finish()
    if reader.looked_back:
        refuse_unsafe_sharing([value], reader.limits)
    return value


def _read_fault_1(reader: Reader, end: bytes) -> FaultReply:
    """fault-1, and the reply's own end if there is to be one."""
    reader.at += 1
    fields: dict[str, Any] = {}
    while reader.body[reader.at] != hessian1.END:
        name = reader.string()
        fields[name] = reader.value()
    reader.at += 1
    if not reader.body.startswith(end, reader.at):
        raise reader.error("the reply's end was expected")
    reader.at += len(end)
    reader.finish()
    return _fault_reply(fields)


def _fault_reply(fields: Any) -> FaultReply:
    """The exception for a fault's map; a missing or odd code or message becomes ""."""
    known = fields if isinstance(fields, dict) else getattr(fields, "fields", {})
    code, message = known.get("code"), known.get("message")
    return FaultReply(
        code if isinstance(code, str) else "",
        message if isinstance(message, str) else "",
        known.get("detail"),
    )
