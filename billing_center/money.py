"""Money and quantities: exact decimals, and the one crossing from rated amounts to money.

A *rated amount* has six decimals and is what charges and running sums hold. *Money* has the currency's
minor unit and is what invoice lines hold. `to_minor_unit` is the only function that goes from one to the
other, and it is called where lines are made. Design: billing rules, "One principle".
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache

from billing_center.errors import OutOfRange, WrongValue

RATED_SCALE = Decimal("0.000001")
"""Rated amounts and quantities keep six decimals."""

_WIDE = Context(prec=60)
"""Digits to spare; shared by all threads and never changed."""

LARGEST = Decimal("1000000000000")
"""Amounts and quantities stay below 10^12, so that a scaled 64-bit integer holds them on every database."""

MINOR_DIGITS: dict[str, int] = {
    "CNY": 2, "TWD": 2, "USD": 2, "HKD": 2, "EUR": 2, "GBP": 2, "SGD": 2, "AUD": 2, "CAD": 2, "CHF": 2,
    "MOP": 2, "THB": 2, "MYR": 2, "INR": 2, "JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3,
}  # fmt: skip
"""Decimals of each currency's minor unit (ISO 4217)."""

CURRENCY_ALIASES = {"RMB": "CNY", "CNH": "CNY", "TWB": "TWD", "NTD": "TWD", "USDOLLAR": "USD", "GB": "HKD"}
"""Names that callers of the 2009 interfaces use for a currency."""


def currency_code(text: str) -> str:
    """The ISO 4217 code that a caller's word means; raises OutOfRange for a currency the center does not keep."""
    word = text.strip().upper()
    code = CURRENCY_ALIASES.get(word, word)
    if code not in MINOR_DIGITS:
        raise OutOfRange(f"currency {text.strip()!r} is not one that the center keeps", field="currency")
    return code


def exact(value: Decimal | int | str, *, field: str = "value") -> Decimal:
    """A finite decimal of at most six decimals below 10^12, unchanged in value.

    Raises: WrongValue for a float or text that is no number; OutOfRange when digits would be lost.
    """
    if isinstance(value, float):
        raise WrongValue(f"{field} must be a decimal, never a binary float", field=field)
    try:
        number = Decimal(value)
    except (ArithmeticError, TypeError, ValueError):
        raise WrongValue(f"{field} must be a decimal number", field=field) from None
    if not number.is_finite():
        raise WrongValue(f"{field} must be a finite number", field=field)
    if abs(number) >= LARGEST:
        raise OutOfRange(f"{field} must be below 1,000,000,000,000", field=field)
    kept = number.quantize(RATED_SCALE, rounding=ROUND_DOWN)
    if kept != number:
        raise OutOfRange(f"{field} must have at most six decimals", field=field)
    return number


def rated(value: Decimal) -> Decimal:
    """A price function's result at six decimals, rounded half up (away from zero when negative)."""
    with localcontext(prec=60):
        return value.quantize(RATED_SCALE, rounding=ROUND_HALF_UP)


@cache
def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 CNY, 1 JPY. Raises OutOfRange for an unknown currency."""
    try:
        return Decimal(1).scaleb(-MINOR_DIGITS[currency])
    except KeyError:
        raise OutOfRange(f"currency {currency!r} is not one that the center keeps", field="currency") from None


def to_minor_unit(amount: Decimal, currency: str) -> Decimal:
    """The one place where a rated amount becomes money: half up to the currency's minor unit.

    Half up means away from zero at the half, so that a credit mirrors its charge.
    Called where invoice lines are made, and nowhere else. Design: billing rules, "One principle".
    """
    return amount.quantize(minor_unit(currency), ROUND_HALF_UP, _WIDE)


def to_minor_units(amounts: Sequence[int], currency: str) -> list[int]:
    """`to_minor_unit` for many amounts of one currency, in and out as whole millionths.

    Raises: OutOfRange for an unknown currency.
    """
    unit = int(minor_unit(currency).scaleb(6))
    half = unit // 2
    return [(n + half) // unit * unit if n >= 0 else -((half - n) // unit * unit) for n in amounts]


def minor_texts(amounts: Sequence[int], currency: str) -> list[str]:
    """Money in whole millionths as plain text with its currency's decimals: 12.50, 980, 1.125."""
    digits = MINOR_DIGITS[currency]
    if not digits:
        return [str(n // 10**6) for n in amounts]
    form, unit, size = f"%d.%0{digits}d", 10 ** (6 - digits), 10**digits
    texts = [form % divmod(abs(n) // unit, size) for n in amounts]
    if min(amounts, default=0) >= 0:
        return texts
    return [f"-{text}" if n < 0 else text for n, text in zip(amounts, texts, strict=True)]


def allocate(total: Decimal, weights: Sequence[Decimal], *, unit: Decimal) -> list[Decimal]:
    """Split `total` (a multiple of `unit`) in proportion to non-negative `weights`, losing nothing.

    Each share is a multiple of `unit`; the rest goes to the largest remainders, earlier ones first.
    Raises: OutOfRange when the total is no multiple of the unit or no weight is positive.
    """
    whole = sum(weights, Decimal(0))
    if whole <= 0 or any(w < 0 for w in weights):
        raise OutOfRange("weights must not be negative and one of them must be positive", field="weights")
    with localcontext(prec=60):
        units = abs(total) / unit
        if units != units.to_integral_value():
            raise OutOfRange(f"the total must be a multiple of {unit}", field="total")
        exact_shares = [units * w / whole for w in weights]
        floors = [share.to_integral_value(rounding=ROUND_DOWN) for share in exact_shares]
        left = int(units - sum(floors))
        by_remainder = sorted(range(len(weights)), key=lambda i: (floors[i] - exact_shares[i], i))
        for i in by_remainder[:left]:
            floors[i] += 1
        sign = -1 if total < 0 else 1
        return [sign * share * unit for share in floors]


def plain(amount: Decimal, *, least_digits: int = 0) -> str:
    """The shortest plain text of a decimal with at least `least_digits` decimals: 18.750000 with 2 is 18.75."""
    text = format(amount, "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(least_digits, "0")
    return f"{whole}.{fraction}" if fraction else whole
