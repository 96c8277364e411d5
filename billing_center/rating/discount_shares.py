"""What promotions over an invoice take off its lines: one discount, shared over them to the minor unit. Pure.

A promotion takes its percentage or amount off what its lines come to as money, and the largest remainders share
it, so the shares add up to the discount and none is more than its line. Percentages go first, then amounts, then
by id; each sees what the ones before it left. The order of the lines does not matter.
Where it stands in the walk: between the running sums and the lines, `invoice/make_invoice.py`.
Design: billing rules, "Promotions"; docs/prices.md, "Promotions over an invoice".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing_center.ids import NONE
from billing_center.money import allocate, minor_unit, plain, to_minor_unit
from billing_center.rating.facts import Cause, Charge
from billing_center.rating.growth import EXACT
from billing_center.rating.price_version import Promotion
from billing_center.rating.promotion import fitting
from billing_center.rating.promotion_stack import place_of

DISCOUNT = "discount"
"""The components of shares begin with it; currency, order and product follow."""

_ZERO, _HUNDRED = Decimal(0), Decimal(100)
LineKey = tuple[str, str, str]
"""Order, product and currency of a line."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one promotion takes off one line."""

    promotion_id: str
    line: LineKey
    money: Decimal  # what the printed line loses
    rated: Decimal  # what is charged less: the line's whole rated amount where nothing is left of it
    words: str  # how it came about


def shares_of(lines: Sequence[tuple[LineKey, Decimal]], promotions: Sequence[Promotion]) -> list[Share]:
    """The shares of every promotion, in the order in which they work; lines come with their rated amounts.

    Only lines of more than nothing, as money, take part. Raises: OutOfRange for a currency that is not kept.
    """
    left = dict(sorted(lines))
    found: list[Share] = []
    for promotion in sorted(promotions, key=place_of):
        for currency in sorted({currency for _, _, currency in left}):
            for share in _shared(promotion, currency, left):
                left[share.line] -= share.rated
                found.append(share)
    return found


def _shared(promotion: Promotion, currency: str, left: dict[LineKey, Decimal]) -> list[Share]:
    money = {
        key: amount
        for key, rated in left.items()
        if key[2] == currency
        and (not promotion.product_ids or key[1] in promotion.product_ids)
        and (amount := to_minor_unit(rated, currency)) > 0
    }
    if not money or (promotion.together and promotion.product_ids - {product for _, product, _ in money}):
        return []
    whole = sum(money.values(), _ZERO)
    if promotion.percent_off:
        percent = EXACT.divide(EXACT.multiply(whole, promotion.percent_off), _HUNDRED)
        discount = to_minor_unit(percent, currency)
        what = f"{plain(promotion.percent_off)}% of"
    else:
        discount = to_minor_unit(min(promotion.amount_off.get(currency, _ZERO), whole), currency)
        what = f"{plain(discount, least_digits=2)} off"
    discount = min(discount, whole)
    parts = allocate(discount, list(money.values()), unit=minor_unit(currency))
    lines = "one line" if len(money) == 1 else f"{len(money)} lines"
    words = f"promotion {promotion.promotion_id}: {what} {lines} of {plain(whole, least_digits=2)} {currency}"
    return [
        Share(promotion.promotion_id, key, part, left[key] if part == amount else part, words)
        for (key, amount), part in zip(money.items(), parts, strict=True)
        if part
    ]


def discount_charges(shares: Sequence[Share], *, payer_id: str, day: date) -> Iterator[Charge]:
    """The shares as charges of the period's last day: negative, without quantity, list amount and meter."""
    for share in shares:
        order_id, product_id, currency = share.line
        yield Charge(
            day=day, payer_id=payer_id, cause=Cause.PROMOTION, cause_id=share.promotion_id,
            component=fitting(f"{DISCOUNT} {currency} {order_id} {product_id}"), order_id=order_id,
            product_id=product_id, user_id=NONE, currency=currency, quantity=_ZERO, amount=-share.rated,
            list_amount=_ZERO, meter=None, reading_before=_ZERO, reading_after=_ZERO, version_id=NONE,
            promotion_id=share.promotion_id, note=share.words,
        )  # fmt: skip
