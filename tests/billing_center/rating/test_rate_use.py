"""Uses, rated by hand: the worked examples of the billing rules, and each step of the chain."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing_center.errors import BillingError, MissingField, NoPrice, OutOfRange, ResultCode, Unknown
from billing_center.rating.facts import Cause, Charge, MeterKey, Meters, PeriodOfDay, PlanKind, Terms, Use
from billing_center.rating.models import read_model
from billing_center.rating.price_version import Allowance, Band, MeterPer, Price, PriceVersion, Product, Promotion
from billing_center.rating.rate_use import meter_keys_of_use, rate_use

ZONE = ZoneInfo("Asia/Shanghai")
MARCH = PeriodOfDay(date(2026, 3, 1), 31)
BANDS = (Band("day", time(8), time(20)), Band("night", time(20), time(8)))


def d(text: str | int) -> Decimal:
    return Decimal(text)


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


class Desk:
    """One product with one plan per use, and meters that live on from use to use."""

    def __init__(
        self,
        *prices: Price,
        unit: str = "次",
        per: MeterPer = MeterPer.PAYER,
        bands: tuple[Band, ...] = (),
        allowance: Allowance | None = None,
        promotion: Promotion | None = None,
        terms: Terms | None = None,
    ) -> None:
        self.version = PriceVersion("v1", "p", PlanKind.PER_USE, unit, per, date(2026, 1, 1), None, prices, bands)
        self.product = Product("p", "P", True, "CNY", (self.version,), allowance or Allowance())
        self.promotion = promotion
        self.terms = terms or Terms("CNY", MARCH, first_opening=date(2026, 3, 1), order_start=date(2026, 3, 1))
        self.meters = Meters()
        self.count = 0

    def use(self, quantity: str | int | None, **changes: Any) -> Use:
        self.count += 1
        begin = changes.pop("started_at", at(1 + self.count % 28))
        values: dict[str, Any] = {
            "event_id": f"e{self.count}",
            "payer_id": "boss",
            "user_id": "sales",
            "product_id": "p",
            "order_id": "o1",
            "started_at": begin,
            "ended_at": begin,
            "quantity": None if quantity is None else d(quantity),
            "unit": "",
        }
        return Use(**(values | changes))

    def rate(self, quantity: str | int | None, **changes: Any) -> list[Charge]:
        use = self.use(quantity, **changes)
        keys = meter_keys_of_use(use, self.version, self.terms, self.product, self.promotion, ZONE)
        loaded = Meters({key: reading for key, reading in self.meters.readings.items() if key in keys})
        charges = rate_use(
            use,
            product=self.product,
            version=self.version,
            terms=self.terms,
            promotion=self.promotion,
            meters=loaded,
            zone=ZONE,
        )
        assert loaded.touched <= set(keys), "a meter grew that was not asked for beforehand"
        self.meters.readings.update(loaded.readings)
        self.meters.touched |= loaded.touched
        return charges


def price(params: Mapping[str, object], component: str = "cny", **more: Any) -> Price:
    return Price(component, more.pop("currency", "CNY"), read_model(params), **more)


def amounts(charges: list[Charge]) -> list[Decimal]:
    return [charge.amount for charge in charges]


def of(charges: list[Charge]) -> dict[str, object]:
    return {charge.component: (charge.quantity, charge.list_amount, charge.amount) for charge in charges}


def test_a_use_is_the_growth_of_its_payers_meter() -> None:
    desk = Desk(price({"price": "0.30"}))
    desk.rate(4)
    [charge] = desk.rate(3, started_at=at(9, 23, 59))
    key = MeterKey("boss", "p", "-", "2026-03-01", "v1", "cny")
    assert charge == Charge(
        day=date(2026, 3, 9),
        payer_id="boss",
        cause=Cause.USE,
        cause_id="e2",
        component="cny",
        order_id="o1",
        product_id="p",
        user_id="sales",
        currency="CNY",
        quantity=d(3),
        amount=d("0.90"),
        list_amount=d("0.90"),
        meter=key,
        reading_before=d(4),
        reading_after=d(7),
        version_id="v1",
    )
    assert desk.meters.readings == {key: d(7)}
    assert desk.meters.touched == {key}


def test_the_day_is_the_civil_day_on_which_the_use_began() -> None:
    desk = Desk(price({"price": "1"}))
    before = datetime(2026, 3, 8, 15, 59, 59, 999999, tzinfo=UTC)
    after = datetime(2026, 3, 8, 16, 0, tzinfo=UTC)
    assert desk.rate(1, started_at=before, ended_at=after)[0].day == date(2026, 3, 8)
    assert desk.rate(1, started_at=after)[0].day == date(2026, 3, 9)


def test_a_meter_per_order_counts_each_order_by_itself() -> None:
    tiers = {"model": "graduated", "tiers": [{"up_to": 1, "price": 5}, {"price": 1}]}
    per_payer, per_order = Desk(price(tiers)), Desk(price(tiers), per=MeterPer.ORDER)
    assert [a for o in ("o1", "o2") for a in amounts(per_payer.rate(1, order_id=o))] == [5, 1]
    assert [a for o in ("o1", "o2") for a in amounts(per_order.rate(1, order_id=o))] == [5, 5]


def test_an_amount_priced_by_the_caller_is_taken_as_it_is() -> None:
    off = Promotion("half", percent_off=d(50))
    desk = Desk(price({"price": "1"}), allowance=Allowance(days=7, uses=d(3)), promotion=off)
    [charge] = desk.rate(None, amount=d("12.34"))
    assert (charge.component, charge.amount, charge.list_amount) == ("priced", d("12.34"), d("12.34"))
    assert (charge.meter, charge.note, charge.promotion_id) == (None, "priced by the caller", "-")
    assert desk.meters.readings == {}
    without_version = rate_use(
        desk.use(2, amount=d(0)),
        product=desk.product,
        version=None,
        terms=desk.terms,
        promotion=None,
        meters=desk.meters,
        zone=ZONE,
    )
    assert (without_version[0].version_id, without_version[0].quantity, without_version[0].amount) == ("-", 2, 0)


def test_the_products_currency_where_the_payers_has_no_price() -> None:
    prices = (price({"price": "7"}), price({"price": "1"}, "usd", currency="USD"))
    for currency, component, amount in (("USD", "usd", 1), ("HKD", "cny", 7)):
        [charge] = Desk(*prices, terms=Terms(currency, MARCH)).rate(1)
        assert (charge.component, charge.amount) == (component, amount)
        assert charge.currency == component.upper()


def test_worked_example_first_three_uses_free() -> None:
    desk = Desk(price({"price": "1.50"}), allowance=Allowance(uses=d(3)))
    charges = [desk.rate(1)[0] for _ in range(5)]
    assert [c.amount for c in charges] == [0, 0, 0, d("1.50"), d("1.50")]
    assert sum(c.amount for c in charges) == d("3.00")
    assert [c.note for c in charges] == ["free: first 3 uses"] * 3 + [""] * 2
    assert charges[2].meter == MeterKey("boss", "p", "-", "ever", "-", "allowance")
    assert (charges[2].reading_before, charges[2].reading_after) == (2, 3)
    assert (charges[3].reading_before, charges[3].reading_after) == (0, 1)


def test_an_allowance_splits_a_use_and_is_not_given_again() -> None:
    desk = Desk(price({"price": "1.50"}), per=MeterPer.ORDER, allowance=Allowance(uses=d(3)))
    assert of(desk.rate(5)) == {"allowance": (d(3), 0, 0), "cny": (d(2), d("3.00"), d("3.00"))}
    assert of(desk.rate(1, order_id="o2")) == {"cny": (d(1), d("1.50"), d("1.50"))}
    desk.terms = Terms("CNY", PeriodOfDay(date(2026, 4, 1), 30))
    assert of(desk.rate(1)) == {"cny": (d(1), d("1.50"), d("1.50"))}


def test_an_allowance_that_the_catalog_lowers_takes_nothing_back() -> None:
    desk = Desk(price({"price": "1.50"}), allowance=Allowance(uses=d(3)))
    desk.rate(3)
    desk.product = Product("p", "P", True, "CNY", (desk.version,), Allowance(uses=d(2)))
    assert of(desk.rate(1)) == {"cny": (d(1), d("1.50"), d("1.50"))}


def test_worked_example_first_seven_days_free() -> None:
    desk = Desk(price({"price": "1.50"}), allowance=Allowance(days=7))
    for day, amount in ((1, "0"), (7, "0"), (8, "1.50")):
        [charge] = desk.rate(1, started_at=at(day, 23))
        assert charge.amount == d(amount)
    assert desk.rate(1, started_at=at(7, 0))[0].note == "free: first 7 days"
    assert desk.rate(1, started_at=at(8, 0))[0].reading_after == 2


def test_use_from_before_the_first_opening_is_not_free() -> None:
    desk = Desk(price({"price": "1"}), allowance=Allowance(days=7))
    desk.terms = Terms("CNY", MARCH, first_opening=date(2026, 3, 10))
    assert amounts(desk.rate(1, started_at=at(9))) == [1]
    assert amounts(desk.rate(1, started_at=at(10))) == [0]


def test_free_days_use_up_no_free_uses() -> None:
    desk = Desk(price({"price": "1"}), allowance=Allowance(days=2, uses=d(3)))
    assert amounts(desk.rate(100, started_at=at(2))) == [0]
    assert of(desk.rate(4, started_at=at(3))) == {"allowance": (d(3), 0, 0), "cny": (d(1), 1, 1)}


def test_use_in_other_units_is_metered_without_loss() -> None:
    desk = Desk(price({"price": "1.00"}), unit="小时")
    charges = [desk.rate(20, unit="分钟")[0] for _ in range(3)]
    assert [c.amount for c in charges] == [d("0.333333"), d("0.333334"), d("0.333333")]
    assert [c.quantity for c in charges] == [d("0.333333"), d("0.333334"), d("0.333333")]
    assert (charges[2].reading_before, charges[2].reading_after) == (2400, 3600)


def test_an_allowance_is_in_the_plans_unit() -> None:
    desk = Desk(price({"price": "0.10"}), unit="minute", allowance=Allowance(uses=d(100)))
    charges = desk.rate(2, unit="hour")
    assert of(charges) == {"allowance": (d(100), 0, 0), "cny": (d(20), 2, 2)}
    assert charges[0].note == "free: first 100 minute"


def test_a_use_over_bands_is_split_and_each_band_has_its_meter() -> None:
    prices = price({"price": "0.10"}, "cny-day", band="day"), price({"price": "0.04"}, "cny-night", band="night")
    desk = Desk(*prices, unit="minute", bands=BANDS)
    charges = desk.rate(90, started_at=at(2, 19), ended_at=at(2, 20, 30))
    assert of(charges) == {"cny-day": (d(60), 6, 6), "cny-night": (d(30), d("1.2"), d("1.2"))}
    assert {c.meter.component: c.reading_after for c in charges if c.meter} == {"cny-day": 3600, "cny-night": 1800}


def test_a_count_over_bands_is_shared_by_time_and_adds_up() -> None:
    prices = price({"price": "1"}, "cny-day", band="day"), price({"price": "1"}, "cny-night", band="night")
    charges = Desk(*prices, bands=BANDS).rate(1, started_at=at(2, 19), ended_at=at(2, 22))
    assert [c.quantity for c in charges] == [d("0.333333"), d("0.666667")]


def test_bands_under_one_price_are_one_charge() -> None:
    desk = Desk(price({"price": "1"}, "any"), price({"price": "2"}, "night", band="night"), bands=BANDS)
    charges = desk.rate(24, started_at=at(2, 9), ended_at=at(3, 9))
    assert of(charges) == {"any": (d(12), 12, 12), "night": (d(12), 24, 24)}


def test_two_bands_without_a_price_of_their_own_are_one_charge_of_the_whole() -> None:
    charges = Desk(price({"price": "1"}), bands=BANDS).rate(24, started_at=at(2, 9), ended_at=at(3, 9))
    assert of(charges) == {"cny": (d(24), 24, 24)}


def test_an_allowance_takes_the_earlier_part_of_a_use() -> None:
    prices = price({"price": "1"}, "cny-day", band="day"), price({"price": "3"}, "cny-night", band="night")
    desk = Desk(*prices, unit="minute", bands=BANDS, allowance=Allowance(uses=d(70)))
    charges = desk.rate(90, started_at=at(2, 19), ended_at=at(2, 20, 30))
    assert of(charges) == {"allowance": (d(70), 0, 0), "cny-night": (d(20), 60, 60)}


def test_percent_off_changes_the_function_and_keeps_the_list_amount() -> None:
    desk = Desk(price({"price": "0.333333"}), promotion=Promotion("half", percent_off=d(50)))
    first, second = desk.rate(1)[0], desk.rate(1)[0]
    # F(1) = 0.1666665 -> 0.166667, F(2) = 0.333333: pieces are differences of rounded totals.
    assert [first.amount, second.amount] == [d("0.166667"), d("0.166666")]
    assert [first.list_amount, second.list_amount] == [d("0.333333")] * 2
    assert first.promotion_id == "half"


def test_amount_off_is_given_once_per_scope() -> None:
    desk = Desk(price({"price": "4"}), promotion=Promotion("ten", amount_off={"CNY": d(10), "USD": d(1)}))
    assert [desk.rate(1)[0].amount for _ in range(4)] == [0, 0, 2, 4]
    desk.terms = Terms("CNY", PeriodOfDay(date(2026, 4, 1), 30))
    assert [desk.rate(1)[0].amount for _ in range(3)] == [0, 0, 2]


def test_amount_off_in_another_currency_is_nothing() -> None:
    desk = Desk(price({"price": "4"}), promotion=Promotion("ten", amount_off={"USD": d(10)}))
    assert amounts(desk.rate(1)) == [4]


def test_an_order_with_a_promotion_is_metered_apart() -> None:
    """So that it does not matter whose uses come first."""
    desk = Desk(price({"price": "4"}))
    totals = []
    for order in (["o1", "o2"], ["o2", "o1"]):
        desk.meters = Meters()
        total = d(0)
        for order_id in order:
            desk.promotion = Promotion("ten", amount_off={"CNY": d(10)}) if order_id == "o1" else None
            total += sum(amounts(desk.rate(3, order_id=order_id)))
        totals.append(total)
    assert totals == [14, 14]


def test_free_uses_of_a_promotion_are_the_orders_own_and_keep_their_list_amount() -> None:
    tiers = {"model": "graduated", "tiers": [{"up_to": 2, "price": 5}, {"price": 1}]}
    desk = Desk(price(tiers), promotion=Promotion("three", free_uses=d(3)), allowance=Allowance(uses=d(1)))
    # 1 by the allowance, 3 by the promotion (list 5 + 5 + 1), 2 paid at 5 (list 1 each).
    charges = desk.rate(6)
    assert of(charges) == {
        "allowance": (d(1), 0, 0),
        "promotion": (d(3), d(11), 0),
        "cny": (d(2), d(2), d(10)),
    }
    assert charges[1].note == "free by promotion: first 3 uses"
    assert charges[1].meter == MeterKey("boss", "p", "o1", "ever", "-", "promotion")
    assert of(desk.rate(1, order_id="o2")) == {"promotion": (d(1), d(1), 0)}


def test_the_list_total_is_the_price_without_the_promotion() -> None:
    tiers = {"model": "graduated", "tiers": [{"up_to": 2, "price": 5}, {"price": 1}]}
    plain, promoted = Desk(price(tiers)), Desk(price(tiers), promotion=Promotion("three", free_uses=d(3)))
    for desk in (plain, promoted):
        charges = [c for q in ("1.5", "3", "0.25") for c in desk.rate(q)]
        assert sum(c.list_amount for c in charges) == d("12.75")


def test_free_days_of_a_promotion_begin_with_the_order() -> None:
    desk = Desk(price({"price": "2"}), promotion=Promotion("days", free_days=3))
    desk.terms = Terms("CNY", MARCH, order_start=date(2026, 3, 5))
    assert of(desk.rate(1, started_at=at(4))) == {"cny": (1, 2, 2)}
    [free] = desk.rate(1, started_at=at(7))
    assert (free.component, free.amount, free.list_amount) == ("promotion", 0, 2)
    assert free.note == "free by promotion: first 3 days"
    [paid] = desk.rate(1, started_at=at(8))
    assert (paid.amount, paid.reading_before) == (2, 1)


def test_a_use_of_nothing_gives_a_charge_of_nothing() -> None:
    for bands in ((), BANDS):
        for allowance in (Allowance(), Allowance(uses=d(3))):
            charges = Desk(price({"price": "2"}), bands=bands, allowance=allowance).rate(0)
            assert of(charges) == {"cny": (0, 0, 0)}


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"quantity": None}, MissingField, "quantity"),
        ({"quantity": -1}, OutOfRange, "quantity"),
        ({"unit": "GB"}, Unknown, "unit"),
        ({"ended_at": at(1)}, OutOfRange, "ended_at"),
    ],
)
def test_what_cannot_be_rated_names_its_field(
    changes: dict[str, Any], error: type[BillingError], named: str
) -> None:
    desk = Desk(price({"price": "2"}))
    with pytest.raises(error) as caught:
        desk.rate(**({"quantity": 1, "started_at": at(2), "ended_at": at(2)} | changes))
    assert caught.value.field == named
    assert desk.meters == Meters()


def test_an_unknown_unit_bears_its_own_code() -> None:
    with pytest.raises(Unknown) as caught:
        Desk(price({"price": "2"})).rate(1, unit="GB")
    assert caught.value.code is ResultCode.UNKNOWN_UNIT


def test_a_use_without_version_or_amount_has_no_price() -> None:
    desk = Desk(price({"price": "2"}))
    with pytest.raises(NoPrice):
        meter_keys_of_use(desk.use(1), None, desk.terms, desk.product, None, ZONE)


def test_free_days_demand_to_know_their_beginning() -> None:
    desk = Desk(price({"price": "2"}), allowance=Allowance(days=1), terms=Terms("CNY", MARCH))
    with pytest.raises(MissingField):
        desk.rate(1)
    desk = Desk(price({"price": "2"}), promotion=Promotion("days", free_days=1), terms=Terms("CNY", MARCH))
    with pytest.raises(MissingField):
        desk.rate(1)


def test_a_use_that_fails_half_way_leaves_every_meter_as_it_was() -> None:
    desk = Desk(price({"price": "2"}), promotion=Promotion("half", percent_off=d(50)))
    desk.product = Product("p", "P", True, "CNY", (desk.version,), Allowance(uses=d(3)))
    full = MeterKey("boss", "p", "-", "2026-03-01", "v1", "cny+half")
    desk.meters.readings[full] = d("999999999999")
    meters = Meters(dict(desk.meters.readings))
    with pytest.raises(OutOfRange):
        rate_use(
            desk.use(4),
            product=desk.product,
            version=desk.version,
            terms=desk.terms,
            promotion=desk.promotion,
            meters=meters,
            zone=ZONE,
        )
    assert meters == Meters({full: d("999999999999")})


def test_amounts_that_no_database_can_hold_are_refused() -> None:
    desk = Desk(price({"price": "999999999999"}))
    with pytest.raises(OutOfRange) as caught:
        desk.rate(2)
    assert caught.value.field == "amount"
    assert desk.meters == Meters()
