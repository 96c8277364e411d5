"""What an order's billing period owes at least: the commitment of the price version of its last active day.

Of a period of which the order was active on fewer days it is their share. Where it stands in the walk: asked by
`true_up`, when a period is closed and when a closed one is corrected. Design: billing rules, "Shapes of F".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from billing_center.center import UnitOfWork
from billing_center.errors import NoPrice
from billing_center.money import RATED_SCALE
from billing_center.order.state import OrderState
from billing_center.order.store import OrderRow, state_changes
from billing_center.payer.store import PayerRow
from billing_center.period import BillingSchedule, Period, days_of
from billing_center.rating.active_days import StateChange, was_active
from billing_center.rating.choose_price import choose_currency, version_in_force
from billing_center.rating.facts import MeterKey
from billing_center.rating.growth import EXACT

COMMITMENT = "commitment"
"""The component of true-ups and of their meters begins with it; the currency follows."""


Place = tuple[str, date]
"""(order, first day of the period)."""


@dataclass(frozen=True, slots=True)
class OrderPeriod:
    """A billing period of an order."""

    order: OrderRow
    period: Period

    @property
    def place(self) -> Place:
        """What names it."""
        return self.order.order_id, self.period.start


@dataclass(frozen=True, slots=True)
class Owed:
    """What is committed of an order's period, rated; `days` on which it was active."""

    of: OrderPeriod
    key: MeterKey
    currency: str
    amount: Decimal
    days: int


def is_committed(work: UnitOfWork, order: OrderRow) -> bool:
    """Whether a version of the order's product asks for a commitment."""
    listed = work.catalog.products.get(order.product_id)
    return listed is not None and any(version.commitment for version in listed.product.versions)


def committed_products(work: UnitOfWork) -> list[str]:
    """The products of which a version asks for a commitment, in order."""
    listed = work.catalog.products.items()
    return sorted(one for one, of in listed if any(version.commitment for version in of.product.versions))


def ended_periods(
    orders: Iterable[OrderRow],
    rows: Mapping[str, PayerRow],
    schedules: Mapping[str, BillingSchedule],
    on: date,
) -> Iterator[OrderPeriod]:
    """The open periods of the orders that end by the day, in order; none that begins after an order's end."""
    for order in orders:
        schedule = schedules[order.payer_id]
        day = max(rows[order.payer_id].closed_until, order.start_day)
        while (period := schedule.period_of(day)).end <= on:
            yield OrderPeriod(order, period)
            day = period.end
            if order.ended_day is not None and order.ended_day < day:
                break


def owed(work: UnitOfWork, periods: Collection[OrderPeriod], rows: Mapping[str, PayerRow]) -> dict[Place, Owed]:
    """What each of the periods owes by what is known now; one that owes nothing is left out."""
    changes = state_changes(work.connection, {one.order.order_id for one in periods})
    found = {}
    for one in periods:
        known = changes.get(one.order.order_id, ())
        states = [StateChange(c.at, c.to_state == OrderState.ACTIVE) for c in known]
        days = days_of(one.period.start, one.period.end)
        active = [day for day in days if was_active(day, states, work.zone)]
        of_period = _owed(work, one, rows[one.order.payer_id].currency, active) if active else None
        if of_period is not None:
            found[one.place] = of_period
    return found


def _owed(work: UnitOfWork, one: OrderPeriod, preferred: str, active: list[date]) -> Owed | None:
    order, period = one.order, one.period
    product = work.catalog.products[order.product_id].product
    try:
        version = version_in_force(product, order.plan, active[-1])
        currency = choose_currency(version, preferred, product.currency)
    except NoPrice:
        return None
    whole = version.commitment.get(currency)
    if not whole:
        return None
    share = EXACT.divide(EXACT.multiply(whole, Decimal(len(active))), Decimal(period.whole_days))
    component = f"{COMMITMENT} {currency}"
    scope = period.start.isoformat()
    key = MeterKey(order.payer_id, order.product_id, order.order_id, scope, version.version_id, component)
    return Owed(one, key, currency, share.quantize(RATED_SCALE, ROUND_HALF_UP), len(active))
