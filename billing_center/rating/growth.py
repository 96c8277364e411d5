"""The one principle: what a piece costs is the growth of its meter's price, F(after) - F(before).

F is rounded to six decimals each time and the difference never is, so that pieces add up, exactly, to the
price of the total, in any split and any order. Design: billing rules, "One principle".
"""

from decimal import ROUND_HALF_UP, Context, Decimal, getcontext, setcontext

from billing_center.money import RATED_SCALE
from billing_center.rating.price_version import PriceFunction

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Arithmetic of price functions: products of two stored numbers fit whole, quotients have digits to spare.

It is shared by all threads and never changed; entering a copy for every use would cost more than the price.
"""

_GUARD = Decimal(1).scaleb(-30)
_ZERO = Decimal(0)


def rated_price(function: PriceFunction, reading: Decimal) -> Decimal:
    """F(reading) at six decimals, half up (away from zero when negative), in the price's currency.

    A reading below zero (more was withdrawn than this scope had counted) is a credit: F(-q) = -F(q).
    """
    outer = getcontext()
    setcontext(EXACT)
    try:
        if reading < _ZERO:
            return -function.price(-reading).quantize(RATED_SCALE)
        return function.price(reading).quantize(RATED_SCALE)
    finally:
        setcontext(outer)


def growth(function: PriceFunction, before: Decimal, after: Decimal) -> Decimal:
    """What it costs that a meter went from `before` to `after`: rated F(after) - rated F(before).

    Currency: that of the price. Six decimals, exact. May be negative (a volume price that falls at a
    tier's edge), and that is right. Design: billing rules, "One principle".
    """
    return EXACT.subtract(rated_price(function, after), rated_price(function, before))


def closed(quotient: Decimal) -> Decimal:
    """What was worked out from an endless quotient, closed at thirty decimals, half up: 59.999... is 60.

    A price function that goes on reckoning with a quotient hands its result through here, so that rounding
    to six decimals sees the number that was meant, a true half above all. One that divides last needs not.
    Works under the precision of EXACT, as price functions do.
    """
    return quotient.quantize(_GUARD, ROUND_HALF_UP)
