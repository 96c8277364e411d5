"""What a Hessian body becomes: plain data, never an instance of a class that the sender named.

    Hessian            Python                       remarks
    null               None
    boolean            bool
    int   (32 bit)     int
    long  (64 bit)     Long                         an int that remembers its width
    double             float
    date               datetime, else Millis        aware, UTC, exact milliseconds
    string             str                          may hold lone surrogates
    binary             bytes
    list               list, else HList             HList carries a type name ("[int")
    map                dict, HObject, HMap          see below
    object             HObject                      type name and fields by name
    remote             Remote
    BigDecimal         HObject                      `java_types.as_decimal` reads it

An untyped map is a dict. A typed map with only strings for keys is an HObject, since Hessian 1
writes objects that way. Whatever is left (keys that cannot be hashed, keys that only Python finds
equal, a typed map with other keys) is an HMap. Both are in `objects`, apart from the classes here
because those extend Python's own and so cannot be compiled.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from rpc.hessian.errors import CodecError
from rpc.hessian.objects import HMap, HObject


class Long(int):
    """A 64-bit `long`; a bare int is Hessian's 32-bit `int`. They compare and count alike."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Long({int(self)})"


class Millis(int):
    """A date beyond the years that datetime knows: milliseconds since 1970, UTC."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Millis({int(self)})"


make_long: Callable[[int], Any] = Long
make_millis: Callable[[int], Any] = Millis
"""The same classes as plain functions: compiled code takes every value whose declared type is an
int for a bare int, and would forget which kind it was."""


class HList(list[Any]):
    """A list with a type name: an array ("[int", "[com.x.Y") or a class ("java.util.LinkedList")."""

    __slots__ = ("type_name",)

    def __init__(self, type_name: str, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self.type_name = type_name

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HList):
            return False
        return self.type_name == other.type_name and list.__eq__(self, other)

    __hash__ = None

    def __repr__(self) -> str:
        return f"<HList {self.type_name!r} of {len(self)}>"


REMOTE = "com.caucho.hessian.io.HessianRemote"


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote object: the interface's name and where it is served.

    Hessian 1 has a production for it; in Hessian 2 Java writes an object of the class `REMOTE`.
    """

    type_name: str
    url: str


Value: TypeAlias = (
    bool
    | int
    | float
    | str
    | bytes
    | datetime
    | Decimal
    | HObject
    | HMap
    | Remote
    | list[Any]
    | dict[Any, Any]
    | None
)
"""What the writers take and the readers give (readers never give a Decimal: see `java_types`)."""


def fields_of(value: object) -> Mapping[str, Any]:
    """The fields of an object or map by name, whichever form the sender chose for it.

    Raises: CodecError when the value is no object or map, or when a key is not a string.
    """
    if isinstance(value, HObject):
        return value.fields
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    if isinstance(value, HMap) and all(isinstance(key, str) for key, _ in value.pairs):
        return dict(value.pairs)
    raise CodecError("an object, or a map with string keys, was expected")
