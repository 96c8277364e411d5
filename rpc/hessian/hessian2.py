"""The values of Hessian 2.0, read: the grammar is the table at the end of this file.

Each function reads the rest of one production; its tag has been read and is handed over, since the
compact forms keep a number in it. Lists, maps and objects are numbered before their contents are
read, so that they can contain references to themselves.
"""

from typing import Any

from rpc.hessian.grammar import Grammar, Row, grammar_of
from rpc.hessian.instants import instant_of
from rpc.hessian.objects import HObject
from rpc.hessian.reader import I64, Reader
from rpc.hessian.remembered import REMEMBERED, ClassDefinition
from rpc.hessian.scalars import (
    date_millis,
    double_byte,
    double_full,
    double_one,
    double_short,
    double_thousandths,
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
from rpc.hessian.values import REMOTE, HList, Remote

END = 0x5A  # 'Z'
DATE = 0x4A  # 'J'

# --- dates ------------------------------------------------------------------------------------


def date_minutes(reader: Reader, _tag: int) -> Any:
    return instant_of(reader.i32() * 60_000)


# --- strings and binaries --------------------------------------------------------------------


def string_direct(reader: Reader, tag: int) -> str:
    return reader.text(tag)


def string_short(reader: Reader, tag: int) -> str:
    return reader.text((tag - 0x30) * 0x100 + reader.u8())


def string_final(reader: Reader, _tag: int) -> str:
    return reader.text(reader.u16())


def string_chunks(reader: Reader, tag: int) -> str:
    """The first of several pieces; the last may be of any final form."""
    pieces: list[str] = []
    total = 0
    while True:
        units = _string_length(reader, tag)
        total += units
        pieces.append(reader.piece(units, total))
        if tag != 0x52:
            return join_pairs("".join(pieces))
        tag = reader.next_piece()


def _string_length(reader: Reader, tag: int) -> int:
    if tag in (0x52, 0x53):
        return reader.u16()
    if tag <= 0x1F:
        return tag
    if 0x30 <= tag <= 0x33:
        return (tag - 0x30) * 0x100 + reader.u8()
    raise reader.error("a string goes on with something else")


def binary_direct(reader: Reader, tag: int) -> bytes:
    return reader.binary(tag - 0x20)


def binary_short(reader: Reader, tag: int) -> bytes:
    return reader.binary((tag - 0x34) * 0x100 + reader.u8())


def binary_final(reader: Reader, _tag: int) -> bytes:
    return reader.binary(reader.u16())


def binary_chunks(reader: Reader, tag: int) -> bytes:
    """The first of several pieces; the last may be of any final form."""
    data = bytearray()
    while True:
        length = _binary_length(reader, tag)
        data += reader.binary(length, len(data))
        if tag != 0x41:
            return bytes(data)
        tag = reader.next_piece()


def _binary_length(reader: Reader, tag: int) -> int:
    if tag in (0x41, 0x42):
        return reader.u16()
    if 0x20 <= tag <= 0x2F:
        return tag - 0x20
    if 0x34 <= tag <= 0x37:
        return (tag - 0x34) * 0x100 + reader.u8()
    raise reader.error("a binary goes on with something else")


# --- lists, maps, objects, references --------------------------------------------------------


def _type_name(reader: Reader) -> str:
    """type ::= string | int: a new name, or the number of an earlier one."""
    if reader.kinds[reader.body[reader.at]] == "string":
        name = reader.string()
        reader.types.append(name)
        return name
    return reader.known_type(reader.count())


def _typed_list(reader: Reader) -> list[Any]:
    """The list for a type; the type "" is none, as in Hessian 1."""
    type_name = _type_name(reader)
    return HList(type_name) if type_name else []


def _fill(reader: Reader, made: list[Any], length: int) -> list[Any]:
    """Read `length` items: the length is a claim, so the list grows only as items arrive."""
    if length < 0:
        raise reader.error("a list of negative length")
    reader.enter(made)
    for _ in range(length):
        made.append(reader.value())
    reader.leave()
    return made


def _fill_to_end(reader: Reader, made: list[Any]) -> list[Any]:
    reader.enter(made)
    while reader.body[reader.at] != END:
        made.append(reader.value())
    reader.at += 1
    reader.leave()
    return made


def list_typed_direct(reader: Reader, tag: int) -> list[Any]:
    return _fill(reader, _typed_list(reader), tag - 0x70)


def list_direct(reader: Reader, tag: int) -> list[Any]:
    return _fill(reader, [], tag - 0x78)


def list_typed_fixed(reader: Reader, _tag: int) -> list[Any]:
    made = _typed_list(reader)
    return _fill(reader, made, reader.count())


def list_fixed(reader: Reader, _tag: int) -> list[Any]:
    return _fill(reader, [], reader.count())


def list_typed_variable(reader: Reader, _tag: int) -> list[Any]:
    return _fill_to_end(reader, _typed_list(reader))


def list_variable(reader: Reader, _tag: int) -> list[Any]:
    return _fill_to_end(reader, [])


def map_typed(reader: Reader, _tag: int) -> Any:
    fields: dict[Any, Any] = {}
    type_name = _type_name(reader)
    made: Any = HObject(type_name, fields) if type_name else fields
    reader.enter(made)
    full = reader.rest_of_pairs(made, fields, END)
    reader.leave()
    return full


def map_untyped(reader: Reader, _tag: int) -> Any:
    fields: dict[Any, Any] = {}
    reader.enter(fields)
    full = reader.rest_of_pairs(fields, fields, END)
    reader.leave()
    return full


def class_definition(reader: Reader, tag: int) -> Any:
    """A definition is no value itself: read it, then the value that it stands before.

    Any number of them may follow one another; a loop, since each could be made by the caller.
    """
    while True:
        _define(reader)
        if reader.body[reader.at] != tag:
            return reader.value()
        reader.at += 1


def _define(reader: Reader) -> None:
    """Read one definition; if it came before in the very same bytes, it need not be decoded."""
    body, start = reader.body, reader.at
    tag = body[start]
    end = start + 1 + tag if tag < 0x20 else start + 2 + ((tag & 3) << 8 | body[start + 1])
    head = reader.latin[start:end]
    known = REMEMBERED.definitions.get(head)
    if known is not None and reader.remembers and body.startswith(known[0], end):
        if len(reader.definitions) >= reader.limits.definitions:
            raise reader.exceeded("definitions", reader.limits.definitions)
        reader.definitions.append(known[1])
        reader.at = end + len(known[0])
        return
    definition = reader.define(reader.string())
    if tag < 0x34:
        REMEMBERED.keep_definition(head, body[end : reader.at], definition)


def object_direct(reader: Reader, tag: int) -> Any:
    definitions = reader.definitions
    if tag - 0x60 >= len(definitions):
        raise reader.error("an object of a class that was not defined")
    return instance(reader, definitions[tag - 0x60])


def object_full(reader: Reader, _tag: int) -> Any:
    return instance(reader, reader.definition(reader.count()))


def instance(reader: Reader, definition: ClassDefinition) -> Any:
    """value*: one for each name of the definition. Short ASCII strings, the most of them, and dates
    are read here and now; everything else by its row."""
    fields: dict[str, Any] = {}
    made = HObject(definition.type_name, fields)
    names = definition.names
    reader.budget -= len(names)
    reader.levels -= 1
    if reader.budget < 0 or reader.levels < 0 or len(reader.references) >= reader.most_references:
        raise reader.refusal()
    reader.references.append(made)
    if definition.is_odd:
        return _odd_instance(reader, definition, made)
    body, latin, handlers, at = reader.body, reader.latin, reader.handlers, reader.at
    shortest = 0x20 if reader.remembers else 0
    for name in names:
        tag = body[at]
        at += 1
        if tag < shortest:
            text = latin[at : at + tag]
            if text.isascii():
                fields[name] = text
                at += tag
                continue
        elif tag == DATE:
            fields[name] = instant_of(I64(body, at)[0])
            at += 8
            continue
        reader.at = at
        fields[name] = handlers[tag](reader, tag)
        at = reader.at
    reader.at = at
    reader.levels += 1
    return made


def _odd_instance(reader: Reader, definition: ClassDefinition, made: HObject) -> Any:
    """value* of a class with a field name that comes twice (the first counts), or of the class in
    which Java writes a remote object."""
    reader.budget += len(definition.names)  # each value takes its own again
    for name in definition.names:
        made.fields.setdefault(name, reader.value())
    reader.levels += 1
    type_name, url = made.fields.get("type"), made.fields.get("url")
    if made.type_name != REMOTE or not isinstance(type_name, str) or not isinstance(url, str):
        return made
    remote = Remote(type_name, url)
    reader.replace(made, remote)
    return remote


def back_reference(reader: Reader, _tag: int) -> Any:
    return reader.reference(reader.count())


ROWS: tuple[Row, ...] = (
    (0x00, 0x1F, "string ::= [x00-x1f] <utf8>         0 to 31 units", string_direct),
    (0x20, 0x2F, "binary ::= [x20-x2f] <bytes>        0 to 15 bytes", binary_direct),
    (0x30, 0x33, "string ::= [x30-x33] b0 <utf8>      0 to 1023 units", string_short),
    (0x34, 0x37, "binary ::= [x34-x37] b0 <bytes>     0 to 1023 bytes", binary_short),
    (0x38, 0x3F, "long   ::= [x38-x3f] b1 b0          -x40000 to x3ffff", long_short),
    (0x41, 0x41, "binary ::= 'A' b1 b0 <bytes> binary", binary_chunks),
    (0x42, 0x42, "binary ::= 'B' b1 b0 <bytes>", binary_final),
    (0x43, 0x43, "class-def ::= 'C' string int string*", class_definition),
    (0x44, 0x44, "double ::= 'D' b7 ... b0            IEEE 754", double_full),
    (0x46, 0x46, "boolean ::= 'F'", false),
    (0x48, 0x48, "map    ::= 'H' (value value)* 'Z'   untyped", map_untyped),
    (0x49, 0x49, "int    ::= 'I' b3 b2 b1 b0", int_full),
    (0x4A, 0x4A, "date   ::= 'J' b7 ... b0            milliseconds", date_millis),
    (0x4B, 0x4B, "date   ::= 'K' b3 b2 b1 b0          minutes", date_minutes),
    (0x4C, 0x4C, "long   ::= 'L' b7 ... b0", long_full),
    (0x4D, 0x4D, "map    ::= 'M' type (value value)* 'Z'", map_typed),
    (0x4E, 0x4E, "null   ::= 'N'", null),
    (0x4F, 0x4F, "object ::= 'O' int value*", object_full),
    (0x51, 0x51, "ref    ::= 'Q' int", back_reference),
    (0x52, 0x52, "string ::= 'R' b1 b0 <utf8> string", string_chunks),
    (0x53, 0x53, "string ::= 'S' b1 b0 <utf8>", string_final),
    (0x54, 0x54, "boolean ::= 'T'", true),
    (0x55, 0x55, "list   ::= 'U' type value* 'Z'      variable", list_typed_variable),
    (0x56, 0x56, "list   ::= 'V' type int value*      fixed", list_typed_fixed),
    (0x57, 0x57, "list   ::= 'W' value* 'Z'           variable, untyped", list_variable),
    (0x58, 0x58, "list   ::= 'X' int value*           fixed, untyped", list_fixed),
    (0x59, 0x59, "long   ::= 'Y' b3 b2 b1 b0          32 bit", long_int),
    (0x5B, 0x5B, "double ::= x5b                      0.0", double_zero),
    (0x5C, 0x5C, "double ::= x5c                      1.0", double_one),
    (0x5D, 0x5D, "double ::= x5d b0                   -128.0 to 127.0", double_byte),
    (0x5E, 0x5E, "double ::= x5e b1 b0                -32768.0 to 32767.0", double_short),
    (0x5F, 0x5F, "double ::= x5f b3 b2 b1 b0          thousandths", double_thousandths),
    (0x60, 0x6F, "object ::= [x60-x6f] value*         definition 0 to 15", object_direct),
    (0x70, 0x77, "list   ::= [x70-x77] type value*    0 to 7 items", list_typed_direct),
    (0x78, 0x7F, "list   ::= [x78-x7f] value*         0 to 7 items, untyped", list_direct),
    (0x80, 0xBF, "int    ::= [x80-xbf]                -16 to 47", int_direct),
    (0xC0, 0xCF, "int    ::= [xc0-xcf] b0             -2048 to 2047", int_byte),
    (0xD0, 0xD7, "int    ::= [xd0-xd7] b1 b0          -x40000 to x3ffff", int_short),
    (0xD8, 0xEF, "long   ::= [xd8-xef]                -8 to 15", long_direct),
    (0xF0, 0xFF, "long   ::= [xf0-xff] b0             -2048 to 2047", long_byte),
)
"""The whole grammar of a value. x40, 'E', 'G', 'P' and 'Z' begin none."""

GRAMMAR: Grammar = grammar_of(ROWS)
