"""The fast way of rating days beside the plain one: random orders of every kind of plan, the same to the digit."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center, UnitOfWork
from billing_center.errors import BillingError
from billing_center.ids import shard_of
from billing_center.order.alike_days import AlikeDay, AlikeDays
from billing_center.order.ready_day import DayFacts, ReadyDay, ready_day
from billing_center.order.state import OrderState, StoppedFor
from billing_center.order.store import OrderRow
from billing_center.payer.store import PayerRow
from billing_center.period import BillingDayFrom, BillingSchedule
from billing_center.rating.active_days import AccountChange, StateChange
from billing_center.rating.facts import Charge, Grant, GrantKind, Meters, PlanKind

CATALOG = """
products:
  - {id: mail, name: mail, currency: CNY, free: {days: 7}, plans: {day: [
      {valid_from: 2025-01-01, valid_to: 2026-03-20, price: {CNY: 1.00, USD: 0.15}},
      {valid_from: 2026-03-20, price: {CNY: 1.20, USD: 0.18}}]}}
  - {id: crm, name: crm, currency: CNY, plans: {account_day: [{valid_from: 2025-01-01, prices: [
      {currency: CNY, model: graduated, tiers: [{up_to: 20, price: 2.00}, {price: 1.70}]}]}]}}
  - {id: im, name: im, currency: CNY, plans: {month: [{valid_from: 2025-01-01, prices: [
      {currency: CNY, price: 100}, {currency: CNY, price: 299.99, when: {seats: 10}}]}]}}
  - {id: suite, name: suite, currency: CNY, plans: {year: [{valid_from: 2025-01-01, price: {CNY: 1000}}]}}
  - {id: desk, name: desk, currency: CNY, plans: {month: [
      {valid_from: 2025-01-01, in_advance: true, price: {CNY: 31.01}}]}}
promotions:
  - {id: tenth, percent_off: 10}
  - {id: minus, amount_off: {CNY: 20, USD: 3}}
  - {id: firstmonth, free_days: 10}
"""
PLANS = {
    "mail": PlanKind.DAY,
    "crm": PlanKind.ACCOUNT_DAY,
    "im": PlanKind.MONTH,
    "suite": PlanKind.YEAR,
    "desk": PlanKind.MONTH,
}
SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 3, 10)
DAYS = [FIRST + timedelta(n) for n in range(25)]


def instant(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


class Town:
    """Payers and orders thrown by one die; few kinds of each, so that many ask the same."""

    def __init__(self, seed: int) -> None:
        self.dice = dice = random.Random(seed)
        self.orders: list[OrderRow] = []
        self.facts = DayFacts({}, {}, {}, {}, {}, {})
        features = [{}, {"seats": "10"}, {"accounts": "5"}]
        for n in range(40):
            payer_id = f"p{n}"
            row = PayerRow(
                payer_id, shard_of(payer_id), "", "", dice.choice(["CNY", "CNY", "USD"]), dice.choice([1, 15]),
                None, date(1970, 1, 1),
            )  # fmt: skip
            self.facts.payers[payer_id] = row
            moved = [BillingDayFrom(date(2026, 4, 1), 5)] if row.billing_day == 1 and n % 4 == 0 else []
            self.facts.schedules[payer_id] = BillingSchedule(row.billing_day, moved)
            for k in range(dice.randrange(1, 6)):
                self._order(payer_id, f"{payer_id}-{k}", dice.choice(features))
        self.facts.grants = {"p3": (Grant("g", GrantKind.MONEY, "-", Decimal(7), "CNY", FIRST, None, 1),)}

    def _order(self, payer_id: str, order_id: str, features: dict[str, str]) -> None:
        dice, facts = self.dice, self.facts
        product_id = dice.choice(list(PLANS))
        start = FIRST - timedelta(dice.choice([0, 0, 40, 400]))
        state = dice.choice([OrderState.ACTIVE] * 5 + [OrderState.PENDING])
        states = [StateChange(instant(start, 9), state is OrderState.ACTIVE)]
        for _ in range(dice.choice([0, 0, 0, 1, 2, 3])):
            states.append(StateChange(instant(dice.choice(DAYS), dice.randrange(10, 20)), dice.random() < 0.5))
        ended = dice.choice([None, None, None, dice.choice(DAYS)])
        if ended is not None:
            states = [s for s in states if s.at < instant(ended, 22)] + [StateChange(instant(ended, 22), False)]
        facts.states[order_id] = states
        key = (payer_id, product_id)
        facts.openings[key] = min(start, facts.openings.get(key, start))
        if product_id == "crm" and dice.random() < 0.7:
            facts.accounts[key] = [
                AccountChange(instant(day, 12), Decimal(dice.randrange(0, 9)))
                for day in sorted(dice.sample(DAYS, 3))
            ]
        self.orders.append(
            OrderRow(
                order_id,
                order_id,
                "c",
                payer_id,
                shard_of(payer_id),
                product_id,
                PLANS[product_id],
                dice.choice(["-", "-", "-", "tenth", "minus", "firstmonth"]),
                instant(start, 9),
                start,
                features,
                False,
                state,
                StoppedFor.NOTHING,
                len(states),
                "x",
                start,
                ended,
            )
        )


Ready = ReadyDay | AlikeDay


def rated(
    days: AlikeDays | None, work: UnitOfWork, town: Town, meters: Meters
) -> tuple[list[Charge], list[Ready], list[str]]:
    """All days of all orders, day after day as the nights would, the fast way or (without `days`) plainly."""
    charges: list[Charge] = []
    asked: list[Ready] = []
    refused: list[str] = []
    for day in DAYS:
        for order in town.orders:
            if not order.start_day <= day <= (order.ended_day or day):
                continue
            try:
                ready = days.ready(order, day) if days else ready_day(work, order, day, town.facts)
            except BillingError as error:
                refused.append(f"{order.order_id} {day} {error.code}")
                continue
            if ready is not None:
                asked.append(ready)
                for key in ready.keys:
                    meters.readings.setdefault(key, Decimal(0))
                charges += ready.rate(meters)
    return charges, asked, refused


@pytest.mark.parametrize("seeds", [range(3), range(3, 6)])
def test_alike_days_are_rated_as_each_one_by_itself(center: Center, seeds: Sequence[int]) -> None:
    center.transact("test", lambda work: load_catalog(work, CATALOG, "test.yaml"))
    shared = 0
    with center.reading() as work:
        for seed in seeds:
            town, plain, fast = Town(seed), Meters(), Meters()
            expected, _, refused = rated(None, work, town, plain)
            found, asked, also_refused = rated(AlikeDays(work, town.facts), work, town, fast)
            assert found == expected, f"seed {seed}"
            assert refused == also_refused, f"seed {seed}"
            assert {k: r for k, r in fast.readings.items() if r} == {k: r for k, r in plain.readings.items() if r}
            assert fast.touched == plain.touched
            shared += sum(isinstance(one, AlikeDay) for one in asked)
    assert shared > 400, "hardly anything went the fast way"
