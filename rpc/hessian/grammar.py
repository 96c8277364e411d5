"""How a grammar is written down: rows of tags and productions, made into a table by tag."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from rpc.hessian.reader import Reader

Handler: TypeAlias = Callable[["Reader", int], Any]
Row: TypeAlias = tuple[int, int, str, Handler]
"""First tag, last tag, production, and the function that reads the rest of it."""


class Grammar:
    """What each tag means: the function that reads on, and the kind of value that it begins."""

    __slots__ = ("handlers", "kinds")

    def __init__(self, handlers: Sequence[Handler], kinds: Sequence[str]) -> None:
        self.handlers = list(handlers)
        self.kinds = list(kinds)


def reserved(reader: "Reader", tag: int) -> Any:
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
