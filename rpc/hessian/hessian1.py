"""The values of Hessian 1.0.2, read, and those of draft 2: the grammar is the table at the end.

Java clients 3.1.x and 3.2.0, told to send "Hessian 2", send a draft of it inside a `c 2 0` call.
The draft keeps all of Hessian 1 and adds tags that Hessian 1 leaves free, so that one grammar
reads both; its rows are marked "draft 2".
"""

from typing import Any

from rpc.hessian.grammar import Grammar, Row, grammar_of
from rpc.hessian.hessian2 import instance, string_direct
from rpc.hessian.instants import instant_of
from rpc.hessian.objects import HObject
from rpc.hessian.reader import I64, Reader
from rpc.hessian.remembered import REMEMBERED, KnownName
from rpc.hessian.scalars import (
    date_millis,
    double_byte,
    double_full,
    double_one,
    double_short,
    double_zero,
    false,
    int_byte,
    int_direct,
    int_full,
    int_short,
    long_byte,
    long_direct,
    long_full,
    long_int,
    long_short,
    null,
    true,
)
from rpc.hessian.text import join_pairs
from rpc.hessian.values import HList, Remote

END = 0x7A  # 'z'
TYPE = 0x74  # 't'
TYPE_NUMBER = 0x75  # 'u'
LENGTH = 0x6C  # 'l'
LENGTH_BYTE = 0x6E  # 'n'
STRING = 0x53  # 'S'
DATE = 0x64  # 'd'
FINAL_STRINGS = (0x53, 0x58)  # 'S', 'X'
CHUNK_STRINGS = (0x73, 0x78)  # 's', 'x'


def double_float(reader: Reader, _tag: int) -> float:
    return reader.f32()


def string_final(reader: Reader, _tag: int) -> str:
    return reader.text(reader.u16())


def string_chunks(reader: Reader, tag: int) -> str:
    """The first of several pieces; in draft 2 the last may be of the short form."""
    pieces: list[str] = []
    total = 0
    while True:
        if tag in CHUNK_STRINGS or tag in FINAL_STRINGS:
            units = reader.u16()
        elif tag <= 0x1F:
            units = tag
        else:
            raise reader.error("a string goes on with something else")
        total += units
        pieces.append(reader.piece(units, total))
        if tag not in CHUNK_STRINGS:
            return join_pairs("".join(pieces))
        tag = reader.next_piece()


def binary_final(reader: Reader, _tag: int) -> bytes:
    return reader.binary(reader.u16())


def binary_direct(reader: Reader, tag: int) -> bytes:
    return reader.binary(tag - 0x20)


def binary_chunks(reader: Reader, tag: int) -> bytes:
    """The first of several pieces; in draft 2 the last may be of the short form."""
    data = bytearray()
    while True:
        if tag in (0x42, 0x62):
            length = reader.u16()
        elif 0x20 <= tag <= 0x2F:
            length = tag - 0x20
        else:
            raise reader.error("a binary goes on with something else")
        data += reader.binary(length, len(data))
        if tag != 0x62:
            return bytes(data)
        tag = reader.next_piece()


def _type_name(reader: Reader) -> str:
    """type ::= 't' b1 b0 <utf8>, or in draft 2 'u' int; "" when there is none."""
    tag = reader.body[reader.at]
    if tag == TYPE:
        reader.at += 1
        name = reader.text(reader.u16())
        reader.types.append(name)
        return name
    if tag == TYPE_NUMBER:
        reader.at += 1
        return reader.known_type(reader.count())
    return ""


def _skip_length(reader: Reader) -> None:
    """length ::= 'l' b3 b2 b1 b0, or in draft 2 'n' b0: a hint that nobody needs."""
    tag = reader.body[reader.at]
    if tag == LENGTH:
        reader.at += 1
        reader.i32()
    elif tag == LENGTH_BYTE:
        reader.at += 2


def list_to_end(reader: Reader, _tag: int) -> list[Any]:
    type_name = _type_name(reader)
    _skip_length(reader)
    made: list[Any] = HList(type_name) if type_name else []
    reader.enter(made)
    while reader.body[reader.at] != END:
        made.append(reader.value())
    reader.at += 1
    reader.leave()
    return made


def list_fixed(reader: Reader, _tag: int) -> list[Any]:
    """The list's type by number, its length, and as many values, without an end mark."""
    type_name = reader.known_type(reader.count())
    length = reader.count()
    if length < 0:
        raise reader.error("a list of negative length")
    made: list[Any] = HList(type_name) if type_name else []
    reader.enter(made)
    for _ in range(length):
        made.append(reader.value())
    reader.leave()
    return made


def map_or_object(reader: Reader, _tag: int) -> Any:
    """A typed map is an object to all appearances. Its type is looked up by its very bytes, and its
    names are compared with those that came last time."""
    fields: dict[Any, Any] = {}
    body, start = reader.body, reader.at
    head, known = "", None
    if body[start] == TYPE and reader.remembers:
        end = start + 3 + (body[start + 1] << 8 | body[start + 2])
        head = reader.latin[start:end]
        known = REMEMBERED.maps.get(head)
    if known is not None and reader.budget >= 2 * len(known[1]):
        type_name, rows = known
        reader.at = end
        reader.types.append(type_name)
        made: Any = HObject(type_name, fields)
        reader.enter(made)
        _known_fields(reader, rows, fields)
    else:
        type_name = _type_name(reader)
        made = HObject(type_name, fields) if type_name else fields
        reader.enter(made)
    if body[reader.at] == END:
        reader.at += 1
    else:
        made = reader.rest_of_pairs(made, fields, END)
        if head and type(made) is HObject:
            REMEMBERED.keep_map(head, type_name, fields)
    reader.levels += 1
    return made


def _known_fields(reader: Reader, rows: list[KnownName], fields: dict[Any, Any]) -> None:
    """Read fields as long as the names are those of last time. Short ASCII strings where there was
    a string last time are read here and now; all other values by their row of the grammar."""
    reader.budget -= 2 * len(rows)
    body, latin, handlers, at = reader.body, reader.latin, reader.handlers, reader.at
    for raw, width, name, is_text in rows:
        if body.startswith(raw, at):
            at += width
            if is_text:
                end = at + 1 + body[at]
                text = latin[at + 1 : end]
                if text.isascii():
                    fields[name] = text
                    at = end
                    continue
                at -= 2
        elif is_text and body.startswith(raw[:-2], at):
            at += width - 2
        else:
            reader.budget += 2 * (len(rows) - len(fields))
            break
        tag = body[at]
        if tag == DATE:
            fields[name] = instant_of(I64(body, at + 1)[0])
            at += 9
            continue
        reader.at = at + 1
        fields[name] = handlers[tag](reader, tag)
        at = reader.at
    reader.at = at


def class_definition(reader: Reader, tag: int) -> Any:
    """A definition is no value itself: read it and its like, then the value after them."""
    while True:
        reader.define(_type_name(reader) or reader.string())
        if reader.body[reader.at] != tag:
            return reader.value()
        reader.at += 1


def draft_object(reader: Reader, _tag: int) -> Any:
    return instance(reader, reader.definition(reader.count()))


def remote(reader: Reader, _tag: int) -> Remote:
    """A remote object is two strings; it takes no reference number."""
    type_name = _type_name(reader)
    return Remote(type_name, reader.string())


def reference(reader: Reader, _tag: int) -> Any:
    return reader.reference(reader.i32())


def reference_byte(reader: Reader, _tag: int) -> Any:
    return reader.reference(reader.u8())


def reference_short(reader: Reader, _tag: int) -> Any:
    return reader.reference(reader.u16())


ROWS: tuple[Row, ...] = (
    (0x00, 0x1F, "string ::= [x00-x1f] <utf8>           draft 2", string_direct),
    (0x20, 0x2F, "binary ::= [x20-x2f] <bytes>          draft 2", binary_direct),
    (0x38, 0x3F, "long   ::= [x38-x3f] b1 b0            draft 2", long_short),
    (0x42, 0x42, "binary ::= 'B' b1 b0 <bytes>", binary_final),
    (0x44, 0x44, "double ::= 'D' b7 ... b0              IEEE 754", double_full),
    (0x46, 0x46, "boolean ::= 'F'", false),
    (0x49, 0x49, "int    ::= 'I' b3 b2 b1 b0", int_full),
    (0x4A, 0x4A, "ref    ::= 'J' b0                     draft 2", reference_byte),
    (0x4B, 0x4B, "ref    ::= 'K' b1 b0                  draft 2", reference_short),
    (0x4C, 0x4C, "long   ::= 'L' b7 ... b0", long_full),
    (0x4D, 0x4D, "map    ::= 'M' type? (value value)* 'z'", map_or_object),
    (0x4E, 0x4E, "null   ::= 'N'", null),
    (0x4F, 0x4F, "class-def ::= 'O' string int string*  draft 2", class_definition),
    (0x52, 0x52, "ref    ::= 'R' b3 b2 b1 b0", reference),
    (0x53, 0x53, "string ::= 'S' b1 b0 <utf8>", string_final),
    (0x54, 0x54, "boolean ::= 'T'", true),
    (0x56, 0x56, "list   ::= 'V' type? length? value* 'z'", list_to_end),
    (0x58, 0x58, "string ::= 'X' b1 b0 <utf8>           XML text", string_final),
    (0x62, 0x62, "binary ::= 'b' b1 b0 <bytes> binary", binary_chunks),
    (0x64, 0x64, "date   ::= 'd' b7 ... b0              milliseconds", date_millis),
    (0x67, 0x67, "double ::= 'g'                        draft 2, 0.0", double_zero),
    (0x68, 0x68, "double ::= 'h'                        draft 2, 1.0", double_one),
    (0x69, 0x69, "double ::= 'i' b0                     draft 2", double_byte),
    (0x6A, 0x6A, "double ::= 'j' b1 b0                  draft 2", double_short),
    (0x6B, 0x6B, "double ::= 'k' b3 b2 b1 b0            draft 2, 32-bit IEEE 754", double_float),
    (0x6F, 0x6F, "object ::= 'o' int value*             draft 2", draft_object),
    (0x72, 0x72, "remote ::= 'r' type string", remote),
    (0x73, 0x73, "string ::= 's' b1 b0 <utf8> string", string_chunks),
    (0x76, 0x76, "list   ::= 'v' int int value*         draft 2", list_fixed),
    (0x77, 0x77, "long   ::= 'w' b3 b2 b1 b0            draft 2", long_int),
    (0x78, 0x78, "string ::= 'x' b1 b0 <utf8> string    XML text", string_chunks),
    (0x80, 0xBF, "int    ::= [x80-xbf]                  draft 2", int_direct),
    (0xC0, 0xCF, "int    ::= [xc0-xcf] b0               draft 2", int_byte),
    (0xD0, 0xD7, "int    ::= [xd0-xd7] b1 b0            draft 2", int_short),
    (0xD8, 0xEF, "long   ::= [xd8-xef]                  draft 2", long_direct),
    (0xF0, 0xFF, "long   ::= [xf0-xff] b0               draft 2", long_byte),
)
"""The whole grammar of a value. 't', 'l', 'u', 'n', 'z' stand inside values only."""

GRAMMAR: Grammar = grammar_of(ROWS)
