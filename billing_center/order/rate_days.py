"""Rate the days of orders: each order is charged once for each civil day on which it was active for a moment.

Every order notes the last day that was decided, so a day that was missed is caught up, a run can be repeated,
and a backdated order is charged from its first day. Design: billing rules, modes 2 to 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import structlog

from billing_center.allowance.store import grants_of
from billing_center.bulk import put
from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.charge.store import load_meters
from billing_center.errors import BillingError
from billing_center.order.state import OrderState
from billing_center.order.store import (
    OrderRow,
    account_changes,
    first_openings,
    orders_to_rate,
    set_rated_through,
    state_changes,
)
from billing_center.payer.store import PayerRow, locked_payers, schedules_of
from billing_center.period import ONE_DAY, BillingSchedule, days_of
from billing_center.rating.active_days import AccountChange, StateChange, largest_accounts, was_active
from billing_center.rating.choose_price import choose_currency, version_in_force
from billing_center.rating.facts import Charge, Grant, MeterKey, OrderDay, PeriodOfDay, PlanKind, Terms
from billing_center.rating.grants import credit_keys, take_credits
from billing_center.rating.price_version import PriceVersion, Product, Promotion
from billing_center.rating.rate_day import meter_keys_of_day, rate_day
from schema.tables.jobs import job_failure

log = structlog.get_logger()

LARGEST_BATCH = 20_000
"""Order-days in one transaction at most: a long catch-up goes on in the next one."""

ACCOUNT_FEATURES = {"accounts", "accountnum", "currentnum"}
"""Names under which an order's specCondition may carry its first number of accounts."""


@dataclass(frozen=True, slots=True)
class DaysRated:
    """What one chunk did; `last_order_id` is where the next one begins, '' when the shards are done."""

    orders: int
    charges: int
    failures: int
    last_order_id: str


@dataclass(slots=True)
class DayFacts:
    """What the orders' days depend on, read in bulk."""

    payers: dict[str, PayerRow]
    schedules: dict[str, BillingSchedule]
    states: dict[str, list[StateChange]]
    accounts: dict[tuple[str, str], list[AccountChange]]
    openings: dict[tuple[str, str], date]
    grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadyDay:
    """An order's day with all that its price depends on."""

    day: OrderDay
    product: Product
    version: PriceVersion
    terms: Terms
    promotion: Promotion | None
    keys: tuple[MeterKey, ...]


@dataclass(slots=True)
class _Plan:
    ready: list[ReadyDay] = field(default_factory=list)
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
    orders = orders_to_rate(
        work.connection,
        first_shard=first_shard,
        last_shard=last_shard,
        through=through,
        after_order=after_order,
        limit=limit,
    )
    if not orders:
        return DaysRated(0, 0, 0, "")
    facts = read_day_facts(work, orders)
    plan = _Plan()
    done, last = _plan(work, orders, facts, through, plan, before=after_order)
    meters = load_meters(work.connection, [key for ready in plan.ready for key in ready.keys])
    charges: list[Charge] = []
    for ready in plan.ready:
        made = rate_day(
            ready.day,
            product=ready.product,
            version=ready.version,
            terms=ready.terms,
            promotion=ready.promotion,
            meters=meters,
        )
        charges += [*made, *take_credits(made, ready.terms.grants, meters)]
    book(work, charges, meters, payers=facts.payers, schedules=facts.schedules, run_id=run_id)
    set_rated_through(work.connection, plan.through)
    _note_failures(work, plan.failures, run_id)
    finished = done == len(orders) and len(orders) < limit
    return DaysRated(done, len(charges), len(plan.failures), "" if finished else last)


def read_day_facts(work: UnitOfWork, orders: Sequence[OrderRow]) -> DayFacts:
    """What the days of these orders depend on; their payers' rows are locked."""
    connection = work.connection
    payers = locked_payers(connection, {o.payer_id for o in orders})
    quotas = {(o.payer_id, o.product_id) for o in orders if o.plan is PlanKind.ACCOUNT_DAY}
    return DayFacts(
        payers=payers,
        schedules=schedules_of(connection, payers.values()),
        states={
            order_id: [StateChange(c.at, c.to_state == OrderState.ACTIVE) for c in changes]
            for order_id, changes in state_changes(connection, [o.order_id for o in orders]).items()
        },
        accounts={
            key: [AccountChange(c.at, c.accounts) for c in changes]
            for key, changes in account_changes(connection, quotas).items()
        },
        openings=first_openings(connection, {(o.payer_id, o.product_id) for o in orders}),
        grants=grants_of(connection, payers),
    )


def _plan(
    work: UnitOfWork, orders: Sequence[OrderRow], facts: DayFacts, through: date, plan: _Plan, *, before: str
) -> tuple[int, str]:
    """Collect the order-days; returns how many orders were finished, and the last of them."""
    last, count = before, 0
    for done, order in enumerate(orders):
        end = min(through, order.ended_day) if order.ended_day else through
        for day in days_of(order.rated_through + ONE_DAY, end + ONE_DAY):
            if count >= LARGEST_BATCH:
                return done, last
            try:
                ready = ready_day(work, order, day, facts)
            except BillingError as error:
                plan.failures[order.order_id] = error
                break
            if ready is not None:
                plan.ready.append(ready)
                count += 1
            plan.through[order.order_id] = day
        last = order.order_id
    return len(orders), last


def ready_day(work: UnitOfWork, order: OrderRow, day: date, facts: DayFacts) -> ReadyDay | None:
    """The order's day with all that its price depends on; None for a day on which it was never active.

    Where a version charges in advance such a day matters as well: it gives back what was charged for it.
    """
    states = facts.states.get(order.order_id, [])
    active = was_active(day, states, work.zone)
    listed = work.catalog.products.get(order.product_id)
    if not active and not (listed and any(version.in_advance for version in listed.product.versions)):
        return None
    key = (order.payer_id, order.product_id)
    product = work.catalog.product(order.product_id).product
    version = version_in_force(product, order.plan, day)
    period = facts.schedules[order.payer_id].period_of(day)
    terms = Terms(
        currency=choose_currency(version, facts.payers[order.payer_id].currency, product.currency),
        period=PeriodOfDay(period.start, period.whole_days, period.end),
        features=order.features,
        first_opening=facts.openings.get(key),
        grants=facts.grants.get(order.payer_id, ()),
    )
    accounts = _accounts_of(order, facts.accounts.get(key, []))
    fact = OrderDay(
        order_id=order.order_id, payer_id=order.payer_id, product_id=order.product_id, plan=order.plan, day=day,
        order_start=order.start_day,
        accounts=largest_accounts(day, states, accounts, work.zone), active=active, last=order.ended_day == day,
    )  # fmt: skip
    promotion = work.catalog.promotions.get(order.promotion_id)
    keys = meter_keys_of_day(fact, version, terms, product, promotion)
    keys += tuple(credit_keys(order.payer_id, order.product_id, terms.grants, day))
    return ReadyDay(fact, product, version, terms, promotion, keys)


def _accounts_of(order: OrderRow, changes: Sequence[AccountChange]) -> Sequence[AccountChange]:
    """The numbers over time. Where none is known at the order's start, the order may name one itself."""
    if order.plan is not PlanKind.ACCOUNT_DAY or any(change.at <= order.start_at for change in changes):
        return changes
    named = next((v for k, v in order.features.items() if k.casefold() in ACCOUNT_FEATURES), "")
    return [AccountChange(order.start_at, Decimal(named)), *changes] if named.isdecimal() else changes


def _note_failures(work: UnitOfWork, failures: Mapping[str, BillingError], run_id: str) -> None:
    rows = [
        {"run_id": run_id, "subject": order_id, "at": work.at, "code": e.code.value, "message": e.message[:400]}
        for order_id, e in failures.items()
    ]
    put(work.connection, job_failure, rows, replace=["at", "code", "message"])
    for order_id, error in failures.items():
        log.error("order_day_not_rated", order_id=order_id, code=error.code.value, reason=error.message)
