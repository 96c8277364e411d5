"""How single fields of a catalog file are read from their text, and the one way in which a rule is reported.

Every scalar arrives as the text that stands in the file, so that 1.50 is the decimal 1.50.
"""

import re
from datetime import date, time
from decimal import Decimal

from pydantic_core import PydanticCustomError

from billing_center.errors import BillingError
from billing_center.money import currency_code, exact
from billing_center.rating.models import BadParameter, Standard

RULE = "catalog_rule"
"""The type of every error that `broken` makes."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)


def broken(text: str, *, field: str = "") -> PydanticCustomError:
    """The error for a broken rule, to be raised by a validator; `field` is the path below the validated value."""
    return PydanticCustomError(RULE, "{text}", {"text": text, "field": field})


def identifier(value: object) -> object:
    """An id: text without blanks or control characters, in any script."""
    if isinstance(value, str) and (not value.isprintable() or any(c.isspace() for c in value)):
        raise broken("must not hold blanks or control characters")
    return value


def currency_field(value: object) -> str:
    """A currency of the center, or one of its 2009 names (RMB, TWB, ...), as its ISO code."""
    if not isinstance(value, str):
        raise broken("must be a currency code like CNY")
    try:
        return currency_code(value)
    except BillingError as error:
        raise broken(error.message) from None


def day(value: object) -> date:
    """A civil day as YYYY-MM-DD."""
    if isinstance(value, str) and _DAY.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise broken(f"{value} is no day of the calendar") from None
    raise broken("must be a day like 2026-03-01")


def positive(value: object) -> Decimal:
    """A decimal above 0 with at most six decimals."""
    number = _decimal(value)
    if number <= 0:
        raise broken("must be above 0")
    return number


def percent(value: object) -> Decimal:
    """A decimal above 0, at most 100. A percent sign may follow."""
    number = positive(value.removesuffix("%").rstrip() if isinstance(value, str) else value)
    if number > 100:
        raise broken("must be at most 100")
    return number


def unit_price(value: object) -> str:
    """The price of one unit, as the standard charge model reads it."""
    try:
        return str(Standard.from_params({"price": value}).to_params()["price"])
    except BadParameter as error:
        raise broken(error.message.removeprefix("price ")) from None


def clock_time(value: object) -> time:
    """A time of day as HH:MM; 24:00 is the midnight that ends the day."""
    if isinstance(value, str):
        if value == "24:00":
            return time(0)
        found = _CLOCK.match(value)
        if found:
            return time(int(found[1]), int(found[2]))
    raise broken("must be a time of day like 08:30")


def weekday_set(value: object) -> frozenset[int]:
    """A list of weekdays and stretches of them: [mon-fri], [sat, sun], [fri-mon]."""
    if not isinstance(value, list) or not value:
        raise broken("must be a list of weekdays like [mon-fri] or [sat, sun]")
    days: set[int] = set()
    for member in value:
        first, _, last = str(member).strip().lower().partition("-")
        if first not in WEEKDAYS or (last and last not in WEEKDAYS):
            raise broken(f"{member} is no weekday; known: {', '.join(WEEKDAYS)}, and stretches like mon-fri")
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days.update((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    return frozenset(days)


def _decimal(value: object) -> Decimal:
    if not isinstance(value, str):
        raise broken("must be a number")
    try:
        return exact(value.strip(), field="the number")
    except BillingError as error:
        raise broken(error.message) from None
