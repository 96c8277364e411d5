"""What earlier bodies said about methods and classes, so that it need not be decoded in every call again.

A caller sends the same class definitions (Hessian 2) and the same names in typed maps (Hessian 1)
in every call. Bytes that are the same as before mean the same as before.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from rpc.hessian.values import REMOTE

MOST_CLASSES = 512
MOST_FIELDS = 64
LONGEST_NAME = 64
"""How much is remembered of earlier bodies."""


class ClassDefinition:
    """A class definition of Hessian 2 or draft 2: its name and the field names in order.

    `is_odd` tells that its objects need a second look: a name comes twice, or it is a remote object.
    """

    __slots__ = ("is_odd", "names", "type_name")

    def __init__(self, type_name: str, names: tuple[str, ...]) -> None:
        self.type_name = type_name
        self.names = names
        self.is_odd = len(set(names)) < len(names) or type_name == REMOTE


KnownName: TypeAlias = tuple[bytes, int, str, bool]
"""A field name of a typed map of Hessian 1: its bytes, how many, itself, and whether a string came
after it. If so, the bytes include the tag and the first length byte of a short string."""


def known_name(name: str, is_text: bool) -> KnownName:
    """What to compare with for a name of ASCII letters."""
    raw = b"S" + len(name).to_bytes(2, "big") + name.encode() + (b"S\x00" if is_text else b"")
    return raw, len(raw), name, is_text


class Remembered:
    """What earlier bodies said about classes, to be compared byte by byte instead of decoded anew.

    Both tables are keyed by the beginning of what is remembered, as Latin-1 text: length and name
    of the class. Bytes that go on differently are read as if nothing were known. The size is
    bounded, and a full table starts anew, so that a stranger's inventions cannot stay.
    """

    __slots__ = ("definitions", "maps", "methods")

    def __init__(self) -> None:
        self.definitions: dict[str, tuple[bytes, ClassDefinition]] = {}
        self.maps: dict[str, tuple[str, list[KnownName]]] = {}
        self.methods: dict[bytes, tuple[str, int]] = {}

    def keep_method(self, raw: bytes, method: str, count: int) -> None:
        """Remember that a call of Hessian 2 that begins with `raw` is of this method and has so many arguments."""
        if method.isascii():
            if len(self.methods) >= MOST_CLASSES:
                self.methods.clear()
            self.methods[raw] = (method, count)

    def keep_definition(self, head: str, rest: bytes, definition: ClassDefinition) -> None:
        """Remember that a class definition that begins with `head` and goes on with `rest` is this."""
        if self._is_modest(definition.type_name, definition.names):
            if len(self.definitions) >= MOST_CLASSES:
                self.definitions.clear()
            self.definitions[head] = (rest, definition)

    def keep_map(self, head: str, type_name: str, fields: dict[str, Any]) -> None:
        """Remember which names follow, in order, when a typed map of Hessian 1 begins with `head`."""
        if self._is_modest(type_name, list(fields)):
            if len(self.maps) >= MOST_CLASSES:
                self.maps.clear()
            rows = [known_name(name, isinstance(value, str)) for name, value in fields.items()]
            self.maps[head] = (type_name, rows)

    def _is_modest(self, type_name: str, names: Sequence[str]) -> bool:
        """Whether the class is small and its names are ASCII, which can be written in one way only."""
        return len(names) <= MOST_FIELDS and all(
            len(name) <= LONGEST_NAME and name.isascii() for name in (type_name, *names)
        )


REMEMBERED = Remembered()
