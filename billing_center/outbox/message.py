"""Messages to other systems as values: what is sent, what came back, and what sends it.

Where it stands in the walk: the bill run and service control put messages, `send_round` hands them to the
senders that the doors provide, and keeps every answer. Design: contract, chargeAccount; billing rules,
"Invoice, deduction, service control".
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from billing_center.errors import OutOfRange


class MessageKind(StrEnum):
    """Which system a message is for."""

    DEDUCTION = "DEDUCTION"  # an invoice, to the account system (chargeAccount)
    CONTROL = "CONTROL"  # suspend or resume one order, to the order system (controlService)
    ALERT = "ALERT"  # a spend threshold that was crossed, to whoever the alert webhook is


class MessageState(StrEnum):
    """Where a message is on its way."""

    WAITING = "WAITING"  # to be sent, now or when its wait is over
    SENT = "SENT"  # the receiver has accepted it
    HELD = "HELD"  # the last try failed: waits for a person
    SETTLED = "SETTLED"  # not needed any more: the outcome came before the message was accepted


class Outcome(StrEnum):
    """How one try ended."""

    ACCEPTED = "ACCEPTED"  # the receiver said "1"
    REFUSED = "REFUSED"  # the receiver said "2", or a fault: it did not take the message
    UNKNOWN = "UNKNOWN"  # time-out or broken connection: it may have taken it; the same id is sent again


@dataclass(frozen=True, slots=True)
class Message:
    """One message, claimed to be sent. `message_id` is the same on every try, so a repeat is recognised.

    `payload` is JSON; money in it is decimal strings. `seq` orders the messages of one subject.
    """

    message_id: str
    kind: MessageKind
    subject_id: str  # the invoice, or the order
    seq: int
    payer_id: str
    payload: str
    tries: int  # before this one
    lease_owner: str

    @property
    def fields(self) -> Mapping[str, Any]:
        """The payload, read."""
        read: dict[str, Any] = json.loads(self.payload)
        return read


class ReadyMessage(NamedTuple):
    """A message that is new for certain, its payload written as the outbox keeps it: JSON, its keys in order."""

    message_id: str
    subject_id: str
    seq: int
    payer_id: str
    shard: int
    payload: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How one try ended, and the receiver's words or the failure (no secrets; cut to 400 characters)."""

    outcome: Outcome
    text: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the receiver has the message for certain."""
        return self.outcome is Outcome.ACCEPTED


Sender = Callable[[Message], Answer]
"""Given by a door: sends one message over the network, outside any transaction, from any thread.

It returns an Answer for every way the other side may behave; it bounds its own time by `send_timeout_s`.
"""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to put into the outbox."""

    message_id: str
    kind: MessageKind
    subject_id: str
    seq: int
    payer_id: str
    shard: int
    payload: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not self.message_id or not self.subject_id or self.seq < 0:
            raise OutOfRange("a message has an id, a subject and a sequence number", field="message_id")
