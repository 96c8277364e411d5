"""What can happen in the demo's story: each act is a value that `doors` carries out at one of the public doors."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Install:
    """installOrder. It opens now, or on the day `start`."""

    order_id: str
    payer_id: str
    product_id: str
    billing_type: str
    customer: str = ""  # the payer itself when blank
    promotion: str = ""
    start: str = ""
    by_accounts: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """updateOrderState."""

    order_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """changeAccountNum."""

    payer_id: str
    product_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Use:
    """insertServiceOp. It happened now, or from `started` to `ended`."""

    user_id: str
    product_id: str
    quantity: str
    payer_id: str = ""
    unit: str = ""
    started: str = ""
    ended: str = ""
    guid: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """getTotalPrice."""

    product_id: str
    measure: str
    count: str
    currency: str
    features: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskArrears:
    """feedbackUser."""

    payer_id: str


@dataclass(frozen=True, slots=True)
class Behave:
    """From now on the payer behaves so when money is due, in the simulated account system."""

    payer_id: str
    behaviour: str
    details: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopUp:
    """The payer pays the account system what is open; it calls payCallback."""

    payer_id: str


@dataclass(frozen=True, slots=True)
class SetPayer:
    """`billing-center payer set`: an operator's act."""

    payer_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class LookAhead:
    """The payer's running invoice over REST, while the clock stands: what a real-time product has come to."""

    payer_id: str
    product_id: str


@dataclass(frozen=True, slots=True)
class CountParked:
    """How many uses are parked, over REST."""


@dataclass(frozen=True, slots=True)
class Trespass:
    """A product reports that an invoice is paid, which only the account system may."""

    invoice_id: str


Act = (
    Install
    | Change
    | Accounts
    | Use
    | Quote
    | AskArrears
    | Behave
    | TopUp
    | SetPayer
    | LookAhead
    | CountParked
    | Trespass
)


@dataclass(frozen=True, slots=True)
class Event:
    """One act at one moment of the business time zone, with the answer that the rules promise for it."""

    at: str  # 2026-01-05 10:00
    says: str
    act: Act
    answer: str = "1"
