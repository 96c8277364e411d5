"""Rate the days of orders: each order is charged once for each civil day on which it was active for a moment.

Every order notes the last day that was decided, so a day that was missed is caught up, a run can be repeated,
and a backdated order is charged from its first day. Design: billing rules, modes 2 to 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog

from billing_center.bulk import put
from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.charge.book_inside import can_book_inside
from billing_center.charge.store import load_meters
from billing_center.errors import BillingError
from billing_center.order.alike_days import AlikeDay, AlikeDays
from billing_center.order.orders_to_rate import cut, orders_of, stretch_from
from billing_center.order.rate_crowd import rate_crowd
from billing_center.order.ready_day import ReadyDay, read_day_facts
from billing_center.order.store import OrderRow, set_rated_through
from billing_center.period import ONE_DAY, days_of
from billing_center.rating.facts import Charge
from schema.tables.jobs import job_failure

log = structlog.get_logger()

LARGEST_BATCH = 20_000
"""Order-days in one transaction at most: a long catch-up goes on in the next one."""


@dataclass(frozen=True, slots=True)
class DaysRated:
    """What one chunk did; `last_order_id` is where the next one begins, '' when the shards are done."""

    orders: int
    charges: int
    failures: int
    last_order_id: str


@dataclass(slots=True)
class _Plan:
    ready: list[ReadyDay | AlikeDay] = field(default_factory=list)
    through: dict[str, date] = field(default_factory=dict)
    failures: dict[str, BillingError] = field(default_factory=dict)


def rate_days(
    work: UnitOfWork,
    *,
    first_shard: int,
    last_shard: int,
    through: date,
    after_order: str,
    limit: int,
    run_id: str,
) -> DaysRated:
    """Rate every day up to `through` that is not decided yet, of up to `limit` orders of the shards.

    An order whose day has no price stays at the day before, is noted in the run, and is tried again.
    """
    connection = work.connection
    stretch = stretch_from(
        connection, first_shard=first_shard, last_shard=last_shard, through=through, after_order=after_order
    )
    alike = 0
    if can_book_inside(connection):
        stretch = cut(connection, stretch, limit)
        alike = rate_crowd(work, stretch, through, run_id=run_id)
    orders = orders_of(connection, stretch, limit)
    done = _rate_each(work, orders, through, before=after_order, run_id=run_id)
    last = done.last_order_id
    if done.orders == len(orders) < limit:
        last = stretch.up_to[2] if stretch.up_to else ""
    return DaysRated(done.orders + alike, done.charges + alike, done.failures, last)


def _rate_each(
    work: UnitOfWork, orders: Sequence[OrderRow], through: date, *, before: str, run_id: str
) -> DaysRated:
    """Rate orders that need a look of their own, as many as go into one batch; with the last of them."""
    if not orders:
        return DaysRated(0, 0, 0, before)
    facts = read_day_facts(work, orders)
    plan = _Plan()
    done, last = _plan(AlikeDays(work, facts), orders, through, plan, before=before)
    meters = load_meters(work.connection, [key for ready in plan.ready for key in ready.keys])
    charges: list[Charge] = []
    for ready in plan.ready:
        charges += ready.rate(meters)
    book(work, charges, meters, payers=facts.payers, schedules=facts.schedules, run_id=run_id)
    set_rated_through(work.connection, plan.through)
    _note_failures(work, plan.failures, run_id)
    return DaysRated(done, len(charges), len(plan.failures), last)


def _plan(
    days: AlikeDays, orders: Sequence[OrderRow], through: date, plan: _Plan, *, before: str
) -> tuple[int, str]:
    """Collect the order-days; returns how many orders were finished, and the last of them."""
    last, count = before, 0
    for done, order in enumerate(orders):
        end = min(through, order.ended_day) if order.ended_day else through
        for day in days_of(order.rated_through + ONE_DAY, end + ONE_DAY):
            if count >= LARGEST_BATCH:
                return done, last
            try:
                ready = days.ready(order, day)
            except BillingError as error:
                plan.failures[order.order_id] = error
                break
            if ready is not None:
                plan.ready.append(ready)
                count += 1
            plan.through[order.order_id] = day
        last = order.order_id
    return len(orders), last


def _note_failures(work: UnitOfWork, failures: Mapping[str, BillingError], run_id: str) -> None:
    rows = [
        {"run_id": run_id, "subject": order_id, "at": work.at, "code": e.code.value, "message": e.message[:400]}
        for order_id, e in failures.items()
    ]
    put(work.connection, job_failure, rows, replace=["at", "code", "message"])
    for order_id, error in failures.items():
        log.error("order_day_not_rated", order_id=order_id, code=error.code.value, reason=error.message)
