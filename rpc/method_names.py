"""Which operation a method name on the wire means.

Where it stands in the walk: after the codec, before the operation. Java clients send the bare name, or with
overloading on, a mangled one: `name__2` (number of arguments) or `name_string_int` (simple class names, which
are the caller's and may be anything). No wire name contains an underscore, so the first one ends it.
Design: wire, section 4.
"""

from collections.abc import Sequence

from rpc.hessian import Value

ATTRIBUTE = "_hessian_getAttribute"
"""What `HessianProxyFactory.create(url)` asks before it knows the interface."""

INTERFACE = "com.alibaba.billing.service.BillingService"
"""The interface name that we claim; a caller with an interface of its own never asks."""

_ATTRIBUTES = {
    "java.api.class": INTERFACE,
    "java.home.class": INTERFACE,
    "java.object.class": INTERFACE,
}


def bare_name(method: str) -> str:
    """The wire name in a method name, mangled or not; "" when there is none."""
    if method == ATTRIBUTE:
        return method
    name, _, _ = method.partition("_")
    return name


def attribute(arguments: Sequence[Value]) -> Value:
    """The answer to `_hessian_getAttribute`: the interface's name, or null for an attribute we do not have."""
    name = arguments[0] if arguments else None
    return _ATTRIBUTES.get(name) if isinstance(name, str) else None
