"""Building HTML: a function per element, and text that was not made here is escaped. Nothing else is HTML.

Where it stands in the walk: below every page of the console. `Html` is a type of its own, so that mypy and the
builder can tell what is markup from what a caller once sent.
"""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

EMPTY = frozenset(("input", "br", "meta", "hr"))
LOCAL = frozenset(("href", "action", "src"))


class Html(str):
    """Text that is HTML already; only this module makes it."""

    __slots__ = ()


Child: TypeAlias = Html | str | int | Iterable["Child"] | None
Attribute: TypeAlias = str | int | bool | None


def join(*children: Child) -> Html:
    """The children one after another; texts are escaped, None is left out."""
    return Html("".join(_pieces(children)))


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """An element. `class_` stands for class, `aria_label` for aria-label; None and False leave an attribute out.

    Raises: ValueError for a link that leaves this site, and for a script in an attribute.
    """
    opening = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Html(opening if name in EMPTY else f"{opening}{join(*children)}</{name}>")


def trusted(source: str) -> Html:
    """The program's own style sheet and script, as they stand; never anything that came from outside."""
    return Html(source)


def _pieces(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Html):
            yield child
        elif isinstance(child, (str, int)):
            yield escape(str(child))
        else:
            yield from _pieces(child)


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if name.startswith("on"):
        raise ValueError(f"{name}: scripts do not stand in attributes")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    text = str(value)
    if name in LOCAL and (not text.startswith(("/", "#")) or text.startswith("//")):
        raise ValueError(f"{name} leaves this site: {text!r}")
    return f' {name}="{escape(text)}"'
