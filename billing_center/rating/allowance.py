"""The product's own allowance: the first N days, or the first N units of use, of a payer's first opening ever.

Closing and opening again, another order or another price version gives no second allowance: its meter is
one per payer and product, for ever. Design: billing rules, mode 4.
"""

from datetime import date, timedelta
from decimal import Decimal

from billing_center.errors import MissingField
from billing_center.ids import NONE
from billing_center.rating.facts import MeterKey
from billing_center.rating.price_version import Allowance

ALLOWANCE = "allowance"
"""The component of the allowance's meter and of the zero charges that it gives."""

EVER = "ever"
"""The scope of a meter that never begins anew."""

ZERO = Decimal(0)


def allowance_key(payer_id: str, product_id: str) -> MeterKey:
    """The meter of the free units that a payer has taken of a product, ever; in base units."""
    return MeterKey(payer_id, product_id, NONE, EVER, NONE, ALLOWANCE)


def is_free_day(allowance: Allowance, first_opening: date | None, day: date) -> bool:
    """Whether a day is one of the N calendar days that begin with the first opening. Days before it are not.

    Raises: MissingField when the product gives free days and the first opening is not told: to guess would
    either charge a free day or give a second allowance.
    """
    if allowance.days <= 0:
        return False
    if first_opening is None:
        raise MissingField("the payer's first opening of the product is not told", field="first_opening")
    return within_first_days(day, first_opening, allowance.days)


def within_first_days(day: date, first: date, days: int) -> bool:
    """Whether `day` is one of the `days` calendar days from `first` on."""
    return first <= day < first + timedelta(days=days)


def free_units(limit: Decimal, taken: Decimal, asked: Decimal) -> Decimal:
    """How many of the `asked` units are free when `limit` are free in all and `taken` have been given."""
    return max(ZERO, min(asked, limit - taken))
