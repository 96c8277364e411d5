"""A past period's facts rated again in the order in which they were rated then.

The order matters where facts share a balance: free units, packages, granted money. Uses and order-days share only
money, so they are interleaved only where some was granted. A grant is known from the moment it was made.
Where it stands in the walk: between what `past_facts` reads and `simulate`, which adds up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import merge
from itertools import chain

from billing_center.allowance.store import GrantRow, grants_made
from billing_center.center import UnitOfWork
from billing_center.foresight.past_facts import Charged, PastUse, days_charged, uses_charged
from billing_center.foresight.past_readings import PastReadings
from billing_center.foresight.rate_in_memory import (
    PayerFacts,
    RatedInMemory,
    UseToRate,
    rate_order_days,
    rate_uses,
    read_days,
)
from billing_center.order.store import OrderRow, orders_of_payers
from billing_center.period import ONE_DAY, Period, days_of
from billing_center.rating.facts import Charge, Grant, GrantKind, PlanKind

FACTS = 5000
"""Facts that are read and rated at once."""


@dataclass(frozen=True, slots=True)
class _Fact:
    """A use, or an order's day; sorted by when it was rated, then as a batch rates."""

    at: datetime
    of_day: bool
    subject: str
    day: date
    what: UseToRate | OrderRow

    @property
    def place(self) -> tuple[datetime, bool, str, date]:
        return self.at, self.of_day, self.subject, self.day


class Replay:
    """The replay of some payers' period, by the catalog of the unit of work."""

    def __init__(
        self, work: UnitOfWork, facts: PayerFacts, payers: Sequence[str], window: Period, were: Sequence[Charged]
    ) -> None:
        """`were` is what the payers were charged in the period."""
        self._work, self._facts, self._payers, self._window = work, facts, payers, window
        self._first = min((one.first_at for one in were), default=work.at)
        self._last = max((one.last_at for one in were), default=work.at)
        self._granted = grants_made(work.connection, payers)

    def charges(self, in_all: RatedInMemory) -> Iterator[Charge]:
        """Every charge; what else became of the facts is added to `in_all`."""
        work = self._work
        readings = PastReadings(work, self._payers, self._window, self._last)
        orders = [o for o in orders_of_payers(work.connection, self._payers) if o.plan is not PlanKind.PER_USE]
        day_facts = read_days(work, self._facts, orders)
        days = self._days(orders)
        if any(row.grant.kind is GrantKind.MONEY for row in self._granted):
            facts: Iterable[_Fact] = merge(self._uses(), days, key=lambda fact: fact.place)
        else:
            facts = chain(self._uses(), days)
        for batch in _batches(facts, sorted({row.granted_at for row in self._granted})):
            grants = _known(self._granted, batch[0].at)
            rated = RatedInMemory()
            if batch[0].of_day:
                asked = [(fact.what, fact.day) for fact in batch if isinstance(fact.what, OrderRow)]
                rate_order_days(work, asked, replace(day_facts, grants=grants), readings.load, rated)
            else:
                uses = [fact.what for fact in batch if isinstance(fact.what, UseToRate)]
                rate_uses(work, self._facts, uses, readings.load, rated, grants)
            yield from rated.charges
            in_all.add(rated)

    def _uses(self) -> Iterator[_Fact]:
        last: PastUse | None = None
        start, end = self._window.start, self._window.end
        while True:
            found = uses_charged(self._work.connection, self._payers, start, end, after=last, limit=FACTS)
            for past in found:
                yield _Fact(past.rated_at, False, past.one.use.event_id, past.one.use.day, past.one)
            if len(found) < FACTS:
                return
            last = found[-1]

    def _days(self, orders: Sequence[OrderRow]) -> list[_Fact]:
        """The decided days; one that has no charge goes with the day before it."""
        start, end = self._window.start, self._window.end
        rated = days_charged(self._work.connection, self._payers, start, end)
        found = []
        for order in orders:
            at = self._first
            for day in _decided(order, start, end):
                at = max(at, rated.get((order.order_id, day), at))
                found.append(_Fact(at, True, order.order_id, day, order))
        return sorted(found, key=lambda fact: fact.place)


def _decided(order: OrderRow, start: date, end: date) -> Iterable[date]:
    """The order's days of [start, end) that are decided."""
    last = order.rated_through if order.ended_day is None else min(order.rated_through, order.ended_day)
    begin = max(start, order.start_day)
    return days_of(begin, max(begin, min(end, last + ONE_DAY)))


def _batches(facts: Iterable[_Fact], cuts: Sequence[datetime]) -> Iterator[list[_Fact]]:
    """Facts of one kind together; none that was rated by a cut with one that was rated after it."""
    batch: list[_Fact] = []
    place = 0
    for fact in facts:
        passed = False
        while place < len(cuts) and cuts[place] < fact.at:
            place, passed = place + 1, True
        if batch and (passed or fact.of_day != batch[0].of_day or len(batch) == FACTS):
            yield batch
            batch = []
        batch.append(fact)
    if batch:
        yield batch


def _known(granted: Iterable[GrantRow], at: datetime) -> Mapping[str, tuple[Grant, ...]]:
    """What each payer had been granted before a moment, or at it."""
    found: dict[str, tuple[Grant, ...]] = {}
    for row in granted:
        if row.granted_at <= at:
            found[row.payer_id] = (*found.get(row.payer_id, ()), row.grant)
    return found
