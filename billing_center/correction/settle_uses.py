"""Uses withdrawn, entered, or rated by other prices: what each use holds now against what it should hold.

The difference is booked per use and slot. Where readings are sums and nothing is free, a correction touches the
use alone. Where uses depend on each other (the largest, the latest, users; free units; granted money), all that
may depend on it are rated again as if the right facts had come in the first place (`replay`).
Design: billing rules, "A correction never edits"; field problem 25.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing_center.catalog.factors import Factors, factor_at
from billing_center.correction.desk import Desk
from billing_center.correction.position import ZERO, Position
from billing_center.correction.replay import Place, Standing, as_if, credit_changes
from billing_center.correction.store import places_of, positions_of_uses, withdrawn
from billing_center.correction.take_back import UseCharged, enter_use, take_back_use
from billing_center.ids import NONE
from billing_center.period import ONE_DAY
from billing_center.rating.choose_price import version_in_force
from billing_center.rating.facts import Cause, Charge, PeriodOfDay, PlanKind, Terms, Use
from billing_center.rating.grants import GRANT, grant_key
from billing_center.rating.metered import BY_HISTORY
from billing_center.rating.price_version import Allowance, PriceVersion
from billing_center.usage.usage_event import UsageEvent, usage_events
from billing_center.usage.use_card import earlier_periods, factors_used


@dataclass(frozen=True, slots=True)
class Changed:
    """The uses that a correction is about, by event id."""

    withdrawn: frozenset[str] = frozenset()
    entered: frozenset[str] = frozenset()  # rated just now, in the place of another
    rerated: frozenset[str] = frozenset()  # to be rated by the version in force for their day now

    @property
    def all(self) -> frozenset[str]:
        """Whichever."""
        return self.withdrawn | self.entered | self.rerated


def settle_uses(desk: Desk, changed: Changed, *, reopened: bool = False) -> None:
    """Keep at the desk what the uses of its payer and product should hold more, or less, than they do.

    `reopened`: the first opening is another now, so what is free of every use may be. Raises: Refused where a
    use cannot be rated again, or does not come to what it was charged (its promotion was changed since).
    """
    uses = _Uses(desk, changed, reopened=reopened)
    standing = uses.standing()
    keys = {GRANT + row.grant.grant_id: grant_key(desk.payer.payer_id, row.grant) for row in desk.grants}
    found = as_if(standing, desk.meters, desk.work.zone, keys)
    differing = [(one, wanted) for one, wanted in found.wanted if _differs(one, wanted)]
    for one, wanted in sorted(differing, key=lambda pair: _takes_more(*pair)):  # who gives back goes first
        _keep(desk, one, wanted, changed)
    for key, reading in found.history.items():
        by = reading - desk.meters.readings.get(key, ZERO)
        if by:
            desk.meters.advance(key, by)


def _differs(one: Standing, wanted: Position) -> bool:
    moved = one.anew is not None and _version_id(one.anew) != _version_id(one.charged)
    return moved or one.position.worth != wanted.worth or bool(credit_changes(one.position, wanted))


def _takes_more(one: Standing, wanted: Position) -> tuple[bool, Place]:
    def free(position: Position) -> Decimal:
        return sum((position.growths[key] for key in position.balances), ZERO)

    return free(wanted) > free(one.position), one.place


def _keep(desk: Desk, one: Standing, wanted: Position, changed: Changed) -> None:
    position, zone = one.position, desk.work.zone
    moved = one.anew is not None and _version_id(one.anew) != _version_id(one.charged)
    taken: list[Charge] = []
    entered: list[Charge] = []
    if moved or position.worth != wanted.worth:
        taken = take_back_use(position, one.charged, desk.meters, zone)
        if one.anew is not None:
            entered = enter_use(wanted, one.anew, desk.meters, zone)
    cause, note = Cause.RERATE_USE, "as others came out otherwise"
    if position.cause_id in changed.withdrawn:
        cause, note = Cause.WITHDRAWAL, "withdrawn"
    elif position.cause_id in changed.rerated:
        note = "re-rated"
    entered += [desk.credit(position, slot, net) for slot, net in credit_changes(position, wanted).items()]
    desk.keep(cause, position.cause_id, position.day, taken, entered, note=note, moved=moved)


def _version_id(used: UseCharged) -> str:
    return NONE if used.version is None else used.version.version_id


class _Uses:
    """Reads the uses that may depend on those that changed, each with its terms of then and of now."""

    def __init__(self, desk: Desk, changed: Changed, *, reopened: bool) -> None:
        self._desk, self._changed, self._reopened = desk, changed, reopened
        self._opening = desk.opening()
        self._factors: Factors | None = None

    def standing(self) -> list[Standing]:
        """Those that changed and all that may depend on them; who was rated before them all is frozen."""
        desk = self._desk
        changed = self._read(ids=list(self._changed.all)) if not self._reopened else []
        all_of_them = self._reopened or self._free_is_at_stake(changed)
        periods = {desk.schedule.period_of(one.position.day) for one in changed if _by_history(one)}
        if not changed and not self._reopened:
            return []
        if not all_of_them and not periods:
            return changed
        first = min((one.place for one in changed), default=None)
        if all_of_them:
            found = self._read()
        else:
            found = [
                one for period in sorted(periods, key=lambda p: p.start)
                for one in self._read(days=(period.start, period.end - ONE_DAY))
            ]  # fmt: skip
        if first is None:
            return found
        history = any(_by_history(one) for one in found)
        return [replace(one, frozen=one.place < first) for one in found if history or one.place >= first]

    def _free_is_at_stake(self, changed: Sequence[Standing]) -> bool:
        """Whether what is free, or granted money, may go to other uses than it did."""
        if any(one.position.balances or one.position.credits for one in changed):
            return True
        if not any(one.anew is not None or _by_history(one) for one in changed):
            return False  # withdrawn alone, and it had taken nothing
        product_id = self._desk.product.product_id
        return (
            self._desk.product.allowance.uses > 0
            or any(version.included is not None for version in self._desk.product.versions)
            or any(row.grant.product_id in (product_id, NONE) for row in self._desk.grants)
            or any(one.charged.promotion and one.charged.promotion.free_uses > 0 for one in changed)
        )

    def _read(self, *, ids: Sequence[str] | None = None, days: tuple[date, date] | None = None) -> list[Standing]:
        desk = self._desk
        connection = desk.work.connection
        found = positions_of_uses(connection, desk.payer.payer_id, desk.product.product_id, ids, days=days)
        gone = withdrawn(connection, [p.cause_id for p in found])
        found = [p for p in found if p.cause_id not in gone]
        events = usage_events(connection, [p.cause_id for p in found])
        places = places_of(connection, found)
        return [self._standing(p, events[p.cause_id], places[p.cause_id]) for p in found]

    def _standing(self, position: Position, event: UsageEvent, place: Place) -> Standing:
        charged = self._as_charged(position, event)
        anew: UseCharged | None = None
        if position.cause_id not in self._changed.withdrawn:
            anew = self._anew(position, event, charged, place)
        return Standing(position, place, charged, anew)

    def _anew(self, position: Position, event: UsageEvent, charged: UseCharged, place: Place) -> UseCharged:
        """Under the terms that it should have been rated by: its own, but for what the correction is about."""
        version = charged.version
        rerated = position.cause_id in self._changed.rerated
        if rerated and event.amount is None:
            version = version_in_force(self._desk.product, PlanKind.PER_USE, event.day)
        if event.amount is not None:
            return charged
        product, opening = charged.product, self._opening
        if not (rerated or self._reopened):  # its free days stay as they are
            allowance = replace(product.allowance, days=0)
            if position.is_free_day:
                allowance, opening = Allowance(days=1), position.day
            product = replace(product, allowance=allowance)
        terms = replace(
            charged.terms,
            first_opening=opening,
            grants=tuple(row.grant for row in self._desk.grants if row.granted_at <= place[0]),
            earlier_periods=earlier_periods(version, self._desk.schedule, charged.terms.period.start),
            factor=self._factor(version, event),
        )
        return replace(charged, product=product, version=version, terms=terms)

    def _as_charged(self, position: Position, event: UsageEvent) -> UseCharged:
        """The use under the terms that its charges name."""
        desk = self._desk
        version_id, currency, promotion_id = position.terms
        order = desk.order(position.order_id)
        period = desk.schedule.period_of(position.day)
        version = desk.version(version_id)
        use = Use(
            event_id=event.event_id, payer_id=position.payer_id, user_id=event.user_id,
            product_id=event.product_id, order_id=position.order_id, started_at=event.started_at,
            ended_at=event.ended_at, quantity=event.quantity, unit=event.unit, amount=event.amount,
        )  # fmt: skip
        terms = Terms(
            currency=currency,
            period=PeriodOfDay(period.start, period.whole_days, period.end),
            features=order.features if order else {},
            first_opening=date.min,  # long over, unless the position itself is a free day
            order_start=order.start_day if order else None,
            grants=tuple(
                row.grant for row in desk.grants
                if grant_key(desk.payer.payer_id, row.grant) in position.balances
            ),
            earlier_periods=earlier_periods(version, desk.schedule, period.start),
            factor=self._factor(version, event),
        )  # fmt: skip
        promotion = desk.work.catalog.promotions.get(promotion_id)
        return UseCharged(use, desk.product, version, terms, promotion)

    def _factor(self, version: PriceVersion | None, event: UsageEvent) -> Decimal | None:
        if version is None or not version.factor:
            return None
        if self._factors is None:
            self._factors = factors_used(self._desk.work)
        return factor_at(self._factors, version.factor, event.started_at)


def _by_history(one: Standing) -> bool:
    versions: Iterable[PriceVersion | None] = (
        one.charged.version, one.anew.version if one.anew is not None else None,
    )  # fmt: skip
    return any(version is not None and version.metered in BY_HISTORY for version in versions)
