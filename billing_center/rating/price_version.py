"""Products, price versions and promotions as rating sees them: values, read from the catalog, never edited.

Design: billing rules, "Shapes of F" and "Promotions".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from billing_center.rating.facts import PlanKind


class PriceFunction(Protocol):
    """F: the price of a meter's whole reading. The result is unrounded; `growth` rounds it to six decimals."""

    def price(self, reading: Decimal) -> Decimal:
        """The price of `reading` units, in the price's currency. F(0) need not be 0."""
        ...


class MeterPer(StrEnum):
    """Whose uses or days one meter counts."""

    PAYER = "payer"
    ORDER = "order"


class Metered(StrEnum):
    """What a meter of uses reads."""

    SUM = "sum"  # of quantities
    COUNT = "count"  # uses
    MAX = "max"  # the largest quantity of one use
    UNIQUE = "unique"  # users
    LATEST = "latest"  # the quantity of the use that began last
    TIME = "time"  # quantity x hours


class Proration(StrEnum):
    """How a month's or year's price is divided over its days."""

    ACTUAL_DAYS = "actual_days"  # by the days that the period has
    MONTHS_OF_30 = "months_of_30"  # a day is a thirtieth of a month, a whole period its price


@dataclass(frozen=True, slots=True)
class Band:
    """A band of hours and weekdays in the business time zone: [start, end), end 00:00 means midnight.

    `weekdays` holds 0 (Monday) to 6; a band may run over midnight (start later than end). A band with `days` (of
    the named `calendar`) begins on these instead, and goes before all bands without.
    """

    name: str
    start: time
    end: time
    weekdays: frozenset[int] = frozenset(range(7))
    calendar: str = ""
    days: frozenset[date] | None = None

    def begins_on(self, day: date) -> bool:
        """Whether one of its stretches begins on the day."""
        return day.weekday() in self.weekdays if self.days is None else day in self.days


@dataclass(frozen=True, slots=True)
class Price:
    """One price of a version: for a currency, orders whose features match `when`, and a band (None: any time)."""

    component: str  # unique within the version, stable: it is part of the meter's and the charge's key
    currency: str
    function: PriceFunction
    when: Mapping[str, str] = field(default_factory=dict)
    band: str | None = None


@dataclass(frozen=True, slots=True)
class Included:
    """Units of use that each period includes; what is left of them holds for `carry_over` more periods."""

    units: Decimal
    carry_over: int = 0


@dataclass(frozen=True, slots=True)
class PriceVersion:
    """The prices of one plan of a product over a range of days [valid_from, valid_to)."""

    version_id: str
    product_id: str
    plan: PlanKind
    unit: str
    meter_per: MeterPer
    valid_from: date
    valid_to: date | None
    prices: tuple[Price, ...]
    bands: tuple[Band, ...] = ()
    commitment: Mapping[str, Decimal] = field(default_factory=dict)  # per currency, each order's whole period
    in_advance: bool = False  # the scope's days are charged on its first active day, unused ones given back
    proration: Proration = Proration.ACTUAL_DAYS
    included: Included | None = None
    metered: Metered = Metered.SUM
    factor: str = ""  # a named factor that multiplies what each use adds to its meter

    def in_force_on(self, day: date) -> bool:
        """Whether the version's validity holds the day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Free for the first N days, or the first N units of use, of the payer's first opening ever."""

    days: int = 0
    uses: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Promotion:
    """What a productStrategyId names; limits are checked when an order is accepted.

    One of the catalog has exactly one benefit; several of one order make one with several (`promotion_stack`).
    """

    promotion_id: str
    name: str = ""
    percent_off: Decimal = Decimal(0)  # 0 to 100
    amount_off: Mapping[str, Decimal] = field(default_factory=dict)  # per currency, off each meter's scope
    free_days: int = 0  # from the order's first day
    free_uses: Decimal = Decimal(0)  # of the order, ever
    first_time_only: bool = False
    valid_from: date | None = None
    valid_to: date | None = None  # not included
    max_redemptions: int | None = None
    product_ids: frozenset[str] = frozenset()  # empty = every product
    exclusive: bool = False  # an order that names it names no other
    not_with: frozenset[str] = frozenset()  # promotions that an order cannot name beside it
    over_invoice: bool = False  # taken off lines of the payer's invoices, not off the order (`discount_shares`)
    together: bool = False  # over an invoice: only where each of its products has a line
    periods: int | None = None  # over an invoice: so many billing periods; None = while the order is


@dataclass(frozen=True, slots=True)
class Product:
    """A product item and every price version of its plans."""

    product_id: str
    name: str
    on_sale: bool
    currency: str  # used where the payer's own currency has no price
    versions: tuple[PriceVersion, ...]
    allowance: Allowance = Allowance()
