"""The values of Hessian 1.0.2, written.

null, boolean   'N' 'T' 'F'
int             'I' b3 ... b0            long      'L' b7 ... b0
double          'D' b7 ... b0            date      'd' b7 ... b0
string          ('s' b1 b0 <utf8>)* 'S' b1 b0 <utf8>
binary          ('b' b1 b0 <bytes>)* 'B' b1 b0 <bytes>
list            'V' ('t' b1 b0 <type>)? 'l' b3 ... b0 value* 'z'
map, object     'M' 't' b1 b0 <type> (value value)* 'z'
ref             'R' b3 ... b0
remote          'r' 't' b1 b0 <type> 'S' b1 b0 <url>
"""

import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from rpc.hessian.errors import CodecError
from rpc.hessian.text import LARGEST_CHUNK, chunks_of
from rpc.hessian.values import Remote
from rpc.hessian.writer import BIG_DECIMAL, Writer


def counted(name: str) -> bytes:
    """b1 b0 <utf8>: a name in one piece, as methods, headers and types bear it.

    Raises: CodecError for a name of more than 32768 units.
    """
    [(units, raw), *more] = chunks_of(name)
    if more:
        raise CodecError("a name that is too long")
    return units.to_bytes(2, "big") + raw


@lru_cache(1024)
def _type_of(name: str) -> bytes:
    """The beginning of a typed map."""
    return b"Mt" + counted(name)


@lru_cache(1024)
def _field_of(name: str) -> bytes:
    """The name of an object's field, written as any string."""
    writer = Writer1()
    writer.string(name)
    return writer.finish()


class Writer1(Writer):
    """Writes Hessian 1: one form for each kind of value."""

    def string(self, text: str) -> None:
        if len(text) <= LARGEST_CHUNK and text.isascii():
            self.out += b"S" + len(text).to_bytes(2, "big") + text.encode("ascii")
            return
        *chunks, (units, raw) = chunks_of(text)
        for chunk_units, chunk in chunks:
            self.out += b"s" + chunk_units.to_bytes(2, "big") + chunk
        self.out += b"S" + units.to_bytes(2, "big") + raw

    def binary(self, data: bytes) -> None:
        start = 0
        while len(data) - start > LARGEST_CHUNK:
            self.out += b"b\x80\x00" + data[start : start + LARGEST_CHUNK]
            start += LARGEST_CHUNK
        self.out += b"B" + (len(data) - start).to_bytes(2, "big") + data[start:]

    def int32(self, number: int) -> None:
        self.out += struct.pack(">ci", b"I", number)

    def long(self, number: int) -> None:
        self.out += struct.pack(">cq", b"L", number)

    def double(self, number: float) -> None:
        self.out += struct.pack(">cd", b"D", number)

    def date(self, millis: int) -> None:
        self.out += struct.pack(">cq", b"d", millis)

    def reference(self, number: int) -> None:
        self.out += struct.pack(">ci", b"R", number)

    def list_of(self, type_name: str, items: Sequence[Any]) -> None:
        self.out += b"V"
        if type_name:
            self.out += b"t" + counted(type_name)
        self.out += struct.pack(">ci", b"l", len(items))
        for item in items:
            self.value(item)
        self.out += b"z"

    def map_of(self, type_name: str, pairs: Sequence[tuple[Any, Any]]) -> None:
        self.out += _type_of(type_name)
        for key, value in pairs:
            self.value(key)
            self.value(value)
        self.out += b"z"

    def object(self, type_name: str, fields: Mapping[str, Any]) -> None:
        """Hessian 1 knows no objects: a typed map of the fields' names."""
        self.out += _type_of(type_name)
        for name, value in fields.items():
            self.out += _field_of(name)
            if type(value) is str:  # as most are: without looking for how it is written
                self.string(value)
            else:
                self.value(value)
        self.out += b"z"

    def big_decimal(self, text: str) -> None:
        self.out += _type_of(BIG_DECIMAL) + _field_of("value")
        self.string(text)
        self.out += b"z"

    def remote(self, remote: Remote) -> None:
        self.out += b"rt" + counted(remote.type_name) + b"S" + counted(remote.url)
