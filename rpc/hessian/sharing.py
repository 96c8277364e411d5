"""What references may smuggle in: circles, and trees far larger than their bytes.

A reference is cheap on the wire and can stand for anything read before. A list of ten references
to a list of ten references, sixty levels down, is a few hundred bytes and 10^60 values for whoever
walks it. So when a body held references, its values are measured as a walker would see them.
"""

from collections.abc import Iterator
from typing import Any

from rpc.hessian.errors import CodecError, LimitExceeded
from rpc.hessian.limits import Limits
from rpc.hessian.objects import HMap, HObject


def refuse_unsafe_sharing(roots: list[Any], limits: Limits) -> None:
    """Hold the values, with all references followed, against `limits.values` and `limits.depth`.

    Every container is walked once, without recursion, however often it is pointed at.
    Raises: CodecError for a container inside itself; LimitExceeded.
    """
    measured: dict[int, tuple[int, int]] = {}
    size, depth = _measure(roots, measured)
    if size - 1 > limits.values:
        raise LimitExceeded("values", limits.values)
    if depth - 1 > limits.depth:
        raise LimitExceeded("depth", limits.depth)


def _measure(root: Any, measured: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """The number of values in `root` and its depth; `measured` remembers each container's."""
    open_now = {id(root)}
    stack: list[tuple[Any, Iterator[Any], int, int]] = [(root, _children(root), 1, 0)]
    while True:
        container, children, size, depth = stack.pop()
        for child in children:
            if not isinstance(child, (list, dict, HObject, HMap)):
                size += 1
                continue
            known = measured.get(id(child))
            if known is None:
                if id(child) in open_now:
                    raise CodecError("a value that contains itself")
                open_now.add(id(child))
                stack.append((container, children, size, depth))
                stack.append((child, _children(child), 1, 0))
                break
            size += known[0]
            depth = max(depth, known[1])
        else:
            open_now.discard(id(container))
            measured[id(container)] = (size, depth + 1)
            if not stack:
                return measured[id(root)]
            above, rest, above_size, above_depth = stack.pop()
            stack.append((above, rest, above_size + size, max(above_depth, depth + 1)))


def _children(container: Any) -> Iterator[Any]:
    """What stands directly inside: of maps the keys too."""
    if isinstance(container, HObject):
        return iter(container.fields.values())
    if isinstance(container, dict):
        return (item for pair in container.items() for item in pair)
    if isinstance(container, HMap):
        return (item for pair in container.pairs for item in pair)
    return iter(container)
