"""Days of orders, rated by hand: the worked examples of the billing rules, and subscriptions."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.errors import BillingError, Broken, MissingField, NoPrice, OutOfRange
from billing_center.period import BillingDayFrom, BillingSchedule
from billing_center.rating.facts import Cause, Charge, MeterKey, Meters, OrderDay, PeriodOfDay, PlanKind, Terms
from billing_center.rating.models import BadParameter, read_model
from billing_center.rating.price_version import Allowance, MeterPer, Price, PriceVersion, Product, Promotion
from billing_center.rating.rate_day import meter_keys_of_day, rate_day

MARCH = PeriodOfDay(date(2026, 3, 1), 31)
START = date(2026, 3, 1)


def d(text: str | int) -> Decimal:
    return Decimal(text)


class Desk:
    """One product with one plan by days, and meters that live on from day to day."""

    def __init__(
        self,
        plan: PlanKind,
        params: dict[str, object],
        *,
        allowance: Allowance | None = None,
        promotion: Promotion | None = None,
        schedule: BillingSchedule | None = None,
    ) -> None:
        prices = (Price("cny", "CNY", read_model(params)),)
        self.version = PriceVersion("v1", "p", plan, "", MeterPer.PAYER, date(2020, 1, 1), None, prices)
        self.product = Product("p", "P", True, "CNY", (self.version,), allowance or Allowance())
        self.promotion = promotion
        self.schedule = schedule or BillingSchedule(1)
        self.first_opening: date | None = START
        self.meters = Meters()

    def rate(self, day: date, **changes: Any) -> Charge:
        values: dict[str, Any] = {
            "order_id": "o1",
            "payer_id": "boss",
            "product_id": "p",
            "plan": self.version.plan,
            "day": day,
            "order_start": START,
        }
        fact = OrderDay(**(values | changes))
        period = self.schedule.period_of(day)
        terms = Terms("CNY", PeriodOfDay(period.start, period.whole_days), first_opening=self.first_opening)
        keys = meter_keys_of_day(fact, self.version, terms, self.product, self.promotion)
        loaded = Meters({key: reading for key, reading in self.meters.readings.items() if key in keys})
        [charge] = rate_day(
            fact,
            product=self.product,
            version=self.version,
            terms=terms,
            promotion=self.promotion,
            meters=loaded,
        )
        assert loaded.touched == set(keys), "the meters asked for beforehand are those that grow"
        self.meters.readings.update(loaded.readings)
        return charge

    def rate_days(self, start: date, count: int, **changes: Any) -> list[Charge]:
        return [self.rate(start + timedelta(days=n), **changes) for n in range(count)]


def total(charges: list[Charge]) -> Decimal:
    return sum((charge.amount for charge in charges), d(0))


def test_a_day_is_the_growth_of_its_orders_meter() -> None:
    desk = Desk(PlanKind.DAY, {"price": "2.00"})
    desk.rate(date(2026, 3, 4))
    charge = desk.rate(date(2026, 3, 9))
    assert charge == Charge(
        day=date(2026, 3, 9),
        payer_id="boss",
        cause=Cause.DAY,
        cause_id="o1",
        component="cny",
        order_id="o1",
        product_id="p",
        user_id="-",
        currency="CNY",
        quantity=d(1),
        amount=d("2.00"),
        list_amount=d("2.00"),
        meter=MeterKey("boss", "p", "o1", "2026-03-01", "v1", "cny"),
        reading_before=d(1),
        reading_after=d(2),
        version_id="v1",
    )


def test_two_orders_on_one_day_are_two_days_each_at_its_own_first_tier() -> None:
    desk = Desk(PlanKind.DAY, {"model": "graduated", "tiers": [{"up_to": 1, "price": 5}, {"price": 1}]})
    assert [desk.rate(START, order_id=o).amount for o in ("o1", "o2")] == [5, 5]
    assert desk.rate(date(2026, 3, 2)).amount == 1


def test_worked_example_eight_accounts_at_two() -> None:
    charge = Desk(PlanKind.ACCOUNT_DAY, {"price": "2.00"}).rate(START, accounts=d(8))
    assert (charge.amount, charge.quantity, charge.reading_after) == (d("16.00"), 8, 8)


def test_an_active_day_without_accounts_costs_nothing() -> None:
    assert Desk(PlanKind.ACCOUNT_DAY, {"price": "2.00"}).rate(START).amount == 0


def test_worked_example_first_seven_days_free() -> None:
    desk = Desk(PlanKind.DAY, {"price": "2.00"}, allowance=Allowance(days=7))
    charges = desk.rate_days(START, 9)
    assert [c.amount for c in charges] == [0] * 7 + [2, 2]
    assert [c.list_amount for c in charges] == [0] * 7 + [2, 2]
    assert {(c.component, c.note, c.meter) for c in charges[:7]} == {("allowance", "free: first 7 days", None)}
    assert (charges[7].reading_before, charges[7].reading_after) == (0, 1)


def test_a_second_order_gets_no_second_allowance() -> None:
    desk = Desk(PlanKind.DAY, {"price": "2.00"}, allowance=Allowance(days=7))
    late = desk.rate(date(2026, 3, 9), order_id="o2", order_start=date(2026, 3, 9))
    assert late.amount == 2


@pytest.mark.parametrize("month", range(1, 13))
def test_a_whole_month_costs_its_price(month: int) -> None:
    desk = Desk(PlanKind.MONTH, {"price": "100.00"})
    start = date(2026, month, 1)
    days = desk.schedule.period_of(start).days
    charges = desk.rate_days(start, days)
    assert total(charges) == 100
    assert charges[0].amount == (d(100) / days).quantize(d("0.000001"))


def test_part_of_a_month_costs_its_share_of_the_whole() -> None:
    # 10 of 31 days: 100 x 10 / 31 = 32.258064516...
    assert total(Desk(PlanKind.MONTH, {"price": "100"}).rate_days(date(2026, 3, 22), 10)) == d("32.258065")


def test_a_stub_of_a_moved_billing_day_is_divided_by_the_regular_period() -> None:
    # Periods from the 1st; from 1 March on, billing day 16: 1 to 15 March is a stub of 16 February to 15 March.
    schedule = BillingSchedule(1, [BillingDayFrom(date(2026, 3, 1), 16)])
    charges = Desk(PlanKind.MONTH, {"price": "28.00"}, schedule=schedule).rate_days(date(2026, 3, 1), 15)
    assert total(charges) == 15


def test_a_whole_service_year_costs_its_price_over_all_its_billing_periods() -> None:
    desk = Desk(PlanKind.YEAR, {"price": "100.00"}, schedule=BillingSchedule(31))
    start = date(2027, 3, 10)  # through 29 February 2028: 366 days
    assert total(desk.rate_days(start, 366, order_start=start)) == 100
    assert {key.scope for key in desk.meters.readings} == {"2027-03-10"}
    next_year = desk.rate(date(2028, 3, 10), order_start=start)
    assert next_year.amount == d("0.273973")  # 100 / 365
    assert next_year.reading_after == 1


def test_free_days_of_a_promotion_keep_their_list_amount_and_do_not_move_the_price_meter() -> None:
    desk = Desk(PlanKind.MONTH, {"price": "31.00"}, promotion=Promotion("week", free_days=7))
    charges = desk.rate_days(START, 31)
    assert total(charges) == 24
    assert sum(c.list_amount for c in charges) == 31
    assert {(c.component, c.amount, c.note) for c in charges[:7]} == {
        ("promotion", 0, "free by promotion: first 7 days")
    }
    assert (charges[7].reading_before, charges[30].reading_after) == (0, 24)
    assert {c.promotion_id for c in charges} == {"week"}


def test_the_products_free_days_come_before_the_promotions() -> None:
    week, three = Promotion("week", free_days=7), Allowance(days=3)
    charges = Desk(PlanKind.DAY, {"price": "1"}, promotion=week, allowance=three).rate_days(START, 8)
    assert [c.component for c in charges] == ["allowance"] * 3 + ["promotion"] * 4 + ["cny"]
    assert sum(c.list_amount for c in charges) == 5


def test_percent_and_amount_off_a_month() -> None:
    percent = Desk(PlanKind.MONTH, {"price": "31"}, promotion=Promotion("p", percent_off=d(20)))
    amount = Desk(PlanKind.MONTH, {"price": "31"}, promotion=Promotion("a", amount_off={"CNY": d("1.50")}))
    assert total(percent.rate_days(START, 31)) == d("24.8")
    charges = amount.rate_days(START, 31)
    assert [c.amount for c in charges[:3]] == [0, d("0.5"), 1]
    assert total(charges) == d("29.50")
    assert sum(c.list_amount for c in charges) == 31


def test_a_free_day_asks_for_no_meter_that_it_does_not_move() -> None:
    desk = Desk(PlanKind.DAY, {"price": "1"}, allowance=Allowance(days=1))
    desk.rate(START)
    assert desk.meters == Meters()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"plan": PlanKind.MONTH}, Broken),
        ({"accounts": d(-1)}, OutOfRange),
        ({"accounts": d("1000000000000")}, OutOfRange),
    ],
)
def test_what_cannot_be_rated_leaves_the_meters_alone(changes: dict[str, Any], error: type[BillingError]) -> None:
    desk = Desk(PlanKind.ACCOUNT_DAY, {"price": "1"})
    with pytest.raises(error):
        desk.rate(START, **changes)
    assert desk.meters == Meters()


def test_a_plan_per_use_has_no_days() -> None:
    with pytest.raises(Broken):
        Desk(PlanKind.PER_USE, {"price": "1"}).rate(START)


def test_a_tiered_month_and_a_missing_currency_are_refused() -> None:
    with pytest.raises(BadParameter):
        Desk(PlanKind.MONTH, {"model": "volume", "tiers": [{"price": 1}]}).rate(START)
    desk = Desk(PlanKind.DAY, {"price": "1"})
    desk.version = PriceVersion("v", "p", PlanKind.DAY, "", MeterPer.PAYER, START, None, ())
    with pytest.raises(NoPrice):
        desk.rate(START)


def test_free_days_demand_the_first_opening() -> None:
    desk = Desk(PlanKind.DAY, {"price": "1"}, allowance=Allowance(days=1))
    desk.first_opening = None
    with pytest.raises(MissingField):
        desk.rate(START)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([PlanKind.DAY, PlanKind.MONTH, PlanKind.YEAR]),
    st.decimals("0", "9999", places=6),
    st.permutations(range(28)).flatmap(lambda order: st.integers(1, 28).map(lambda n: order[:n])),
)
def test_days_may_be_rated_in_any_order(plan: PlanKind, price: Decimal, days: list[int]) -> None:
    """Late days land on the same total."""
    in_order, as_drawn = Desk(plan, {"price": str(price)}), Desk(plan, {"price": str(price)})
    first = total([in_order.rate(START + timedelta(days=n)) for n in sorted(days)])
    assert total([as_drawn.rate(START + timedelta(days=n)) for n in days]) == first
