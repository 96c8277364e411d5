"""Hessian, versions 1.0.2 and 2.0: bytes to values and back.

No sockets, no words of the trade, nothing but the standard library. Read on in this order:
`values` (what bodies become), `hessian2` and `hessian1` (the grammars, as tables), `reader` (the
state of reading), `writer` with `writer1` and `writer2`, `framing`, `calls` and `replies` (whole
messages), `java_types` (decimals, instants and numbers as Java writes them), `limits`. What reads
calls fast, `_quick.c`, comes last: the package is complete without it.
"""

from rpc.hessian.calls import Call, decode_call, decode_value, encode_call, encode_value
from rpc.hessian.errors import (
    CodecError,
    FaultReply,
    HessianError,
    LimitExceeded,
    LostDecimal,
    WrongType,
)
from rpc.hessian.framing import Framing, ReplyForm, default_reply_form
from rpc.hessian.java_types import (
    as_bool,
    as_decimal,
    as_instant,
    as_int,
    as_list,
    as_text,
    unwrap,
)
from rpc.hessian.limits import Limits
from rpc.hessian.objects import HMap, HObject
from rpc.hessian.replies import Fault, JavaThrowable, decode_reply, encode_fault, encode_reply
from rpc.hessian.values import HList, Long, Millis, Remote, Value, fields_of

__all__ = [
    "Call",
    "CodecError",
    "Fault",
    "FaultReply",
    "Framing",
    "HList",
    "HMap",
    "HObject",
    "HessianError",
    "JavaThrowable",
    "LimitExceeded",
    "Limits",
    "Long",
    "LostDecimal",
    "Millis",
    "Remote",
    "ReplyForm",
    "Value",
    "WrongType",
    "as_bool",
    "as_decimal",
    "as_instant",
    "as_int",
    "as_list",
    "as_text",
    "decode_call",
    "decode_reply",
    "decode_value",
    "default_reply_form",
    "encode_call",
    "encode_fault",
    "encode_reply",
    "encode_value",
    "fields_of",
    "unwrap",
]
