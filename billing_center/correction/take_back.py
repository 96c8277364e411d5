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
from billing_center.rating.metered import BY_HISTORY, History
from billing_center.rating.price_version import Allowance, PriceVersion, Product, Promotion
from billing_center.rating.promotion import promotion_key
from billing_center.rating.rate_day import rate_day
from billing_center.rating.rate_use import rate_case, rate_use
from billing_center.rating.staged import StagedMeters
from billing_center.rating.unit_conversion import Unit, in_unit, unit_of
from billing_center.rating.use_case import UseCase

Rate = Callable[[Meters], Sequence[Charge]]


@dataclass(frozen=True, slots=True)
class _Known(History):
    """What a use adds to a reading that depends on others, when it is known already."""

    by: Decimal = ZERO

    def keys(self) -> tuple[MeterKey, ...]:
        """None: no meter needs to be asked."""
        return ()

    def grow(self, quantity: Decimal, staged: StagedMeters) -> Decimal:
        """As far as is known."""
        return self.by


@dataclass(frozen=True, slots=True)
class UseCharged:
    """A use with what it is rated by: to take it back, the terms that it was charged under."""

    use: Use
    product: Product
    version: PriceVersion | None
    terms: Terms
    promotion: Promotion | None
    grown: Decimal | None = None  # what it added to a reading that is no sum, in base units; None: work it out

    def rate(self, meters: Meters, zone: ZoneInfo) -> list[Charge]:
        """Its charges, as `rate_use` makes them."""
        if self.grown is None:
            return rate_use(
                self.use, product=self.product, version=self.version, terms=self.terms, promotion=self.promotion,
                meters=meters, zone=zone,
            )  # fmt: skip
        case = self._case(zone)
        if case.history is not None:
            history = case.history
            case.history = _Known(history.metered, history.key, history.mark, history.at, self.grown)
        return rate_case(case, meters)

    def history_keys(self, zone: ZoneInfo) -> tuple[MeterKey, ...]:
        """The meters beside the price meter that know the uses before it; none where a reading is a sum."""
        version = self.version
        if self.use.amount is not None or version is None or version.metered not in BY_HISTORY:
            return ()
        history = self._case(zone).history
        return () if history is None else history.keys()

    def remember(self, meters: Meters, zone: ZoneInfo) -> None:
        """Let only the meters grow that know the uses before it."""
        if self.history_keys(zone):
            case, staged = self._case(zone), StagedMeters(meters)
            if case.history is not None:
                case.history.grow(case.base, staged)
                staged.keep()

    def _case(self, zone: ZoneInfo) -> UseCase:
        return UseCase.of(self.use, self.product, self.version, self.terms, self.promotion, zone)


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

    Free units go back exactly as many as it had, whatever the allowance gives today; of a reading that is no sum
    (largest, latest, users) exactly what the use had added.
    Raises: Refused when rating it again does not come to what it was charged (its promotion was changed since).
    """
    if not position.live:
        return []
    exact = _exactly(charged, position)
    made = _backwards(position, lambda trial: exact.used.rate(trial, zone), meters, exact.forced)
    return [_shown_in(exact.unit, charge) if charge.meter in exact.forced else charge for charge in made]


def enter_use(wanted: Position, anew: UseCharged, meters: Meters, zone: ZoneInfo) -> list[Charge]:
    """The charges that let the use hold what is wanted of each meter, priced at today's readings; the meters grow.

    Raises: Refused when rating does not come to what is wanted.
    """
    exact = _exactly(anew, wanted)
    trial = Meters({**meters.readings, **exact.forced})
    before = dict(trial.readings)
    charges = exact.used.rate(trial, zone)
    _check(wanted, charges)
    now = {key: meters.readings.get(key, ZERO) for key in exact.forced}
    for key in trial.touched:
        growth = trial.readings[key] - before.get(key, ZERO)
        if growth:
            meters.advance(key, growth)
    return [_moved(charge, now, exact.unit) if charge.meter in now else charge for charge in charges]


@dataclass(frozen=True, slots=True)
class _Exactly:
    """A use whose rating can only come to what a position holds, and the readings that see to it."""

    used: UseCharged
    forced: Mapping[MeterKey, Decimal]
    unit: Unit


def _exactly(charged: UseCharged, position: Position) -> _Exactly:
    use, growths, version = charged.use, position.growths, charged.version
    forced: dict[MeterKey, Decimal] = {}
    unit = unit_of(version.unit if version is not None else "")
    free = allowance_key(use.payer_id, use.product_id)
    allowance, terms = Allowance(), charged.terms
    if position.is_free_day:
        allowance, terms = Allowance(days=1), replace(terms, first_opening=position.day)
    elif free in growths:
        allowance = Allowance(uses=Decimal(1))
        forced[free] = unit.size - growths[free]
    promotion = charged.promotion
    if promotion is not None and promotion.free_uses > 0:
        given = promotion_key(use.payer_id, use.product_id, use.order_id)
        forced[given] = promotion.free_uses * unit.size - growths.get(given, ZERO)
    grown = None
    if version is not None and use.amount is None:
        if version.metered in BY_HISTORY:
            loose = (net.quantity for slot, net in position.live.items() if slot.meter is None)
            grown = sum(growths.values(), ZERO) + sum(loose, ZERO) * unit.size
        for balance in balances_of(use, version, terms, unit, position.day):
            forced[balance.key] = balance.limit - growths.get(balance.key, ZERO)
    product = replace(charged.product, allowance=allowance)
    return _Exactly(replace(charged, product=product, terms=terms, grown=grown), forced, unit)


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
    again = position.bare()
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


def _moved(charge: Charge, now: Mapping[MeterKey, Decimal], unit: Unit) -> Charge:
    """At the true readings: the trial's were moved so that just these units were free."""
    before = now.get(charge.meter, ZERO) if charge.meter is not None else ZERO
    growth = charge.reading_after - charge.reading_before
    return _shown_in(unit, replace(charge, reading_before=before, reading_after=before + growth))


def _shown_in(unit: Unit, charge: Charge) -> Charge:
    """With the quantity of its readings."""
    quantity = in_unit(charge.reading_after, unit) - in_unit(charge.reading_before, unit)
    return replace(charge, quantity=quantity)
