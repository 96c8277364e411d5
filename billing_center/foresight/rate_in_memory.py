"""Rating without writing: the same pure functions over the same facts, on meters that live in memory only.

Where it stands in the walk: beside it. A preview rates what still waits, a forecast the days to come, a
simulation the facts of a past period under another catalog; all of them through here, so that they come to what
the rating jobs would book. Reads take no locks. Design: billing rules, "One principle".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from billing_center.allowance.store import grants_of
from billing_center.catalog.factors import Factors, factor_at
from billing_center.center import UnitOfWork
from billing_center.errors import BillingError
from billing_center.ids import NONE, shard_of
from billing_center.order.ready_day import DayFacts, ReadyDay, ready_day
from billing_center.order.state import OrderState
from billing_center.order.store import OrderRow, account_changes, first_openings, state_changes
from billing_center.payer.store import NOTHING_CLOSED, PayerRow, payers, schedules_of
from billing_center.period import BillingSchedule
from billing_center.rating.active_days import AccountChange, StateChange
from billing_center.rating.facts import Charge, Grant, MeterKey, Meters, PeriodOfDay, Terms, Use
from billing_center.rating.grants import credit_keys, take_credits
from billing_center.rating.price_version import PriceVersion, Product, Promotion
from billing_center.rating.rate_day import rate_day
from billing_center.rating.rate_use import meter_keys_of_use, rate_use
from billing_center.usage.find_payer import Found
from billing_center.usage.rate_usage import earlier_periods, factors_used, filtering_rule, version_and_currency
from billing_center.usage.store import QueuedUse

Load = Callable[[Iterable[MeterKey]], Meters]
"""Where readings come from: the meters' table, or a fresh start."""


@dataclass(frozen=True, slots=True)
class Unrated:
    """A use (or an order's day) that could not be rated, and why."""

    subject: str
    payer_id: str
    product_id: str
    code: str
    message: str


@dataclass(slots=True)
class RatedInMemory:
    """Charges that nobody booked, and what could not be rated."""

    charges: list[Charge] = field(default_factory=list)
    unrated: list[Unrated] = field(default_factory=list)
    filtered: int = 0
    uses: int = 0  # rated
    days: int = 0

    def add(self, other: "RatedInMemory") -> None:
        """Count what became of other facts; their charges are not kept."""
        self.unrated += other.unrated
        self.filtered += other.filtered
        self.uses += other.uses
        self.days += other.days


@dataclass(frozen=True, slots=True)
class PayerFacts:
    """The payers of a batch, their periods, and their first openings as they are known."""

    payers: Mapping[str, PayerRow]
    schedules: Mapping[str, BillingSchedule]


@dataclass(frozen=True, slots=True)
class UseToRate:
    """A use with who pays for it."""

    use: QueuedUse
    who: Found


@dataclass(frozen=True, slots=True)
class _ReadyUse:
    use: Use
    product: Product
    version: PriceVersion | None
    terms: Terms
    promotion: Promotion | None
    keys: tuple[MeterKey, ...]


def read_payers(work: UnitOfWork, payer_ids: Iterable[str]) -> PayerFacts:
    """The payers that exist, with their schedules."""
    found = payers(work.connection, payer_ids)
    return PayerFacts(found, schedules_of(work.connection, found.values()))


def rate_uses(
    work: UnitOfWork,
    facts: PayerFacts,
    uses: Sequence[UseToRate],
    load: Load,
    into: RatedInMemory,
    grants: Mapping[str, tuple[Grant, ...]] | None = None,
) -> None:
    """Rate the uses in the order given, each product's filters first; what fails is told in `into`.

    `grants` are those that a moment of the past knew; None: all there are.
    """
    pairs = {(one.who.payer_id, one.use.product_id) for one in uses}
    openings = first_openings(work.connection, pairs)
    if grants is None:
        grants = grants_of(work.connection, {payer_id for payer_id, _ in pairs})
    known = _Known(openings, grants, factors_used(work))
    for one in uses:
        pair = (one.who.payer_id, one.use.product_id)
        openings[pair] = min(openings.get(pair, one.use.day), one.use.day)
    ready: list[_ReadyUse] = []
    for one in uses:
        listed = work.catalog.products.get(one.use.product_id)
        if listed is not None and filtering_rule(listed, one.use):
            into.filtered += 1
            continue
        try:
            ready.append(_ready_use(work, facts, one, known))
        except BillingError as error:
            into.unrated.append(_unrated(one.use.event_id, one.who.payer_id, one.use.product_id, error))
    meters = load(key for one in ready for key in one.keys)
    for made in ready:
        try:
            charges = rate_use(
                made.use, product=made.product, version=made.version, terms=made.terms,
                promotion=made.promotion, meters=meters, zone=work.zone,
            )  # fmt: skip
            into.charges += [*charges, *take_credits(charges, made.terms.grants, meters)]
            into.uses += 1
        except BillingError as error:
            into.unrated.append(_unrated(made.use.event_id, made.use.payer_id, made.use.product_id, error))


@dataclass(frozen=True, slots=True)
class _Known:
    """What uses depend on beside their payers, read in bulk."""

    openings: Mapping[tuple[str, str], date]
    grants: Mapping[str, tuple[Grant, ...]]
    factors: Factors


def _ready_use(work: UnitOfWork, facts: PayerFacts, one: UseToRate, known: _Known) -> _ReadyUse:
    use, who = one.use, one.who
    listed = work.catalog.product(use.product_id)
    payer = facts.payers.get(who.payer_id) or new_payer(work, who.payer_id)
    version, currency = version_and_currency(listed, use, payer)
    schedule = facts.schedules.get(who.payer_id) or BillingSchedule(payer.billing_day)
    period = schedule.period_of(use.day)
    terms = Terms(
        currency=currency,
        period=PeriodOfDay(period.start, period.whole_days),
        features=who.order.features if who.order else {},
        first_opening=known.openings[who.payer_id, use.product_id],
        order_start=who.order.start_day if who.order else None,
        grants=known.grants.get(who.payer_id, ()),
        factor=factor_at(known.factors, version.factor, use.started_at) if version and version.factor else None,
        earlier_periods=earlier_periods(version, schedule, period.start),
    )
    promotion = work.catalog.promotions.get(who.order.promotion_id) if who.order else None
    fact = Use(
        event_id=use.event_id, payer_id=who.payer_id, user_id=use.user_id, product_id=use.product_id,
        order_id=who.order_id or NONE, started_at=use.started_at, ended_at=use.ended_at, quantity=use.quantity,
        unit=use.unit, amount=use.amount,
    )  # fmt: skip
    keys = meter_keys_of_use(fact, version, terms, listed.product, promotion, work.zone)
    keys += tuple(credit_keys(who.payer_id, use.product_id, terms.grants, use.day))
    return _ReadyUse(fact, listed.product, version, terms, promotion, keys)


def new_payer(work: UnitOfWork, payer_id: str) -> PayerRow:
    """A payer that is not known yet, as rating its first use would make it known."""
    settings = work.settings
    currency, billing_day = settings.base_currency, settings.billing_day
    return PayerRow(payer_id, shard_of(payer_id), "", "", currency, billing_day, None, NOTHING_CLOSED)


def read_days(work: UnitOfWork, facts: PayerFacts, orders: Sequence[OrderRow]) -> DayFacts:
    """What the days of these orders depend on, without a lock."""
    connection = work.connection
    changes = state_changes(connection, [order.order_id for order in orders])
    keys = {(order.payer_id, order.product_id) for order in orders}
    return DayFacts(
        payers=dict(facts.payers),
        schedules=dict(facts.schedules),
        states={
            order_id: [StateChange(c.at, c.to_state == OrderState.ACTIVE) for c in of_order]
            for order_id, of_order in changes.items()
        },
        accounts={
            key: [AccountChange(c.at, c.accounts) for c in of_key]
            for key, of_key in account_changes(connection, keys).items()
        },
        openings=first_openings(connection, keys),
        grants=grants_of(connection, facts.payers),
    )


def rate_order_days(
    work: UnitOfWork, days: Iterable[tuple[OrderRow, date]], facts: DayFacts, load: Load, into: RatedInMemory
) -> None:
    """Rate the orders' days in the order given; a day that has no price is told in `into`.

    A day that has not come yet is rated as if every order stayed in the state it is in.
    """
    ready: list[ReadyDay] = []
    for order, day in days:
        try:
            found = ready_day(work, order, day, facts)
        except BillingError as error:
            into.unrated.append(_unrated(f"{order.order_id} {day}", order.payer_id, order.product_id, error))
            continue
        if found is not None:
            ready.append(found)
    meters = load(key for one in ready for key in one.keys)
    for one in ready:
        fact = one.day
        try:
            charges = rate_day(
                fact, product=one.product, version=one.version, terms=one.terms, promotion=one.promotion,
                meters=meters,
            )  # fmt: skip
            into.charges += [*charges, *take_credits(charges, one.terms.grants, meters)]
            into.days += 1
        except BillingError as error:
            into.unrated.append(_unrated(f"{fact.order_id} {fact.day}", fact.payer_id, fact.product_id, error))


def _unrated(subject: str, payer_id: str, product_id: str, error: BillingError) -> Unrated:
    return Unrated(subject, payer_id, product_id, error.code.value, error.message)
