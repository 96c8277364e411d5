"""The state of reading one body, shared by both versions of the grammar.

A `Reader` is a place in a body, the three tables that Hessian builds while it is read, and what is
left of the limits. What the tags mean is not known here: that is the `Grammar`, a table with a
function for each of the 256 tags (`hessian1.GRAMMAR`, `hessian2.GRAMMAR`). A value is read by looking at
one byte and calling the function in its row.

Reading past the end is not checked step by step: `body[at]` raises IndexError by itself and
`struct` its own error, and the doors (`calls`, `replies`) turn both into a CodecError. Slices do
not raise, but they move `at` past the end, where the next look or `finish` finds it.

Speed: the body is also kept as Latin-1 text, one character a byte, so that a slice of it that is
ASCII is a finished string. Class definitions and the field names of typed maps come in the same
bytes in every call, so they are remembered (`remembered`) and compared instead of decoded.
"""

import struct
from typing import Any

from rpc.hessian.errors import CodecError, LimitExceeded
from rpc.hessian.grammar import Grammar
from rpc.hessian.limits import Limits
from rpc.hessian.objects import HMap, HObject
from rpc.hessian.remembered import MOST_FIELDS, ClassDefinition
from rpc.hessian.text import decode_units, find_end, join_pairs

CUT = (IndexError, struct.error)
"""What reading past the end raises."""

_U16 = struct.Struct(">H").unpack_from
_I32 = struct.Struct(">i").unpack_from
I64 = struct.Struct(">q").unpack_from
_F32 = struct.Struct(">f").unpack_from
_F64 = struct.Struct(">d").unpack_from


class Reader:
    """Reads values from `body`, from the place `at` on, by the rules of `grammar`."""

    __slots__ = (
        "at",
        "body",
        "budget",
        "definitions",
        "handlers",
        "kinds",
        "latin",
        "levels",
        "limits",
        "looked_back",
        "most_references",
        "references",
        "remembers",
        "size",
        "types",
    )  # fmt: skip

    def __init__(self, body: bytes, at: int, grammar: Grammar, limits: Limits) -> None:
        self.body = body
        self.latin = body.decode("latin-1")
        self.size = len(body)
        self.at = at
        self.handlers = grammar.handlers
        self.kinds = grammar.kinds
        self.limits = limits
        self.budget = limits.values
        self.levels = limits.depth
        self.most_references = limits.references
        self.references: list[Any] = []
        self.looked_back: list[int] = []
        self.definitions: list[ClassDefinition] = []
        self.types: list[str] = []
        # The short cuts look at no limit on texts, so they are taken only where there is none.
        self.remembers = limits.string_units >= 0xFFFF and limits.fields_per_definition >= MOST_FIELDS

    # --- values ------------------------------------------------------------------------------

    def value(self) -> Any:
        """Read one value of any kind."""
        tag = self.body[self.at]
        self.at += 1
        self.budget -= 1
        if self.budget < 0:
            raise self.exceeded("values", self.limits.values)
        return self.handlers[tag](self, tag)

    def charge(self, values: int) -> None:
        """Take the values that are about to be read from the budget."""
        self.budget -= values
        if self.budget < 0:
            raise self.exceeded("values", self.limits.values)

    def enter(self, container: Any) -> None:
        """Number a list, map or object that begins here, and go one level down."""
        references = self.references
        if len(references) >= self.limits.references:
            raise self.exceeded("references", self.limits.references)
        self.levels -= 1
        if self.levels < 0:
            raise self.exceeded("depth", self.limits.depth)
        references.append(container)

    def refusal(self) -> LimitExceeded:
        """Which limit it was, for whoever has looked at three of them at once."""
        if self.levels < 0:
            return self.exceeded("depth", self.limits.depth)
        if self.budget < 0:
            return self.exceeded("values", self.limits.values)
        return self.exceeded("references", self.limits.references)

    def leave(self) -> None:
        """Come up from the container that was entered last."""
        self.levels += 1

    def reference(self, number: int) -> Any:
        """The list, map or object that was the `number`th to begin; it may still be open."""
        if not 0 <= number < len(self.references):
            raise self.error("a reference to nothing that was read before")
        self.looked_back.append(number)
        return self.references[number]

    def replace(self, old: Any, new: Any) -> None:
        """Put another container in the place of an open one that turned out to be of the wrong kind."""
        number = next(number for number, known in enumerate(self.references) if known is old)
        if number in self.looked_back:
            raise self.error("a map with such keys may not contain itself")
        self.references[number] = new

    def known_type(self, number: int) -> str:
        """The `number`th of the type names that lists and maps have borne so far."""
        if not 0 <= number < len(self.types):
            raise self.error("the number of a type that was not named before")
        return self.types[number]

    def define(self, type_name: str) -> ClassDefinition:
        """Read the rest of a class definition, after the class's name: int string*."""
        if len(self.definitions) >= self.limits.definitions:
            raise self.exceeded("definitions", self.limits.definitions)
        if not type_name:
            raise self.error("a class without a name")
        count = self.count()
        if not 0 <= count <= self.limits.fields_per_definition:
            raise self.exceeded("fields_per_definition", self.limits.fields_per_definition)
        definition = ClassDefinition(type_name, tuple([self.string() for _ in range(count)]))
        self.definitions.append(definition)
        return definition

    def definition(self, number: int) -> ClassDefinition:
        """The `number`th class definition so far."""
        if not 0 <= number < len(self.definitions):
            raise self.error("an object of a class that was not defined")
        return self.definitions[number]

    def rest_of_pairs(self, made: Any, fields: dict[Any, Any], end: int) -> Any:
        """Read keys and values up to the tag `end` into `fields`, which is `made` or inside it.

        Gives `made`, or an HMap in its place if the keys turn out to be none for a dict.
        """
        typed = made is not fields
        while self.body[self.at] != end:
            key = self.value()
            if type(key) is str:
                if typed and key in fields:
                    self.value()
                else:
                    fields[key] = self.value()
            elif typed or isinstance(key, (list, dict, HObject, HMap)) or key in fields:
                other = HMap(made.type_name if typed else "", fields.items())
                self.replace(made, other)
                self._other_pairs(other.pairs, key, end)
                made = other
                break
            else:
                fields[key] = self.value()
        self.at += 1
        return made

    def _other_pairs(self, pairs: list[tuple[Any, Any]], key: Any, end: int) -> None:
        """Read on from the value of `key`, for a map that no dict can hold."""
        pairs.append((key, self.value()))
        while self.body[self.at] != end:
            key = self.value()
            pairs.append((key, self.value()))

    def string(self) -> str:
        """Read a string that is a name, and no value of its own.

        The tag is looked at first: a value of any kind could go down a level without `enter`.
        """
        tag = self.body[self.at]
        if self.kinds[tag] != "string":
            raise self.error("a string was expected")
        self.at += 1
        text: str = self.handlers[tag](self, tag)
        return text

    def count(self) -> int:
        """Read an int that is a length or a number in one of the tables, and no value of its own."""
        tag = self.body[self.at]
        if self.kinds[tag] != "int":
            raise self.error("an int was expected")
        self.at += 1
        number: int = self.handlers[tag](self, tag)
        return number

    # --- pieces of values --------------------------------------------------------------------

    def text(self, units: int) -> str:
        """Read a whole string of `units` UTF-16 units."""
        end = self.at + units
        text = self.latin[self.at : end]
        if text.isascii() and end <= self.size and units <= self.limits.string_units:
            self.at = end
            return text
        # A short text without surrogates: decode as much as it could be, take its characters, and
        # see whether writing them again gives what stands here.
        if units < 0x100 <= self.limits.string_units:
            text = self.body[self.at : self.at + 3 * units].decode("utf-8", "ignore")[:units]
            raw = text.encode()
            if len(text) == units and self.body.startswith(raw, self.at):
                self.at += len(raw)
                return text
        return join_pairs(self.piece(units, units))

    def piece(self, units: int, total: int) -> str:
        """Read a piece of a string that has `total` units with it; surrogates are not yet joined."""
        if total > self.limits.string_units:
            raise self.exceeded("string_units", self.limits.string_units)
        end = self.at + units
        text = self.latin[self.at : end]
        if text.isascii() and end <= self.size:
            self.at = end
            return text
        end = find_end(self.body, self.at, units)
        if end > self.size:
            raise self.error("the body ends, or UTF-8 does, within a string")
        try:
            text = decode_units(self.body[self.at : end])
        except UnicodeDecodeError:
            raise self.error("a string is not UTF-8") from None
        self.at = end
        return text

    def next_piece(self) -> int:
        """Read the tag of the next piece of a string or binary; each piece counts as a value."""
        self.charge(1)
        return self.u8()

    def binary(self, length: int, before: int = 0) -> bytes:
        """Read a binary of `length` bytes, or a piece of one that has `before` bytes so far."""
        if before + length > self.limits.binary_bytes:
            raise self.exceeded("binary_bytes", self.limits.binary_bytes)
        end = self.at + length
        if end > self.size:
            raise self.error("the body ends within a binary")
        raw = self.body[self.at : end]
        self.at = end
        return raw

    def u8(self) -> int:
        number = self.body[self.at]
        self.at += 1
        return number

    def i8(self) -> int:
        number = self.body[self.at]
        self.at += 1
        return number - 0x100 if number >= 0x80 else number

    def u16(self) -> int:
        number: int = _U16(self.body, self.at)[0]
        self.at += 2
        return number

    def i16(self) -> int:
        number = self.u16()
        return number - 0x10000 if number >= 0x8000 else number

    def i32(self) -> int:
        number: int = _I32(self.body, self.at)[0]
        self.at += 4
        return number

    def i64(self) -> int:
        number: int = I64(self.body, self.at)[0]
        self.at += 8
        return number

    def f32(self) -> float:
        number: float = _F32(self.body, self.at)[0]
        self.at += 4
        return number

    def f64(self) -> float:
        number: float = _F64(self.body, self.at)[0]
        self.at += 8
        return number

    # --- what is wrong -----------------------------------------------------------------------

    def error(self, message: str) -> CodecError:
        """A CodecError at this place."""
        return CodecError(message, self.at)

    def exceeded(self, limit: str, allowed: int) -> LimitExceeded:
        """A LimitExceeded at this place."""
        return LimitExceeded(limit, allowed, self.at)

    def finish(self) -> None:
        """Refuse whatever stands after the end, and an end that was never there."""
        if self.at < self.size:
            raise self.error("bytes after the end")
        if self.at > self.size:
            raise CodecError("the body is cut short", self.size)
