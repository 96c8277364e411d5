"""Minimum commitments: what an order's period lacks of what its payer has committed to, charged at its end.

The bill run calls it while it holds the payers' rows and before it reads their sums, so nothing can be rated
between the true-up and the close. It is the growth of a meter that counts money: up to what is lacking. Running
it again finds nothing to add; a period that could not be closed, or whose charges changed after it was closed
(corrections, late facts), is trued up by the difference.
Where it stands in the walk: step 5, `invoice/issue_invoices.py`. Design: billing rules, "Shapes of F".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from billing_center.bulk import rows_by_key
from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.charge.store import load_meters
from billing_center.history.whole import charge
from billing_center.ids import NONE
from billing_center.money import plain
from billing_center.order.charged_in_period import SumKey, charged_in, late_days
from billing_center.order.commitment import (
    COMMITMENT,
    OrderPeriod,
    Owed,
    committed_products,
    ended_periods,
    owed,
)
from billing_center.order.store import orders_of_payers
from billing_center.payer.store import PayerRow, payers, schedules_of
from billing_center.period import ONE_DAY, BillingSchedule
from billing_center.rating.facts import Cause, Charge, MeterKey, Meters
from schema.tables.orders import payer, service_order

_ZERO = Decimal(0)

_NOTHING: Mapping[SumKey, Decimal] = {}


def payers_to_true_up(
    work: UnitOfWork, *, first_shard: int, last_shard: int, on: date, after_payer: str, limit: int
) -> list[str]:
    """Up to `limit` payers, in id order, with a commitment and an open period that ended by `on`."""
    products = committed_products(work)
    found: list[str] = []
    while products and len(found) < limit:
        candidates = _candidates(work, products, first_shard, last_shard, on, after_payer, limit)
        rows = payers(work.connection, candidates)
        schedules = schedules_of(work.connection, rows.values())
        found += [p for p in candidates if _has_ended_period(rows[p], schedules[p], on)]
        if len(candidates) < limit:
            break
        after_payer = candidates[-1]
    return found[:limit]


def _candidates(
    work: UnitOfWork, products: list[str], first_shard: int, last_shard: int, on: date, after: str, limit: int
) -> list[str]:
    order = service_order.c
    statement = (
        select(order.payer_id)
        .distinct()
        .join(payer, payer.c.payer_id == order.payer_id)
        .where(
            order.shard.between(first_shard, last_shard),
            order.payer_id > after,
            order.product_id.in_(products),
            order.start_day < on,
            order.ended_day.is_(None) | (order.ended_day >= payer.c.closed_until),
        )
        .order_by(order.payer_id)
        .limit(limit)
    )
    return list(work.connection.execute(statement).scalars())


def _has_ended_period(row: PayerRow, schedule: BillingSchedule, on: date) -> bool:
    return schedule.period_of(row.closed_until).end <= on


def true_up(work: UnitOfWork, locked: Mapping[str, PayerRow], *, on: date, run_id: str) -> int:
    """Charge what the ended, open periods of these payers lack of their commitments; how many charges were made.

    The payers' rows are locked. Amounts are rated (six decimals).
    """
    made, meters = lacking(work, locked, on=on)
    if not made:
        return 0
    schedules = schedules_of(work.connection, locked.values())
    book(work, made, meters, payers=locked, schedules=schedules, run_id=run_id)
    return len(made)


def true_up_again(
    work: UnitOfWork, payer: PayerRow, periods: Collection[OrderPeriod], *, run_id: str
) -> list[Charge]:
    """Book what closed periods of one payer lack otherwise by now; the charges. The payer's row is locked."""
    rows = {payer.payer_id: payer}
    made, meters = _differences(work, rows, periods, _NOTHING)
    schedules = schedules_of(work.connection, [payer])
    book(work, made, meters, payers=rows, schedules=schedules, run_id=run_id)
    return made


def lacking(
    work: UnitOfWork, payers: Mapping[str, PayerRow], *, on: date, more: Mapping[SumKey, Decimal] = _NOTHING
) -> tuple[list[Charge], Meters]:
    """What closing the open periods of these payers that end by `on` would charge, and its meters; not booked.

    A commitment counts against what was charged for the order's days of the period in its currency, and `more`,
    what a look ahead expects to be booked, both before granted money. What an open line holds of days before it
    counts for the closed period of these days, which is trued up again by the difference. An order stays as it is
    on days to come.
    """
    products = committed_products(work)
    orders = orders_of_payers(work.connection, payers, products=products) if products else []
    if not orders:
        return [], Meters()
    schedules = schedules_of(work.connection, payers.values())
    periods = {one.place: one for one in ended_periods(orders, payers, schedules, on)}
    for order, day in late_days(work, orders, payers, on):
        one = OrderPeriod(order, schedules[order.payer_id].period_of(day))
        if one.period.end <= payers[order.payer_id].closed_until:
            periods[one.place] = one
    return _differences(work, payers, list(periods.values()), more)


def _differences(
    work: UnitOfWork,
    payers: Mapping[str, PayerRow],
    periods: Collection[OrderPeriod],
    more: Mapping[SumKey, Decimal],
) -> tuple[list[Charge], Meters]:
    """The charges that bring each period's true-up to what the period lacks by what is known now."""
    asked = sorted(periods, key=lambda one: (one.order.payer_id, one.order.order_id, one.period.start))
    owing = owed(work, asked, payers)
    booked = _booked(work, asked)
    meters = load_meters(work.connection, [one.key for one in owing.values()] + list(booked.meters))
    charged = charged_in(work, asked, payers)
    made: list[Charge] = []
    for one in asked:
        due = owing.get(one.place)
        order, start = one.order, one.period.start
        keys = {key for key in booked.meters if (key.order_id, key.scope) == (order.order_id, start.isoformat())}
        for key in sorted(keys | ({due.key} if due is not None else set())):
            currency = key.component.removeprefix(f"{COMMITMENT} ")
            sums = (order.payer_id, start, order.order_id, order.product_id, currency)
            without = charged.get(sums, _ZERO) + more.get(sums, _ZERO)
            before = meters.readings[key]
            of_key = due if due is not None and due.key == key else None
            after = _ZERO if of_key is None else max(_ZERO, of_key.amount - without)
            if after != before:
                meters.advance(key, after - before)
                made.append(_charge(one, key, of_key, booked.next_component(one, key), without, before, after))
    return made, meters


@dataclass(slots=True)
class _Booked:
    """The true-ups that were booked for some periods: their meters, and the components that are taken."""

    meters: set[MeterKey]
    taken: dict[tuple[str, date], int]  # by order and day

    def next_component(self, one: OrderPeriod, key: MeterKey) -> str:
        """A name of its own for one more true-up of the period."""
        place = (one.order.order_id, one.period.end - ONE_DAY)
        self.taken[place] = times = self.taken.get(place, 0) + 1
        return key.component if times == 1 else f"{key.component}:{times}"


def _booked(work: UnitOfWork, periods: Collection[OrderPeriod]) -> _Booked:
    table = charge.c
    columns = (
        table.day, table.payer_id, table.cause_id, table.product_id, table.meter_scope, table.version_id,
        table.meter_component,
    )  # fmt: skip
    statement = select(*columns).where(table.cause == Cause.TRUE_UP.value)
    days = {(one.period.end - ONE_DAY, one.order.payer_id) for one in periods}
    found = _Booked(set(), {})
    for row in rows_by_key(work.connection, statement, [table.day, table.payer_id], list(days)):
        key = (row.payer_id, row.product_id, row.cause_id, row.meter_scope, row.version_id, row.meter_component)
        found.meters.add(MeterKey(*key))
        place = (row.cause_id, row.day)
        found.taken[place] = found.taken.get(place, 0) + 1
    return found


def _charge(
    one: OrderPeriod, key: MeterKey, due: Owed | None, component: str, without: Decimal, before: Decimal,
    after: Decimal,
) -> Charge:  # fmt: skip
    order, period = one.order, one.period
    note = "nothing is committed any more"
    if due is not None:
        share = f" ({due.days} of {period.whole_days} days)" if due.days != period.whole_days else ""
        committed = plain(due.amount, least_digits=2)
        note = f"up to the commitment of {committed}{share}; charged {plain(without, least_digits=2)}"
    return Charge(
        day=period.end - ONE_DAY, payer_id=order.payer_id, cause=Cause.TRUE_UP, cause_id=order.order_id,
        component=component, order_id=order.order_id, product_id=order.product_id, user_id=NONE,
        currency=key.component.removeprefix(f"{COMMITMENT} "), quantity=_ZERO, amount=after - before,
        list_amount=after - before, meter=key, reading_before=before, reading_after=after,
        version_id=key.version_id, note=note,
    )  # fmt: skip
