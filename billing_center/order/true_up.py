"""Minimum commitments: what an order's period lacks of what its payer has committed to, charged at its end.

The bill run calls it while it holds the payers' rows and before it reads their sums, so nothing can be rated
between the true-up and the close. It is the growth of a meter that counts money: up to what is lacking. Running
it again finds nothing to add; a period that could not be closed is trued up by the difference the next time.
Where it stands in the walk: step 5, `invoice/issue_invoices.py`. Design: billing rules, "Shapes of F".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import func, select

from billing_center.bulk import rows_by_key
from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.charge.store import load_meters
from billing_center.errors import NoPrice
from billing_center.ids import NONE
from billing_center.money import RATED_SCALE, plain
from billing_center.order.state import OrderState
from billing_center.order.store import OrderRow, orders_of_payers, state_changes
from billing_center.payer.store import PayerRow, payers, schedules_of
from billing_center.period import ONE_DAY, BillingSchedule, Period, days_of
from billing_center.rating.active_days import StateChange, was_active
from billing_center.rating.choose_price import choose_currency, version_in_force
from billing_center.rating.facts import Cause, Charge, MeterKey, Meters
from billing_center.rating.growth import EXACT
from billing_center.rating.price_version import PriceVersion
from schema.tables.charges import charge, running_sum
from schema.tables.orders import payer, service_order

COMMITMENT = "commitment"
"""The component of true-ups and of their meters begins with it; the currency follows."""

_ZERO = Decimal(0)

SumKey = tuple[str, date, str, str, str]
"""Names a running sum: payer, first day of the period, order, product, currency."""

_NOTHING: Mapping[SumKey, Decimal] = {}


@dataclass(frozen=True, slots=True)
class _Owed:
    """One order's commitment of one ended period."""

    order: OrderRow
    period: Period
    version: PriceVersion
    currency: str
    committed: Decimal  # the period's whole amount, or its active days' share
    days: int

    @property
    def key(self) -> MeterKey:
        order = self.order
        component = f"{COMMITMENT} {self.currency}"
        scope = self.period.start.isoformat()
        return MeterKey(
            order.payer_id, order.product_id, order.order_id, scope, self.version.version_id, component
        )


def payers_to_true_up(
    work: UnitOfWork, *, first_shard: int, last_shard: int, on: date, after_payer: str, limit: int
) -> list[str]:
    """Up to `limit` payers, in id order, with a commitment and an open period that ended by `on`."""
    products = sorted(
        product_id for product_id, listed in work.catalog.products.items()
        if any(version.commitment for version in listed.product.versions)
    )  # fmt: skip
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
    schedules = schedules_of(work.connection, locked.values())
    book(work, made, meters, payers=locked, schedules=schedules, run_id=run_id)
    return len(made)


def lacking(
    work: UnitOfWork, payers: Mapping[str, PayerRow], *, on: date, more: Mapping[SumKey, Decimal] = _NOTHING
) -> tuple[list[Charge], Meters]:
    """What closing the open periods of these payers that end by `on` would charge, and its meters; not booked.

    The commitment counts against what the order's line of the period comes to in its currency, late facts and
    corrections included, and `more`, what a look ahead expects to be booked; of a period of which an order was
    active on fewer days it is the days' share. An order stays as it is on days to come.
    """
    owed = list(_owed(work, payers, on))
    meters = load_meters(work.connection, [one.key for one in owed])
    charged = _charged(work, {one.order.payer_id for one in owed})
    made: list[Charge] = []
    for one in owed:
        order = one.order
        sums = (order.payer_id, one.period.start, order.order_id, order.product_id, one.currency)
        before = meters.readings[one.key]
        without = charged.get(sums, _ZERO) + more.get(sums, _ZERO) - before
        after = max(_ZERO, one.committed - without)
        if after == before:
            continue
        meters.advance(one.key, after - before)
        made.append(_charge(one, _times_before(work, one) if before else 0, without, before, after))
    return made, meters


def is_committed(work: UnitOfWork, order: OrderRow) -> bool:
    """Whether a version of the order's product asks for a commitment."""
    listed = work.catalog.products.get(order.product_id)
    return listed is not None and any(version.commitment for version in listed.product.versions)


def _owed(work: UnitOfWork, locked: Mapping[str, PayerRow], on: date) -> Iterator[_Owed]:
    orders = [order for order in orders_of_payers(work.connection, locked) if is_committed(work, order)]
    changes = state_changes(work.connection, [order.order_id for order in orders])
    schedules = schedules_of(work.connection, locked.values())
    for order in orders:
        row = locked[order.payer_id]
        states = [StateChange(c.at, c.to_state == OrderState.ACTIVE) for c in changes.get(order.order_id, ())]
        day = max(row.closed_until, order.start_day)
        while (period := schedules[order.payer_id].period_of(day)).end <= on:
            day = period.end
            active = [d for d in days_of(period.start, period.end) if was_active(d, states, work.zone)]
            if active:
                yield from _of_period(work, order, row, period, active)
            if order.ended_day is not None and order.ended_day < day:
                break


def _of_period(
    work: UnitOfWork, order: OrderRow, row: PayerRow, period: Period, active: list[date]
) -> Iterator[_Owed]:
    """What the version of the last active day commits the order to, if it does."""
    product = work.catalog.products[order.product_id].product
    try:
        version = version_in_force(product, order.plan, active[-1])
        currency = choose_currency(version, row.currency, product.currency)
    except NoPrice:
        return
    whole = version.commitment.get(currency)
    if whole:
        share = EXACT.divide(EXACT.multiply(whole, Decimal(len(active))), Decimal(period.whole_days))
        yield _Owed(order, period, version, currency, share.quantize(RATED_SCALE, ROUND_HALF_UP), len(active))


def _charged(work: UnitOfWork, payer_ids: set[str]) -> dict[SumKey, Decimal]:
    """What the open lines come to now, by payer, period, order, product and currency."""
    table = running_sum.c
    columns = [table.payer_id, table.period_start, table.order_id, table.product_id, table.currency]
    statement = select(*columns, table.amount).where(table.invoice_id.is_(None))
    rows = rows_by_key(work.connection, statement, [table.payer_id], payer_ids)
    return {tuple(row[:5]): row.amount for row in rows}


def _times_before(work: UnitOfWork, one: _Owed) -> int:
    """How often this period was trued up already: it could not be closed then."""
    table = charge.c
    statement = select(func.count()).where(
        table.day == one.period.end - ONE_DAY,
        table.payer_id == one.order.payer_id,
        table.cause == Cause.TRUE_UP.value,
        table.cause_id == one.order.order_id,
    )
    return work.connection.execute(statement).scalar_one()


def _charge(one: _Owed, times: int, without: Decimal, before: Decimal, after: Decimal) -> Charge:
    order, key = one.order, one.key
    share = f" ({one.days} of {one.period.whole_days} days)" if one.days != one.period.whole_days else ""
    return Charge(
        day=one.period.end - ONE_DAY, payer_id=order.payer_id, cause=Cause.TRUE_UP, cause_id=order.order_id,
        component=f"{key.component}:{times + 1}" if times else key.component, order_id=order.order_id,
        product_id=order.product_id, user_id=NONE, currency=one.currency, quantity=_ZERO, amount=after - before,
        list_amount=after - before, meter=key, reading_before=before, reading_after=after,
        version_id=one.version.version_id,
        note=f"up to the commitment of {plain(one.committed, least_digits=2)}{share}; "
        f"charged {plain(without, least_digits=2)}",
    )  # fmt: skip
