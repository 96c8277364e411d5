"""Days charged in advance: what comes back, and that advance and arrear cost the same for the same days."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.errors import Broken
from billing_center.rating.facts import Charge, Meters, OrderDay, PeriodOfDay, PlanKind, Terms
from billing_center.rating.models import read_model
from billing_center.rating.price_version import (
    Allowance,
    MeterPer,
    Price,
    PriceVersion,
    Product,
    Promotion,
    Proration,
)
from billing_center.rating.rate_day import meter_keys_of_day, rate_day

START = date(2026, 3, 1)
PLANS = st.sampled_from([PlanKind.DAY, PlanKind.MONTH, PlanKind.YEAR])
PROMOTIONS = st.sampled_from(
    [
        None,
        Promotion("h", percent_off=Decimal("33.3")),
        Promotion("d", free_days=4),
        Promotion("a", amount_off={"CNY": Decimal(9)}),
    ]
)


def version(plan: PlanKind, price: str = "310", name: str = "v1", **more: object) -> PriceVersion:
    prices = (Price("cny", "CNY", read_model({"price": price})),)
    made = PriceVersion(name, "p", plan, "", MeterPer.ORDER, date(2026, 1, 1), None, prices)
    return replace(made, **more)  # type: ignore[arg-type]


def rate(
    days: list[bool],
    *versions: PriceVersion,
    ends: bool = False,
    promotion: Promotion | None = None,
    free: int = 0,
) -> list[Charge]:
    """The charges of an order from 1 March on, active as `days` say, with no meters but those asked for."""
    product = Product("p", "P", True, "CNY", versions, Allowance(days=free))
    kept, charges = Meters(), list[Charge]()
    for n, active in enumerate(days):
        day = START + timedelta(n)
        [in_force] = [v for v in versions if v.in_force_on(day)]
        start = day.replace(day=1)
        end = (start + timedelta(32)).replace(day=1)
        terms = Terms("CNY", PeriodOfDay(start, (end - start).days, end), first_opening=START)
        last = ends and n == len(days) - 1
        fact = OrderDay("o", "boss", "p", in_force.plan, day, START, active=active, last=last)
        keys = meter_keys_of_day(fact, in_force, terms, product, promotion)
        meters = Meters({key: kept.readings[key] for key in keys if key in kept.readings})
        made = rate_day(fact, product=product, version=in_force, terms=terms, promotion=promotion, meters=meters)
        assert meters.touched <= set(keys)
        kept.readings.update(meters.readings)
        charges += made
    return charges


def told(charges: list[Charge]) -> list[tuple[int, str, str]]:
    return [(c.day.day, f"{c.amount:.2f}", c.note) for c in charges]


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.booleans(), min_size=1, max_size=70),
    PLANS,
    PROMOTIONS,
    st.sampled_from([0, 3]),
    st.sampled_from(Proration),
)
def test_advance_and_arrear_cost_the_same_for_the_same_days(
    days: list[bool], plan: PlanKind, promotion: Promotion | None, free: int, proration: Proration
) -> None:
    proration = Proration.ACTUAL_DAYS if plan is PlanKind.DAY else proration
    arrear = rate(days, version(plan, proration=proration), promotion=promotion, free=free)
    # Ended on the last day, so that every scope is settled.
    advance = rate(
        days, version(plan, proration=proration, in_advance=True), ends=True, promotion=promotion, free=free
    )
    for total in ("amount", "list_amount", "quantity"):
        assert sum(getattr(c, total) for c in advance) == sum(getattr(c, total) for c in arrear)
    assert len({(c.day, c.component) for c in advance}) == len(advance)


def test_a_period_is_charged_on_its_first_active_day_and_what_is_unused_comes_back() -> None:
    days = [True] * 10 + [False] + [True] * 9  # to 20 March
    assert told(rate(days, version(PlanKind.MONTH, in_advance=True), ends=True)) == [
        (1, "310.00", "in advance: 31 days through 2026-03-31"),
        (11, "-10.00", "given back: 1 days, not active"),
        (20, "-110.00", "given back: 11 days, the order ended"),
    ]


def test_an_order_that_ends_while_it_is_stopped_gives_that_day_back_as_well() -> None:
    assert told(rate([True, False], version(PlanKind.MONTH, in_advance=True), ends=True)) == [
        (1, "310.00", "in advance: 31 days through 2026-03-31"),
        (2, "-300.00", "given back: 30 days, the order ended"),
    ]


def test_free_days_are_not_charged_in_advance() -> None:
    assert told(rate([True] * 9, version(PlanKind.MONTH, in_advance=True), free=7))[6:] == [
        (7, "0.00", "free: first 7 days"),
        (8, "240.00", "in advance: 24 days through 2026-03-31"),
    ]


def test_what_is_paid_keeps_its_price_when_another_version_comes_into_force() -> None:
    old = version(PlanKind.MONTH, in_advance=True, valid_to=date(2026, 3, 11))
    new = version(PlanKind.MONTH, "620", "v2", in_advance=True, valid_from=date(2026, 3, 11))
    charges = rate([True] * 14 + [False] + [True] * 18, old, new)
    assert [(c.day, c.version_id, c.amount) for c in charges] == [
        (date(2026, 3, 1), "v1", Decimal(310)),
        (date(2026, 3, 15), "v1", Decimal(-10)),
        (date(2026, 4, 1), "v2", Decimal(620)),
    ]


def test_a_version_in_arrear_after_one_in_advance_begins_with_the_next_period() -> None:
    old = version(PlanKind.MONTH, in_advance=True, valid_to=date(2026, 3, 11))
    new = version(PlanKind.MONTH, "300", "v2", valid_from=date(2026, 3, 11))
    charges = rate([True] * 32, old, new)
    assert [(c.day, c.amount) for c in charges] == [
        (date(2026, 3, 1), Decimal(310)), (date(2026, 4, 1), Decimal(10)),
    ]  # fmt: skip


def test_a_year_is_charged_whole_on_its_first_day() -> None:
    [charge] = rate([True] * 60, version(PlanKind.YEAR, "365", in_advance=True))
    assert (charge.quantity, charge.amount) == (365, 365)


def test_the_end_of_the_billing_period_must_be_told() -> None:
    fact = OrderDay("o", "boss", "p", PlanKind.MONTH, START, START)
    product = Product("p", "P", True, "CNY", (version(PlanKind.MONTH, in_advance=True),))
    with pytest.raises(Broken, match="billing period's end"):
        meter_keys_of_day(fact, product.versions[0], Terms("CNY", PeriodOfDay(START, 31)), product, None)
