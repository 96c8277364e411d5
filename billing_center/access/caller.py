"""A caller: who it is, which operations it may call, and which products it may report.

Where it stands in the walk: the first thing a door asks. Refused by default: an empty set allows nothing.
Design: contract, "Who may call what".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from billing_center.errors import OutOfRange

ALL = "*"
"""Stands for every operation, or every product."""

REST = "rest"
"""The operation that reading over REST asks for."""

CONSOLE = "console"
"""The operation that the operators' console asks for: it shows everything, and acts."""

METRICS = "metrics"
"""The operation that reading /metrics asks for: figures of the whole center, no payer's data."""

OPERATIONS = (
    "insertServiceOp",
    "installOrder",
    "updateOrderState",
    "getTotalPrice",
    "feedbackUser",
    "payCallback",
    "changeAccountNum",
    REST,
    CONSOLE,
    METRICS,
)
"""What a caller may be allowed: the wire names of the seven inbound operations, REST, the console, metrics."""

REPLY_FORMS = ("", "hessian1", "hessian2")
"""How a caller is answered: '' by how it asks; 'hessian1' for Java clients 3.1.5 to 3.2.0 that say 'c 2 0'."""

_CALLER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller and what it may do."""

    caller_id: str
    operations: frozenset[str]
    products: frozenset[str]
    reply_form: str = ""

    def may_call(self, operation: str) -> bool:
        """Whether the operation is among those allowed."""
        return operation in self.operations or ALL in self.operations

    def may_report(self, product_id: str) -> bool:
        """Whether facts of the product may come from this caller."""
        return product_id in self.products or ALL in self.products


def everyone(caller_id: str) -> Caller:
    """A caller who may do everything: whoever calls through an open door."""
    return Caller(caller_id, frozenset((ALL,)), frozenset((ALL,)))


def check_caller_id(caller_id: str) -> str:
    """The id itself. Raises OutOfRange for one that HTTP Basic or a log line could not carry."""
    if not _CALLER_ID.fullmatch(caller_id):
        rule = "1 to 64 letters, digits and . _ @ -, beginning with a letter or digit"
        raise OutOfRange(f"a caller id has {rule}", field="caller")
    return caller_id


def check_operations(operations: Iterable[str]) -> frozenset[str]:
    """The operations as a set. Raises OutOfRange for a name that is no operation."""
    names = frozenset(operations)
    for name in sorted(names - {ALL, *OPERATIONS}):
        known = ", ".join((*OPERATIONS, ALL))
        raise OutOfRange(f"{name!r} is no operation; known are {known}", field="operations")
    return names
