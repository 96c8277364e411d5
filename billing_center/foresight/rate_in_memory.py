"""Rating without writing: the same pure functions over the same facts, on meters that live in memory only.

Where it stands in the walk: beside it. A preview rates what still waits, a forecast the days to come, a
simulation the facts of a past period under another catalog; all of them through here, so that they come to what
the rating jobs would book. Reads take no locks. Design: billing rules, "One principle".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from billing_center.center import UnitOfWork
from billing_center.charge.store import load_meters
from billing_center.errors import BillingError
from billing_center.ids import shard_of
from billing_center.order.ready_day import DayFacts, ReadyDay, read_day_facts, ready_day
from billing_center.order.store import OrderRow, first_openings
from billing_center.payer.store import NOTHING_CLOSED, PayerRow, payers, schedules_of
from billing_center.period import BillingSchedule
from billing_center.rating.facts import Charge, Grant, MeterKey, Meters
from billing_center.usage.find_payer import Found
from billing_center.usage.rate_usage import filtering_rule
from billing_center.usage.store import QueuedUse
from billing_center.usage.use_card import ReadyUse, UseCards

Load = Callable[[Iterable[MeterKey]], Meters]
"""Where readings come from: the meters' table, or a fresh start."""


class CarriedMeters:
    """Meters as the table has them, read once and growing from call to call: facts of all kinds share balances."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._meters = Meters()

    def load(self, keys: Iterable[MeterKey]) -> Meters:
        """The same meters every time, with those that are asked for."""
        new = {key for key in keys if key not in self._meters.readings}
        if new:
            self._meters.readings.update(load_meters(self._connection, new).readings)
        return self._meters


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
    """The payers of a batch and their periods."""

    payers: Mapping[str, PayerRow]
    schedules: Mapping[str, BillingSchedule]


@dataclass(frozen=True, slots=True)
class UseToRate:
    """A use with who pays for it."""

    use: QueuedUse
    who: Found


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
    if not uses:
        return
    days: dict[tuple[str, str], date] = {}
    for one in uses:
        pair = (one.who.payer_id, one.use.product_id)
        days[pair] = min(days.get(pair, one.use.day), one.use.day)
    openings = days | first_openings(work.connection, days)
    cards = UseCards(work, facts.payers, facts.schedules, openings, grants)
    ready: list[ReadyUse] = []
    for one in uses:
        listed = work.catalog.products.get(one.use.product_id)
        if listed is not None and filtering_rule(listed, one.use):
            into.filtered += 1
            continue
        try:
            ready.append(cards.ready(one.use, cards.of(one.use, one.who)))
        except BillingError as error:
            into.unrated.append(_unrated(one.use.event_id, one.who.payer_id, one.use.product_id, error))
    meters = load(key for one in ready for key in one.keys)
    for made in ready:
        try:
            into.charges += made.rate(meters, work.zone)
            into.uses += 1
        except BillingError as error:
            fact = made.fact
            into.unrated.append(_unrated(fact.event_id, fact.payer_id, fact.product_id, error))


def new_payer(work: UnitOfWork, payer_id: str) -> PayerRow:
    """A payer that is not known yet, as rating its first use would make it known."""
    settings = work.settings
    currency, billing_day = settings.base_currency, settings.billing_day
    return PayerRow(payer_id, shard_of(payer_id), "", "", currency, billing_day, None, NOTHING_CLOSED)


def read_days(work: UnitOfWork, facts: PayerFacts, orders: Sequence[OrderRow]) -> DayFacts:
    """What the days of these orders depend on, without a lock."""
    return read_day_facts(work, orders, (dict(facts.payers), dict(facts.schedules)))


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
            into.charges += one.rate(meters)
            into.days += 1
        except BillingError as error:
            into.unrated.append(_unrated(f"{fact.order_id} {fact.day}", fact.payer_id, fact.product_id, error))


def _unrated(subject: str, payer_id: str, product_id: str, error: BillingError) -> Unrated:
    return Unrated(subject, payer_id, product_id, error.code.value, error.message)
