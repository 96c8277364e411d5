"""Rating without writing: the same pure functions over the same facts, on meters that live in memory only.

Where it stands in the walk: beside it. A preview rates what still waits, a forecast the days to come, a
simulation the facts of a past period under another catalog; all of them through here, so that they come to what
the rating jobs would book. Reads take no locks. Design: billing rules, "One principle".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from billing_center.center import UnitOfWork
from billing_center.errors import BillingError
from billing_center.ids import NONE, shard_of
from billing_center.order.rate_days import DayFacts, ReadyDay, ready_day
from billing_center.order.state import OrderState
from billing_center.order.store import OrderRow, account_changes, first_openings, state_changes
from billing_center.payer.store import NOTHING_CLOSED, PayerRow, payers, schedules_of
from billing_center.period import BillingSchedule
from billing_center.rating.active_days import AccountChange, StateChange
from billing_center.rating.facts import Charge, MeterKey, Meters, PeriodOfDay, Terms, Use
from billing_center.rating.price_version import PriceVersion, Product, Promotion
from billing_center.rating.rate_day import rate_day
from billing_center.rating.rate_use import rate_case, rate_use
from billing_center.rating.use_case import UseCase
from billing_center.usage.find_payer import Found
from billing_center.usage.rate_usage import filtering_rule, version_and_currency
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
    case: UseCase | None  # None: priced by the caller


def read_payers(work: UnitOfWork, payer_ids: Iterable[str]) -> PayerFacts:
    """The payers that exist, with their schedules."""
    found = payers(work.connection, payer_ids)
    return PayerFacts(found, schedules_of(work.connection, found.values()))


def rate_uses(
    work: UnitOfWork, facts: PayerFacts, uses: Sequence[UseToRate], load: Load, into: RatedInMemory
) -> None:
    """Rate the uses in the order given, each product's filters first; what fails is told in `into`."""
    pairs = {(one.who.payer_id, one.use.product_id) for one in uses}
    openings = first_openings(work.connection, pairs)
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
            ready.append(_ready_use(work, facts, one, openings))
        except BillingError as error:
            into.unrated.append(_unrated(one.use.event_id, one.who.payer_id, one.use.product_id, error))
    meters = load(key for one in ready if one.case is not None for key in UseCase.keys(one.case))
    for made in ready:
        try:
            if made.case is not None:
                into.charges += rate_case(made.case, meters)
            else:
                into.charges += rate_use(
                    made.use, product=made.product, version=made.version, terms=made.terms,
                    promotion=made.promotion, meters=meters, zone=work.zone,
                )  # fmt: skip
            into.uses += 1
        except BillingError as error:
            into.unrated.append(_unrated(made.use.event_id, made.use.payer_id, made.use.product_id, error))


def _ready_use(
    work: UnitOfWork, facts: PayerFacts, one: UseToRate, openings: Mapping[tuple[str, str], date]
) -> _ReadyUse:
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
        first_opening=openings[who.payer_id, use.product_id],
        order_start=who.order.start_day if who.order else None,
    )
    promotion = work.catalog.promotions.get(who.order.promotion_id) if who.order else None
    fact = Use(
        event_id=use.event_id, payer_id=who.payer_id, user_id=use.user_id, product_id=use.product_id,
        order_id=who.order_id or NONE, started_at=use.started_at, ended_at=use.ended_at, quantity=use.quantity,
        unit=use.unit, amount=use.amount,
    )  # fmt: skip
    case = None
    if use.amount is None:
        case = UseCase.of(fact, listed.product, version, terms, promotion, work.zone)
    return _ReadyUse(fact, listed.product, version, terms, promotion, case)


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
            into.charges += rate_day(
                fact, product=one.product, version=one.version, terms=one.terms, promotion=one.promotion,
                meters=meters,
            )  # fmt: skip
            into.days += 1
        except BillingError as error:
            into.unrated.append(_unrated(f"{fact.order_id} {fact.day}", fact.payer_id, fact.product_id, error))


def _unrated(subject: str, payer_id: str, product_id: str, error: BillingError) -> Unrated:
    return Unrated(subject, payer_id, product_id, error.code.value, error.message)
