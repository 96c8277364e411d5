"""How an outbound call ended, as the outbox keeps it.

Where it stands in the walk: under `account_system` and `order_system`. What is not known to have been taken is
sent again, under the same id.
"""

from collections.abc import Callable

from billing_center.outbox.message import Answer, Outcome
from rpc.client import AnswerUnknown, AnswerUnreadable, CallFailed, HttpStatus
from rpc.hessian import FaultReply, Value

LONGEST = 400


def answer_of(call: Callable[[], Value], meaning: Callable[[Value], Answer]) -> Answer:
    """The answer of a call, or what its failure means for the message.

    UNKNOWN when the other side may have taken it; REFUSED when it certainly did not.
    """
    try:
        return meaning(call())
    except FaultReply as fault:
        return Answer(Outcome.REFUSED, f"fault {fault.code}: {fault.message}"[:LONGEST])
    except (AnswerUnknown, AnswerUnreadable) as error:
        return Answer(Outcome.UNKNOWN, str(error)[:LONGEST])
    except HttpStatus as error:
        return Answer(Outcome.UNKNOWN if error.status >= 500 else Outcome.REFUSED, str(error)[:LONGEST])
    except CallFailed as error:
        return Answer(Outcome.REFUSED, str(error)[:LONGEST])
