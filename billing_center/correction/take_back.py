"""Taking a fact back: rating it once more as if it were the last one that came, and booking that negative. Pure.

Meters telescope: taking q back from a meter that reads r costs F(r - q) - F(r), whatever came in between, and
leaves every total as if the fact had never been. Nothing here knows a price shape, a band, a fee or a
promotion: the fact is rated by `rate_use` and `rate_day` themselves, on meters without it.
Design: billing rules, "A correction never edits"; field problem 25.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_center.correction.position import ZERO, Position
from billing_center.errors import Refused
from billing_center.rating.allowance import allowance_key
from billing_center.rating.facts import Charge, MeterKey, Meters, OrderDay, PlanKind, Terms, Use
from billing_center.rating.grants import balances_of
from billing_center.rating.price_version import Allowance, Metered, PriceVersion, Product, Promotion
from billing_center.rating.promotion import promotion_key
from billing_center.rating.rate_day import rate_day
from billing_center.rating.rate_use import rate_use
from billing_center.rating.unit_conversion import Unit, in_unit, unit_of

Rate = Callable[[Meters], Sequence[Charge]]


@dataclass(frozen=True, slots=True)
class UseCharged:
    """A use with what it is rated by: to take it back, the terms that it was charged under."""

    use: Use
    product: Product
    version: PriceVersion | None
    terms: Terms
    promotion: Promotion | None

    def rate(self, meters: Meters, zone: ZoneInfo) -> list[Charge]:
        """Its charges, as `rate_use` makes them."""
        return rate_use(
            self.use, product=self.product, version=self.version, terms=self.terms, promotion=self.promotion,
            meters=meters, zone=zone,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayCharged:
    """An order's day with what it is rated by."""

    day: OrderDay
    product: Product
    version: PriceVersion
    terms: Terms
    promotion: Promotion | None

    def rate(self, meters: Meters) -> list[Charge]:
        """Its charge, as `rate_day` makes it."""
        return rate_day(
            self.day, product=self.product, version=self.version, terms=self.terms, promotion=self.promotion,
            meters=meters,
        )  # fmt: skip


def take_back_use(position: Position, charged: UseCharged, meters: Meters, zone: ZoneInfo) -> list[Charge]:
    """The negative charges that leave nothing of the use; the meters shrink. Empty when nothing is left of it.

    Free units go back exactly as many as it had, whatever the allowance gives today.
    Raises: Refused when rating it again does not come to what it was charged (its promotion was changed since),
    and for meters that are no sum (largest, latest, unique users): what one use added depends on the others.
    """
    if not position.live:
        return []
    if charged.version is not None and charged.version.metered not in (Metered.SUM, Metered.COUNT, Metered.TIME):
        message = f"{charged.version.version_id} meters {charged.version.metered}: such a use cannot be taken back"
        raise Refused(message, field="use", cause_id=position.cause_id)
    use, growths = charged.use, position.growths
    forced: dict[MeterKey, Decimal] = {}
    size = unit_of(charged.version.unit).size if charged.version is not None else Decimal(1)
    free = allowance_key(use.payer_id, use.product_id)
    allowance = Allowance()
    if position.is_free_day:
        allowance = Allowance(days=1)
        charged = replace(charged, terms=replace(charged.terms, first_opening=position.day))
    elif free in growths:
        allowance = Allowance(uses=Decimal(1))
        forced[free] = size - growths[free]
    promotion = charged.promotion
    if promotion is not None and promotion.free_uses > 0:
        given = promotion_key(use.payer_id, use.product_id, use.order_id)
        forced[given] = promotion.free_uses * size - growths.get(given, ZERO)
    charged = replace(charged, product=replace(charged.product, allowance=allowance))
    if charged.version is not None and charged.use.amount is None:
        unit = unit_of(charged.version.unit)
        for balance in balances_of(use, charged.version, charged.terms, unit, position.day):
            forced[balance.key] = balance.limit - growths.get(balance.key, ZERO)
    unit = unit_of(charged.version.unit if charged.version is not None else "")
    made = _backwards(position, lambda trial: charged.rate(trial, zone), meters, forced)
    return [_shown_in(unit, charge) if charge.meter in forced else charge for charge in made]


def take_back_day(position: Position, charged: DayCharged, meters: Meters) -> list[Charge]:
    """The negative charge that leaves nothing of the order's day; the meters shrink. Empty when nothing is left.

    Raises: Refused as `take_back_use`.
    """
    if not position.live:
        return []
    allowance, terms = Allowance(), charged.terms
    if position.is_free_day:
        allowance, terms = Allowance(days=1), replace(terms, first_opening=position.day)
    day = charged.day
    if day.plan is PlanKind.ACCOUNT_DAY:
        day = replace(day, accounts=next(iter(position.live.values())).quantity)
    charged = replace(charged, day=day, product=replace(charged.product, allowance=allowance), terms=terms)
    return _backwards(position, charged.rate, meters, {})


def _backwards(position: Position, rate: Rate, meters: Meters, forced: Mapping[MeterKey, Decimal]) -> list[Charge]:
    growths = position.growths
    without = dict(meters.readings)
    for key, growth in growths.items():
        without[key] = without.get(key, ZERO) - growth
    without |= forced
    # Meters that no charge names (what a list amount grows on) are found by a first trial: how much they grow
    # does not depend on where they stand.
    trial = Meters(dict(without))
    rate(trial)
    hidden = {
        key: trial.readings[key] - without.get(key, ZERO)
        for key in trial.touched
        if key not in growths and key not in forced
    }
    for key, growth in hidden.items():
        without[key] = without.get(key, ZERO) - growth
    charges = rate(Meters(dict(without)))
    _check(position, charges)
    before = {key: meters.readings.get(key, ZERO) for key in growths}
    for key, growth in {**growths, **hidden}.items():
        if growth:
            meters.advance(key, -growth)
    return [_negative(charge, before) for charge in charges]


def _check(position: Position, charges: Sequence[Charge]) -> None:
    again = Position(
        position.day, position.payer_id, position.of_use, position.cause_id, position.order_id,
        position.product_id, position.user_id, position.rated_at,
    )  # fmt: skip
    for charge in charges:
        again.add(charge)
    loose = {slot: (net.quantity, net.amount) for slot, net in position.live.items() if slot.meter is None}
    again_loose = {slot: (net.quantity, net.amount) for slot, net in again.live.items() if slot.meter is None}
    if again.growths != position.growths or loose != again_loose:
        what = "use" if position.of_use else "day of order"
        message = f"{what} {position.cause_id} on {position.day} was charged under terms that have changed since"
        raise Refused(message, field="promotion", cause_id=position.cause_id)


def _negative(charge: Charge, before: Mapping[MeterKey, Decimal]) -> Charge:
    now = before.get(charge.meter, ZERO) if charge.meter is not None else ZERO
    growth = charge.reading_after - charge.reading_before
    return replace(
        charge, quantity=-charge.quantity, amount=-charge.amount, list_amount=-charge.list_amount,
        reading_before=now, reading_after=now - growth,
    )  # fmt: skip


def _shown_in(unit: Unit, charge: Charge) -> Charge:
    """With the quantity of the true readings: the trial's were moved so that just these units were free."""
    quantity = in_unit(charge.reading_after, unit) - in_unit(charge.reading_before, unit)
    return replace(charge, quantity=quantity)
