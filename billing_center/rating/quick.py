"""Building frozen values at the price of open ones.

A frozen dataclass sets each field through `object.__setattr__`, which for the nineteen fields of a charge
costs a quarter of rating a use. `quick(cls)` makes values of the very same class through a twin that is open
until its last field is set: they are equal, hashable and as frozen as those that the class makes.
"""

from collections.abc import Callable
from dataclasses import MISSING, field, fields, make_dataclass
from typing import Any, ParamSpec, TypeVar, cast

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


def quick(cls: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """A constructor of `cls`, a frozen slotted dataclass, with the same arguments.

    Raises: TypeError for a class that checks itself on construction, which this would leave out, or that
    makes defaults.
    """
    frozen = cast(Any, cls)
    if hasattr(frozen, "__post_init__") or any(f.default_factory is not MISSING for f in fields(frozen)):
        raise TypeError(f"{frozen.__name__} must be constructed by itself")

    def close(value: Any) -> None:
        value.__class__ = frozen

    members = [(f.name, object, field(default=f.default)) for f in fields(frozen)]
    twin = make_dataclass(f"Open{frozen.__name__}", members, slots=True, namespace={"__post_init__": close})
    return cast("Callable[Arguments, Value]", twin)
