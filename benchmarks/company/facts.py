"""What happens to a company, as plain values; instants are aware."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PayerFact:
    """A payer and the day on which it is billed."""

    payer_id: str
    billing_day: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderFact:
    """An order line as the order system installs it; `billing_type` is its word: 次, 日, 月 or 年."""

    order_id: str
    cust_id: str
    payer_id: str
    product_id: str
    billing_type: str
    start_at: datetime
    is_quota: bool = False
    features: Mapping[str, str] = field(default_factory=dict)

    @property
    def start_day(self) -> date:
        """The civil day of opening, in the zone that `start_at` carries."""
        return self.start_at.date()


@dataclass(frozen=True, slots=True)
class StateFact:
    """An order goes to another state at an instant."""

    at: datetime
    order_id: str
    payer_id: str
    state: str  # SUSPENDED or ACTIVE


@dataclass(frozen=True, slots=True)
class AccountFact:
    """A payer has so many accounts of a product from an instant on."""

    at: datetime
    payer_id: str
    product_id: str
    accounts: int


@dataclass(frozen=True, slots=True)
class UseFact:
    """One act of use, reported at `at`; late when it began long before. A repeat has the guid of the first."""

    at: datetime
    guid: str  # "" = told apart by its content
    user_id: str
    payer_id: str  # "" = the payer of the user's order
    product_id: str
    started_at: datetime
    ended_at: datetime
    quantity: Decimal
    unit: str
