"""What an operation is to the door: a wire name, its parameters, and how its arguments become work.

Where it stands in the walk: `server` finds the operation of a call and asks it to prepare; each file of
`operations` holds one. What is made anew for every call is not frozen, which would cost it a microsecond each.
"""

from collections.abc import Callable
from dataclasses import dataclass

from billing_center.access.caller import Caller
from billing_center.center import UnitOfWork
from billing_center.group_commit import BulkVerb, Verb
from billing_center.settings import Settings
from rpc.hessian import Value


@dataclass(slots=True)
class Asked:
    """One call, understood so far: who calls, and the arguments, of which there are as many as there must be."""

    caller: Caller
    arguments: tuple[Value, ...]
    settings: Settings


@dataclass(slots=True)
class Writing:
    """A command for a use case that writes; answered "1" once it is durable.

    `product_id` is the product that the call reports something of: the caller must be allowed to.
    """

    command: object
    verb: Verb | None = None
    bulk_verb: BulkVerb | None = None  # exactly one of the two
    product_id: str = ""


@dataclass(slots=True)
class Reading:
    """A question that only reads; what it returns is the answer."""

    question: Callable[[UnitOfWork], Value]


@dataclass(slots=True)
class Known:
    """An answer that needs no look at the database."""

    value: Value


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the inbound operations.

    `prepare` judges the shape of the arguments and raises MissingField, WrongValue, OutOfRange or LostDecimal.
    `answer_to` gives an operation's own answer to an error, or None for the one of `outcome`.
    """

    name: str
    parameters: tuple[str, ...]
    prepare: Callable[[Asked], Writing | Reading | Known]
    answer_to: Callable[[Settings, BaseException], Value] | None = None
    summary: str = ""
