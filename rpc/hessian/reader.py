"""The state of reading one body, shared by both versions of the grammar.

A `Reader` is a place in a body, the three tables that Hessian builds while it is read, and what is
left of the limits. What the tags mean is not known here: that is the `Grammar`, a table with a
function for each of the 256 tags (`hessian1.GRAMMAR`, `hessian2.GRAMMAR`). A value is read by looking at
one byte and calling the function in its row.

Reading past the end is not checked step by step: `body[at]` raises IndexError by itself and
`struct` its own error, and the doors (`calls`, `replies`) turn both into a CodecError. Slices do
not raise, so whoever slices compares with `size`.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from rpc.hessian.errors import CodecError, LimitExceeded
from rpc.hessian.limits import Limits
from rpc.hessian.text import decode_units, find_end, join_pairs
from rpc.hessian.values import HMap, HObject

Handler: TypeAlias = Callable[["Reader", int], Any]
Row: TypeAlias = tuple[int, int, str, Handler]
"""First tag, last tag, production, and the function that reads the rest of it."""

CUT = (IndexError, struct.error)
"""What reading past the end raises."""

_U16 = struct.Struct(">H").unpack_from
_I32 = struct.Struct(">i").unpack_from
_I64 = struct.Struct(">q").unpack_from
_F32 = struct.Struct(">f").unpack_from
_F64 = struct.Struct(">d").unpack_from


class Grammar:
    """What each tag means: the function that reads on, and the kind of value that it begins."""

    __slots__ = ("handlers", "kinds")

    def __init__(self, handlers: Sequence[Handler], kinds: Sequence[str]) -> None:
        self.handlers = list(handlers)
        self.kinds = list(kinds)


class ClassDefinition:
    """A class definition of Hessian 2 or draft 2: its name and the field names in order."""

    __slots__ = ("names", "repeats", "type_name")

    def __init__(self, type_name: str, names: tuple[str, ...]) -> None:
        self.type_name = type_name
        self.names = names
        self.repeats = len(set(names)) < len(names)


class Reader:
    """Reads values from `body`, from the place `at` on, by the rules of `grammar`."""

    __slots__ = (
        "at", "body", "budget", "definitions", "depth", "handlers", "kinds", "limits",
        "looked_back", "references", "size", "types",
    )  # fmt: skip

    def __init__(self, body: bytes, at: int, grammar: Grammar, limits: Limits) -> None:
        self.body = body
        self.size = len(body)
        self.at = at
        self.handlers = grammar.handlers
        self.kinds = grammar.kinds
        self.limits = limits
        self.budget = limits.values
        self.depth = 0
        self.references: list[Any] = []
        self.looked_back: set[int] = set()
        self.definitions: list[ClassDefinition] = []
        self.types: list[str] = []

    # --- values ------------------------------------------------------------------------------

    def value(self) -> Any:
        """Read one value of any kind."""
        tag = self.body[self.at]
        self.at += 1
        self.budget -= 1
        if self.budget < 0:
            raise self.exceeded("values", self.limits.values)
        return self.handlers[tag](self, tag)

    def enter(self, container: Any) -> int:
        """Number a list, map or object that begins here, and go one level down."""
        number = len(self.references)
        if number >= self.limits.references:
            raise self.exceeded("references", self.limits.references)
        self.depth += 1
        if self.depth > self.limits.depth:
            raise self.exceeded("depth", self.limits.depth)
        self.references.append(container)
        return number

    def leave(self) -> None:
        """Come up from the container that was entered last."""
        self.depth -= 1

    def reference(self, number: int) -> Any:
        """The list, map or object that was the `number`th to begin; it may still be open."""
        if not 0 <= number < len(self.references):
            raise self.error("a reference to nothing that was read before")
        self.looked_back.add(number)
        return self.references[number]

    def replace(self, number: int, container: Any) -> None:
        """Put another container in the place of one that turned out to be of the wrong kind."""
        if number in self.looked_back:
            raise self.error("a map with such keys may not contain itself")
        self.references[number] = container

    def known_type(self, number: int) -> str:
        """The `number`th of the type names that lists and maps have borne so far."""
        if not 0 <= number < len(self.types):
            raise self.error("the number of a type that was not named before")
        return self.types[number]

    def define(self, type_name: str, count: int) -> None:
        """Read `count` field names and keep the class definition."""
        if len(self.definitions) >= self.limits.definitions:
            raise self.exceeded("definitions", self.limits.definitions)
        if not 0 <= count <= self.limits.fields_per_definition:
            raise self.exceeded("fields_per_definition", self.limits.fields_per_definition)
        names = tuple([self.string() for _ in range(count)])
        self.definitions.append(ClassDefinition(type_name, names))

    def instance(self, number: int) -> HObject:
        """Read the field values of an object of the `number`th class definition."""
        if not 0 <= number < len(self.definitions):
            raise self.error("an object of a class that was not defined")
        definition = self.definitions[number]
        fields: dict[str, Any] = {}
        made = HObject(definition.type_name, fields)
        self.enter(made)
        if definition.repeats:
            for name in definition.names:
                fields.setdefault(name, self.value())
        else:
            for name in definition.names:
                fields[name] = self.value()
        self.leave()
        return made

    def pairs(self, type_name: str, end: int) -> Any:
        """Read keys and values up to the tag `end`: a dict, an HObject or an HMap."""
        fields: dict[Any, Any] = {}
        made: Any = HObject(type_name, fields) if type_name else fields
        number = self.enter(made)
        while self.body[self.at] != end:
            key = self.value()
            if type(key) is str:
                if type_name and key in fields:
                    self.value()
                else:
                    fields[key] = self.value()
            elif type_name or not _hashable(key) or key in fields:
                made = HMap(type_name, fields.items())
                self.replace(number, made)
                self._other_pairs(made.pairs, key, end)
                break
            else:
                fields[key] = self.value()
        self.at += 1
        self.leave()
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
        at = self.at
        end = at + units
        raw = self.body[at:end]
        if raw.isascii() and len(raw) == units <= self.limits.string_units:
            self.at = end
            return raw.decode("ascii")
        return join_pairs(self.units(units, units))

    def units(self, units: int, total: int) -> str:
        """Read a piece of a string of `total` units so far; surrogates are not yet joined."""
        if total > self.limits.string_units:
            raise self.exceeded("string_units", self.limits.string_units)
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
        self.budget -= 1
        if self.budget < 0:
            raise self.exceeded("values", self.limits.values)
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
        number: int = _I64(self.body, self.at)[0]
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
        """Refuse whatever stands after the end."""
        if self.at != self.size:
            raise self.error("bytes after the end")


def _hashable(key: object) -> bool:
    return not isinstance(key, (list, dict, HObject, HMap))


def reserved(reader: Reader, tag: int) -> Any:
    """The row of every tag that the grammar leaves free."""
    reader.at -= 1
    raise reader.error(f"no value begins with the byte 0x{tag:02x}")


def grammar_of(rows: Sequence[Row]) -> Grammar:
    """Make the grammar of its rows.

    Raises: ValueError when two rows claim the same tag.
    """
    handlers: list[Handler] = [reserved] * 256
    kinds = [""] * 256
    for first, last, production, handler in rows:
        for tag in range(first, last + 1):
            if handlers[tag] is not reserved:
                raise ValueError(f"0x{tag:02x} is claimed twice, at {production}")
            handlers[tag] = handler
            kinds[tag] = production.split()[0]
    return Grammar(handlers, kinds)
