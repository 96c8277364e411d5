"""What a payer's periods included of units of use, what was taken of it and what is left, at any past moment.

A period that holds is shown whether anything was taken of it or not: what it gives is in the catalog, what was
taken is told by the charges. Of periods that hold no more those are shown of which something was taken. The
rules are those by which uses are rated (`rating/grants.py`). Design: docs/prices.md, "Balances".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from billing_center.allowance.store import TakenKey
from billing_center.center import UnitOfWork
from billing_center.clock import civil_day
from billing_center.errors import NoPrice
from billing_center.ids import NONE
from billing_center.order.store import first_openings, orders_of_payers
from billing_center.payer.store import schedules
from billing_center.period import BillingSchedule
from billing_center.rating.choose_price import version_in_force
from billing_center.rating.facts import PlanKind
from billing_center.rating.grants import INCLUDED, included_starts
from billing_center.rating.price_version import MeterPer, PriceVersion
from billing_center.rating.unit_conversion import in_unit, unit_of
from billing_center.usage.use_card import earlier_periods


@dataclass(frozen=True, slots=True)
class IncludedBalance:
    """The units that one period includes, of the payer or of one order; in the unit of the plan."""

    product_id: str
    order_id: str  # "-" where the payer's orders share them
    version_id: str
    unit: str
    period_start: date
    granted: Decimal
    taken: Decimal
    valid_to: date  # the first day that they no longer hold for
    expired: bool

    @property
    def left(self) -> Decimal:
        """What is left of them, were they not expired."""
        return self.granted - self.taken

    @property
    def balance_id(self) -> str:
        """The component of the charges that took from it."""
        return f"{INCLUDED}{self.period_start}"


def included_balances(
    work: UnitOfWork, payer_id: str, at: datetime, taken: Mapping[TakenKey, Decimal]
) -> list[IncludedBalance]:
    """The payer's included units as they stood at the instant; `taken` is what its charges had taken by then."""
    schedule = schedules(work.connection, [payer_id]).get(payer_id)
    if schedule is None:
        return []
    day = civil_day(at, work.zone)
    asked = {key: Decimal(0) for key in _holding(work, payer_id, schedule, day)}
    asked |= {key: quantity for key, quantity in taken.items() if key.component.startswith(INCLUDED)}
    found = [_balance(work, key, quantity, schedule, day) for key, quantity in asked.items()]
    shown = [one for one in found if one is not None]
    return sorted(shown, key=lambda one: (one.product_id, one.order_id, one.period_start, one.version_id))


def _holding(work: UnitOfWork, payer_id: str, schedule: BillingSchedule, day: date) -> Iterator[TakenKey]:
    """The periods whose units a use of the day could take."""
    sold: list[PriceVersion] = []
    for listed in work.catalog.products.values():
        try:
            version = version_in_force(listed.product, PlanKind.PER_USE, day)
        except NoPrice:
            continue
        if version.included is not None:
            sold.append(version)
    if not sold:
        return
    openings = first_openings(work.connection, {(payer_id, version.product_id) for version in sold})
    orders = orders_of_payers(work.connection, [payer_id])
    period = schedule.period_of(day)
    for version in sold:
        if version.meter_per is MeterPer.ORDER:
            began = {
                order.order_id: order.start_day
                for order in orders
                if order.product_id == version.product_id and (order.ended_day is None or order.ended_day >= day)
            }
        else:
            opened = openings.get((payer_id, version.product_id))
            began = {} if opened is None else {NONE: opened}
        earlier = earlier_periods(version, schedule, period.start)
        for order_id, since in began.items():
            if since <= day:
                for start in included_starts(version, period.start, earlier, since):
                    yield TakenKey(f"{INCLUDED}{start}", version.product_id, order_id, version.version_id)


def _balance(
    work: UnitOfWork, key: TakenKey, taken: Decimal, schedule: BillingSchedule, day: date
) -> IncludedBalance | None:
    """None for units of a version that the catalog does not know."""
    listed = work.catalog.products.get(key.product_id)
    versions = listed.product.versions if listed is not None else ()
    version = next((one for one in versions if one.version_id == key.version_id), None)
    if version is None or version.included is None:
        return None
    start = date.fromisoformat(key.component.removeprefix(INCLUDED))
    end = schedule.period_of(start).end
    for _ in range(version.included.carry_over):
        end = schedule.period_of(end).end
    valid_to = end if version.valid_to is None else min(end, version.valid_to)
    return IncludedBalance(
        key.product_id, key.order_id, key.version_id, version.unit, start, version.included.units,
        in_unit(taken, unit_of(version.unit)), valid_to, valid_to <= day,
    )  # fmt: skip
