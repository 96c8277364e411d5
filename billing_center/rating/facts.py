"""The values that rating takes and returns. No database, no clock, no settings: facts in, charges out.

Design: billing rules, "One principle: rating is the growth of a meter".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from billing_center.ids import NONE


class PlanKind(StrEnum):
    """What is sold, hence what the meter counts and over which scope."""

    PER_USE = "per_use"  # units of use, over the period
    DAY = "day"  # active days, over the period
    ACCOUNT_DAY = "account_day"  # sum over days of the day's largest number of accounts, over the period
    MONTH = "month"  # active days of the period: F(d) = price x d / days in the period
    YEAR = "year"  # active days of the service year: F(d) = price x d / days in the year


class Cause(StrEnum):
    """What kind of fact a charge came from."""

    USE = "use"
    DAY = "day"
    WITHDRAWAL = "withdrawal"  # a use was withdrawn: its growth is taken back
    RERATE_USE = "rerate_use"  # a use was rated anew: the difference
    RERATE_DAY = "rerate_day"  # an order's day was rated anew: the difference
    PACKAGE = "package"  # a package of units was sold; the cause's id is the grant's
    TRUE_UP = "true_up"  # a period of an order that came to less than was committed
    PROMOTION = "promotion"  # a line's share of a discount over the invoice; the cause's id is the promotion's


OF_USE = frozenset({Cause.USE, Cause.WITHDRAWAL, Cause.RERATE_USE})
"""The causes whose `cause_id` is a usage event; that of days and true-ups is an order."""


@dataclass(frozen=True, slots=True)
class Use:
    """A collected usage event whose payer is known. Instants are UTC; quantity is in the event's own unit."""

    event_id: str
    payer_id: str
    user_id: str
    product_id: str
    order_id: str  # the payer's order it falls under, or "-"
    started_at: datetime
    ended_at: datetime
    quantity: Decimal | None
    unit: str  # "" = the plan's own unit
    amount: Decimal | None = None  # already priced by the caller: rating is skipped


@dataclass(frozen=True, slots=True)
class OrderDay:
    """One order on one civil day, on which it was active for some moment unless `active` says otherwise.

    `accounts` is the largest number in force at any moment of the day while the order was active.
    """

    order_id: str
    payer_id: str
    product_id: str
    plan: PlanKind
    day: date
    order_start: date  # first day of the order; anchors the service year
    accounts: Decimal = Decimal(0)
    active: bool = True  # False matters to days that were charged in advance, which are given back
    last: bool = False  # the order ended on this day


@dataclass(frozen=True, slots=True, order=True)
class MeterKey:
    """Names one meter: what is counted, for whom, over which scope, under which price version."""

    payer_id: str
    product_id: str
    order_id: str  # "-" where the plan meters per payer
    scope: str  # first day of the period as YYYY-MM-DD, or "ever"
    version_id: str  # the price version, or "-" for a free allowance that outlives versions
    component: str  # which price of the version: currency, variant, band; or "allowance", "promotion"


@dataclass(slots=True)
class Meters:
    """The readings that a batch needs, advanced as it is rated; `touched` ones are written back."""

    readings: dict[MeterKey, Decimal] = field(default_factory=dict)
    touched: set[MeterKey] = field(default_factory=set)

    def advance(self, key: MeterKey, by: Decimal) -> tuple[Decimal, Decimal]:
        """Let the meter grow; returns its reading before and after."""
        before = self.readings.get(key, Decimal(0))
        after = before + by
        self.readings[key] = after
        self.touched.add(key)
        return before, after


@dataclass(frozen=True, slots=True)
class Charge:
    """The growth of a meter, priced: a rated amount (six decimals) with all that explains it.

    Unique by (day, payer, cause, component). `amount` is with promotions, `list_amount` without them.
    """

    day: date
    payer_id: str
    cause: Cause
    cause_id: str  # the usage event, or the order
    component: str
    order_id: str
    product_id: str
    user_id: str
    currency: str
    quantity: Decimal
    amount: Decimal
    list_amount: Decimal
    meter: MeterKey | None  # None when the caller had priced it
    reading_before: Decimal
    reading_after: Decimal
    version_id: str
    promotion_id: str = NONE
    note: str = ""  # "free: first 7 days", "priced by the caller"


class GrantKind(StrEnum):
    """What a granted balance holds."""

    UNITS = "UNITS"  # of use, in the unit of the product's plan
    MONEY = "MONEY"


@dataclass(frozen=True, slots=True)
class Grant:
    """A balance that was granted to a payer: units of a product, or money for one product or any ('-').

    It holds for what happens on the days [valid_from, valid_to).
    """

    grant_id: str
    kind: GrantKind
    product_id: str
    quantity: Decimal
    currency: str  # of money; "" for units
    valid_from: date
    valid_to: date | None
    priority: int  # lower ones are burned first


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one order or payer when a fact is rated, beside the price version."""

    currency: str
    period: "PeriodOfDay"
    features: Mapping[str, str] = field(default_factory=dict)
    first_opening: date | None = None  # the payer's first opening (first use) of the product, ever
    order_start: date | None = None  # first day of the use's order; needed where its promotion gives free days
    grants: tuple[Grant, ...] = ()  # the payer's, in any order
    factor: Decimal | None = None  # the value of the version's factor when the use began
    earlier_periods: tuple[date, ...] = ()  # first days of the payer's periods before this one, the latest first


@dataclass(frozen=True, slots=True)
class PeriodOfDay:
    """The payer's billing period of the fact's day: its first day, and the regular period's length in days.

    `end` is the first day after it; charges in advance need it.
    """

    start: date
    whole_days: int
    end: date | None = None
