"""What booking charges would add to running sums, each in the period that it would be billed in.

Where it stands in the walk: between rating in memory and the drafts that are made of sums.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import cache

from billing_center.foresight.rate_in_memory import PayerFacts
from billing_center.invoice.invoice import RunningSum
from billing_center.order.charged_in_period import SumKey
from billing_center.period import Period
from billing_center.rating.facts import Charge
from billing_center.rating.grants import GRANT

ZERO = Decimal(0)


def sums_of(charges: Iterable[Charge], facts: PayerFacts) -> list[RunningSum]:
    """What booking these charges would add to running sums: each in the period that it would be billed in."""
    period_of = billing_periods(facts)
    found: dict[tuple[str, date, str, str, str], list[Charge]] = {}
    for c in charges:
        start = period_of(c.payer_id, c.day).start
        found.setdefault((c.payer_id, start, c.order_id, c.product_id, c.currency), []).append(c)
    return [
        RunningSum(
            *key, period_of(key[0], together[0].day).end, facts.payers[key[0]].shard,
            sum((c.quantity for c in together), ZERO), sum((c.amount for c in together), ZERO),
            sum((c.list_amount for c in together), ZERO), len(together),
        )
        for key, together in found.items()
    ]  # fmt: skip


def before_credits(charges: Iterable[Charge], facts: PayerFacts) -> dict[SumKey, Decimal]:
    """What these charges come to without granted money, which commitments do not see."""
    return amounts_of(
        sums_of((c for c in charges if c.meter is None or not c.meter.component.startswith(GRANT)), facts)
    )


def billing_periods(facts: PayerFacts) -> Callable[[str, date], Period]:
    """The period that a payer's charge of a day would be billed in, each worked out once."""

    @cache
    def period_of(payer_id: str, day: date) -> Period:
        return facts.schedules[payer_id].period_of(max(day, facts.payers[payer_id].closed_until))

    return period_of


def merged(sums: Iterable[RunningSum]) -> list[RunningSum]:
    """Sums of one key added up."""
    found: dict[tuple[str, date, str, str, str], RunningSum] = {}
    for one in sums:
        key = (one.payer_id, one.period_start, one.order_id, one.product_id, one.currency)
        old = found.get(key)
        found[key] = one if old is None else RunningSum(
            *key, min(old.period_end, one.period_end), one.shard, old.quantity + one.quantity,
            old.amount + one.amount, old.list_amount + one.list_amount, old.charges + one.charges,
        )  # fmt: skip
    return list(found.values())


def amounts_of(sums: Iterable[RunningSum]) -> dict[SumKey, Decimal]:
    """The amount of each sum by what names it."""
    return {(s.payer_id, s.period_start, s.order_id, s.product_id, s.currency): s.amount for s in sums}
