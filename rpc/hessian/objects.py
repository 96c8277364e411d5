"""Objects and odd maps, the two kinds of value that Python has no type for: see `values`."""

from collections.abc import Iterable, Iterator
from typing import Any


class HObject:
    """An object, or a typed map whose keys are all strings.

    `type_name` is the sender's class name, kept for writing back and for people: nothing may be
    chosen by it. `fields` maps names to values in the order of the wire; of a name written twice
    (a field of the same name in a parent class) the first is kept, which is the child's.
    """

    __slots__ = ("fields", "type_name")

    def __init__(self, type_name: str, fields: dict[str, Any] | None = None) -> None:
        self.type_name = type_name
        self.fields: dict[str, Any] = {} if fields is None else fields

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HObject):
            return NotImplemented
        return self.type_name == other.type_name and self.fields == other.fields

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """The type and the number of fields; what the fields hold must not slip into a log."""
        return f"<HObject {self.type_name!r} with {len(self.fields)} fields>"


class HMap:
    """A map that a dict cannot hold: its pairs in the order of the wire.

    `type_name` is "" for an untyped map. Looking up is a walk over the pairs.
    """

    __slots__ = ("pairs", "type_name")

    def __init__(self, type_name: str = "", pairs: Iterable[tuple[Any, Any]] = ()) -> None:
        self.type_name = type_name
        self.pairs: list[tuple[Any, Any]] = list(pairs)

    def items(self) -> Iterator[tuple[Any, Any]]:
        return iter(self.pairs)

    def get(self, key: object, default: Any = None) -> Any:
        """The value of the first key that is equal and of the same Python type."""
        for known, value in self.pairs:
            if type(known) is type(key) and known == key:
                return value
        return default

    def __len__(self) -> int:
        return len(self.pairs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HMap):
            return NotImplemented
        return self.type_name == other.type_name and self.pairs == other.pairs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<HMap {self.type_name!r} with {len(self.pairs)} pairs>"
