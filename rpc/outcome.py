"""The only table from error to answer: "-1", a Hessian fault, or an HTTP status.

Where it stands in the walk: the last step of a call that did not end well. A failure of ours is never answered
"-1", and never tells its inner text: it gets an incident id that stands in the log beside the whole story.
Faults carry an exception that every Java has, so that an unmodified caller throws something it can read.
Design: contract, "The three kinds of answer"; wire, section 4.
"""

from dataclasses import dataclass
from enum import Enum, auto

from billing_center import errors
from rpc.hessian import Fault, JavaThrowable
from rpc.hessian import errors as hessian_errors

KEPT_REFUSAL = "-1"
"""The answer to wrong parameters, sent after the refused call was kept."""

DONE = "1"
"""The answer to what is durable."""


class Kind(Enum):
    """The kinds of answer beside "1" and a value."""

    REFUSAL = auto()  # "-1"
    FAULT = auto()  # a Hessian fault with HTTP status 200
    HTTP = auto()  # 401 for an unknown caller, 403 for one that may not


ARGUMENT = "java.lang.IllegalArgumentException"
STATE = "java.lang.IllegalStateException"
RUNTIME = "java.lang.RuntimeException"


@dataclass(frozen=True, slots=True)
class Row:
    """How one class of errors is answered."""

    kind: Kind
    fault_code: str = ""
    java_class: str = ""
    tells: bool = True  # whether the caller may read the error's own text


class NoSuchMethod(Exception):
    """The call names no operation."""


class WrongArgumentCount(Exception):
    """The call has more or fewer arguments than its operation."""


_REFUSAL = Row(Kind.REFUSAL)
_PROTOCOL = Row(Kind.FAULT, "ProtocolException", ARGUMENT)
_BUSY = Row(Kind.FAULT, "ServiceException", STATE)
INCIDENT = Row(Kind.FAULT, "ServiceException", RUNTIME, tells=False)
"""For Broken, and for whatever nobody foresaw."""

ROWS: dict[type[Exception], Row] = {
    errors.Refused: _REFUSAL,
    errors.MissingField: _REFUSAL,
    errors.WrongValue: _REFUSAL,
    errors.OutOfRange: _REFUSAL,
    errors.Unknown: _REFUSAL,
    errors.NoPrice: _REFUSAL,
    errors.ConflictingRepeat: _REFUSAL,
    errors.ForbiddenTransition: _REFUSAL,
    errors.CatalogInvalid: INCIDENT,  # no call of ours loads a catalog or a setting or moves the clock
    errors.SettingInvalid: INCIDENT,
    errors.ClockRefused: INCIDENT,
    errors.Unauthorised: Row(Kind.HTTP),
    errors.Busy: _BUSY,
    errors.DatabaseAway: _BUSY,
    errors.ShuttingDown: _BUSY,
    errors.Broken: INCIDENT,
    hessian_errors.CodecError: _PROTOCOL,
    hessian_errors.LimitExceeded: _PROTOCOL,
    hessian_errors.WrongType: _PROTOCOL,
    hessian_errors.LostDecimal: Row(Kind.FAULT, "ServiceException", ARGUMENT),
    hessian_errors.FaultReply: INCIDENT,  # another service's fault never becomes ours
    NoSuchMethod: Row(Kind.FAULT, "NoSuchMethodException", ARGUMENT),
    WrongArgumentCount: Row(Kind.FAULT, "NoSuchMethodException", ARGUMENT),
}


def row_of(error: BaseException) -> Row:
    """The row of the error's own class, else of its nearest ancestor; INCIDENT when nobody foresaw it."""
    for known in type(error).__mro__:
        row = ROWS.get(known)
        if row is not None:
            return row
    return INCIDENT


def fault_of(error: BaseException, incident_id: str) -> Fault:
    """The fault for an error; `incident_id` is told where the text must not be."""
    row = row_of(error)
    if row.tells:
        text = error.message if isinstance(error, errors.BillingError) else str(error)
    else:
        text = f"the call could not be carried out, nothing is wrong with it; incident {incident_id}"
    return Fault(row.fault_code, text, JavaThrowable(row.java_class, text))
