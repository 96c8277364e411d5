"""Several promotions of one order are one promotion: which may stand together, and what they give together.

Their places are fixed: free days, free uses, percentages, amounts, and within a place by id. So the same
promotions named in another order are the same stack, with the same id, the same meters and the same price.
Where it stands in the walk: an order names promotions (`order/promise_promotion.py`), rating finds the stack
under its id among the catalog's promotions. Design: billing rules, "Promotions"; docs/prices.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from billing_center.rating.growth import EXACT
from billing_center.rating.price_version import Promotion

SEPARATOR = ","
"""Between the ids of a stack; no promotion's id holds it."""

LONGEST_STACK = 200
"""Characters of a stack's id that the tables hold."""

_ZERO, _HUNDRED = Decimal(0), Decimal(100)


def named(text: str) -> tuple[str, ...]:
    """The ids in `welcome, minus20`; none in a blank text."""
    return tuple(part.strip() for part in text.split(SEPARATOR) if part.strip())


def stack_id(promotions: Iterable[Promotion]) -> str:
    """The ids in the order in which the promotions work; "" for none."""
    return SEPARATOR.join(promotion.promotion_id for promotion in sorted(promotions, key=place_of))


def place_of(promotion: Promotion) -> tuple[bool, int, str]:
    """Sorts promotions into the order in which they work: those over the invoice last."""
    benefits = (promotion.free_days, promotion.free_uses, promotion.percent_off, promotion.amount_off)
    place = next((n for n, given in enumerate(benefits) if given), len(benefits))
    return promotion.over_invoice, place, promotion.promotion_id


def against(promotions: Sequence[Promotion]) -> str:
    """Why these do not go together on one order; "" when they do."""
    for one, other in combinations(promotions, 2):
        first, second = one.promotion_id, other.promotion_id
        if first == second:
            return f"names {first} twice"
        if one.exclusive or other.exclusive:
            alone, beside = (first, second) if one.exclusive else (second, first)
            return f"{alone} stands alone, not with {beside}"
        if second in one.not_with or first in other.not_with:
            return f"{first} does not go with {second}"
        if one.free_days and other.free_days:
            return f"{first} and {second} both give free days"
        if one.free_uses and other.free_uses:
            return f"{first} and {second} both give free uses"
    if len(stack_id(promotions)) > LONGEST_STACK:
        return f"names more than {LONGEST_STACK} characters of promotions"
    return ""


def stacked(promotions: Sequence[Promotion]) -> Promotion:
    """One promotion that gives what these give together on an order; a single one is itself.

    Percentages are taken off one after the other, so 10 and 20 leave 72 of 100; amounts add up.
    """
    if len(promotions) == 1:
        return promotions[0]
    remaining = _HUNDRED
    amounts: dict[str, Decimal] = {}
    for promotion in promotions:
        left = EXACT.divide(_HUNDRED - promotion.percent_off, _HUNDRED)
        remaining = EXACT.multiply(remaining, left)
        for currency, amount in promotion.amount_off.items():
            amounts[currency] = amounts.get(currency, _ZERO) + amount
    return Promotion(
        stack_id(promotions),
        name=" + ".join(p.name or p.promotion_id for p in sorted(promotions, key=place_of)),
        percent_off=EXACT.subtract(_HUNDRED, remaining),
        amount_off=amounts,
        free_days=max(p.free_days for p in promotions),
        free_uses=max(p.free_uses for p in promotions),
    )


class Promotions(Mapping[str, Promotion]):
    """The catalog's promotions by id; the id of a stack finds what its promotions give together."""

    def __init__(self, listed: Mapping[str, Promotion]) -> None:
        self._listed = dict(listed)
        self._stacks: dict[str, Promotion] = {}
        self.over_invoices = frozenset(one.promotion_id for one in listed.values() if one.over_invoice)

    def __getitem__(self, promotion_id: str) -> Promotion:
        found = self._listed.get(promotion_id) or self._stacks.get(promotion_id)
        if found is None:
            if SEPARATOR not in promotion_id:
                raise KeyError(promotion_id)
            found = stacked([self._listed[one] for one in named(promotion_id)])
            self._stacks[promotion_id] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)
