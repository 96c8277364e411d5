"""One order's day with all that its price depends on: read in bulk, put together day by day.

Where it stands in the walk: the daily rating of active orders; corrections and previews put days together the same
way. Design: billing rules, modes 2 to 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billing_center.allowance.store import grants_of
from billing_center.center import UnitOfWork
from billing_center.order.state import OrderState
from billing_center.order.store import OrderRow, account_changes, first_openings, state_changes
from billing_center.payer.store import PayerRow, locked_payers, schedules_of
from billing_center.period import BillingSchedule
from billing_center.rating.active_days import AccountChange, StateChange, largest_accounts, was_active
from billing_center.rating.choose_price import choose_currency, version_in_force
from billing_center.rating.facts import Charge, Grant, MeterKey, Meters, OrderDay, PeriodOfDay, PlanKind, Terms
from billing_center.rating.grants import credit_keys, take_credits
from billing_center.rating.price_version import PriceVersion, Product, Promotion
from billing_center.rating.rate_day import meter_keys_of_day, rate_day

ACCOUNT_FEATURES = {"accounts", "accountnum", "currentnum"}
"""Names under which an order's specCondition may carry its first number of accounts."""


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

    def rate(self, meters: Meters) -> list[Charge]:
        """The day's charges, and what granted money pays of them. Raises: as `rate_day`."""
        made = rate_day(
            self.day, product=self.product, version=self.version, terms=self.terms, promotion=self.promotion,
            meters=meters,
        )  # fmt: skip
        return [*made, *take_credits(made, self.terms.grants, meters)]


def read_day_facts(
    work: UnitOfWork,
    orders: Sequence[OrderRow],
    known: tuple[dict[str, PayerRow], dict[str, BillingSchedule]] | None = None,
) -> DayFacts:
    """What the days of these orders depend on; their payers' rows are locked, unless they are `known`."""
    connection = work.connection
    products = work.catalog.products
    if known is None:
        payers = locked_payers(connection, {o.payer_id for o in orders})
        known = payers, schedules_of(connection, payers.values())
    payers, schedules = known
    quotas = {(o.payer_id, o.product_id) for o in orders if o.plan is PlanKind.ACCOUNT_DAY}
    return DayFacts(
        payers=payers,
        schedules=schedules,
        states=_states(work, orders),
        accounts={
            key: [AccountChange(c.at, c.accounts) for c in changes]
            for key, changes in account_changes(connection, quotas).items()
        },
        openings=first_openings(connection, {
            (o.payer_id, o.product_id) for o in orders
            if o.product_id in products and products[o.product_id].product.allowance.days
        }),
        grants=grants_of(connection, payers),
    )  # fmt: skip


def _states(work: UnitOfWork, orders: Sequence[OrderRow]) -> dict[str, list[StateChange]]:
    """When each order became active or ceased to be. One that never changed is what it was installed as."""
    changed = [o.order_id for o in orders if o.change_count != 1]
    states = {
        order_id: [StateChange(c.at, c.to_state == OrderState.ACTIVE) for c in changes]
        for order_id, changes in state_changes(work.connection, changed).items()
    }
    for order in orders:
        if order.change_count == 1:
            states[order.order_id] = [StateChange(order.start_at, order.state is OrderState.ACTIVE)]
    return states


def ready_day(work: UnitOfWork, order: OrderRow, day: date, facts: DayFacts) -> ReadyDay | None:
    """The order's day with all that its price depends on; None for a day on which it was never active.

    Where a version charges in advance such a day matters as well: it gives back what was charged for it.
    """
    states = facts.states.get(order.order_id, [])
    active = was_active(day, states, work.zone)
    listed = work.catalog.products.get(order.product_id)
    if not active and not (listed and charges_in_advance(listed.product)):
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
    accounts = accounts_of(order, facts.accounts.get(key, []))
    fact = OrderDay(
        order_id=order.order_id, payer_id=order.payer_id, product_id=order.product_id, plan=order.plan, day=day,
        order_start=order.start_day,
        accounts=largest_accounts(day, states, accounts, work.zone), active=active, last=order.ended_day == day,
    )  # fmt: skip
    promotion = work.catalog.promotions.get(order.promotion_id)
    keys = meter_keys_of_day(fact, version, terms, product, promotion)
    keys += tuple(credit_keys(order.payer_id, order.product_id, terms.grants, day))
    return ReadyDay(fact, product, version, terms, promotion, keys)


def charges_in_advance(product: Product) -> bool:
    """Whether some version of the product does: then days without activity matter, too."""
    return any(version.in_advance for version in product.versions)


def accounts_of(order: OrderRow, changes: Sequence[AccountChange]) -> Sequence[AccountChange]:
    """The numbers over time. Where none is known at the order's start, the order may name one itself."""
    if order.plan is not PlanKind.ACCOUNT_DAY or any(change.at <= order.start_at for change in changes):
        return changes
    named = next((v for k, v in order.features.items() if k.casefold() in ACCOUNT_FEATURES), "")
    return [AccountChange(order.start_at, Decimal(named)), *changes] if named.isdecimal() else changes
