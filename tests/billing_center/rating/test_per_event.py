"""Fees, bounds and increments of single uses, by hand: what each meter reads and each charge says."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.rating.facts import Charge, Meters, PeriodOfDay, PlanKind, Terms, Use
from billing_center.rating.models import BadParameter, read_model
from billing_center.rating.models.per_event import stepped
from billing_center.rating.price_version import Allowance, Band, MeterPer, Price, PriceVersion, Product, Promotion
from billing_center.rating.quote import quote
from billing_center.rating.rate_use import meter_keys_of_use, rate_use

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 3, 12, tzinfo=ZONE).astimezone(UTC)
START = date(2026, 3, 1)
TERMS = Terms("CNY", PeriodOfDay(START, 31), {}, START, START)
CALL = {"price": "0.30", "event_fee": "0.10", "free_events": 1, "increments": {"first": "60 s", "then": "6 s"}}
PAYMENT = {"model": "percentage", "percent": "2.5", "event_fee": "0.20", "event_min": "0.50", "event_max": "5.00"}


class Desk:
    """One product per minute (or amount), with meters that live on from use to use."""

    def __init__(self, params: dict[str, object], *, unit: str, allowance: str = "0", **terms: Any) -> None:
        self.promotion: Promotion | None = terms.pop("promotion", None)
        prices = terms.pop("prices", (Price("cny", "CNY", read_model(params)),))
        bands = terms.pop("bands", ())
        self.version = PriceVersion("v", "p", PlanKind.PER_USE, unit, MeterPer.PAYER, START, None, prices, bands)
        self.product = Product("p", "P", True, "CNY", (self.version,), Allowance(uses=Decimal(allowance)))
        self.meters = Meters()
        self.count = 0

    def rate(self, quantity: str, unit: str = "", *, begin: datetime = NOON, hours: int = 0) -> list[Charge]:
        self.count += 1
        end = begin + timedelta(hours=hours)
        use = Use(f"e{self.count}", "boss", "u", "p", "o", begin, end, Decimal(quantity), unit)
        keys = meter_keys_of_use(use, self.version, TERMS, self.product, self.promotion, ZONE)
        charges = rate_use(
            use, product=self.product, version=self.version, terms=TERMS, promotion=self.promotion,
            meters=self.meters, zone=ZONE,
        )  # fmt: skip
        assert {c.meter for c in charges if c.meter} <= set(keys)
        return charges


def told(charges: list[Charge]) -> dict[str, tuple[str, str, str, str]]:
    return {
        c.component: (f"{c.quantity.normalize():f}", f"{c.amount:.2f}", f"{c.list_amount:.2f}", c.note)
        for c in charges
    }


def test_a_call_is_counted_in_steps_and_its_fee_is_a_charge_of_its_own() -> None:
    desk = Desk(CALL, unit="minute")
    first, second = desk.rate("61", "s"), desk.rate("1", "s")
    assert told(first) == {"cny": ("1.1", "0.33", "0.33", ""), "cny:events": ("0", "0.00", "0.00", FREE)}
    assert told(second) == {"cny": ("1", "0.30", "0.30", ""), "cny:events": ("0", "0.10", "0.10", "")}
    assert (second[0].reading_before, second[0].reading_after) == (66, 126)
    assert (second[1].reading_before, second[1].reading_after) == (1, 2)


FREE = "free: first 1 uses"


def test_bounds_are_what_a_use_lacks_or_exceeds() -> None:
    desk = Desk(PAYMENT, unit="count")
    assert told(desk.rate("4")) == {  # 0.10 + 0.20 < 0.50
        "cny": ("4", "0.10", "0.10", ""), "cny:events": ("0", "0.20", "0.20", ""),
        "cny:bounds": ("0", "0.20", "0.20", ""),
    }  # fmt: skip
    assert told(desk.rate("1000"))["cny:bounds"] == ("0", "-20.20", "-20.20", "")  # 25.20 > 5.00
    assert "cny:bounds" not in told(desk.rate("100"))  # 2.70 is within
    assert desk.rate("1000")[-1].reading_after == Decimal("-40.20")


def test_a_use_of_nothing_is_no_event() -> None:
    [charge] = Desk(PAYMENT, unit="count").rate("0")
    assert (charge.component, charge.amount) == ("cny", 0)


def test_what_is_free_whole_takes_its_fee_with_it() -> None:
    desk = Desk({"price": "1", "event_fee": "0.10"}, unit="count", allowance="3")
    assert told(desk.rate("2")).keys() == {"allowance"}
    assert told(desk.rate("2")) == {
        "allowance": ("1", "0.00", "0.00", "free: first 3 uses"), "cny": ("1", "1.00", "1.00", ""),
        "cny:events": ("0", "0.10", "0.10", ""),
    }  # fmt: skip


def test_promotions_discount_fees_and_tell_their_list_price() -> None:
    half = Desk(
        {"price": "1", "event_fee": "0.10"}, unit="count", promotion=Promotion("h", percent_off=Decimal(50))
    )
    assert told(half.rate("2"))["cny:events"] == ("0", "0.05", "0.10", "")
    free = Desk({"price": "1", "event_fee": "0.10"}, unit="count", promotion=Promotion("f", free_uses=Decimal(2)))
    assert told(free.rate("2")) == {"promotion": ("2", "0.00", "2.10", "free by promotion: first 2 uses")}
    assert told(free.rate("2"))["cny:events"] == ("0", "0.10", "0.10", "")


def test_a_use_over_bands_is_rounded_whole_and_pays_one_fee() -> None:
    prices = (
        Price("day", "CNY", read_model({"price": 1, "event_fee": 5, "increments": {"then": 10}}), band="day"),
        Price("night", "CNY", read_model({"price": 2, "event_fee": 7}), band="night"),
    )
    bands = (Band("day", datetime.min.time().replace(8), datetime.min.time().replace(20)),
             Band("night", datetime.min.time().replace(20), datetime.min.time().replace(8)))  # fmt: skip
    desk = Desk(CALL, unit="count", prices=prices, bands=bands)
    charges = desk.rate("11", begin=NOON + timedelta(hours=7), hours=2)  # 19:00 to 21:00: 20 units, half and half
    assert {name: amount for name, (_, amount, *_) in told(charges).items()} == {
        "day": "10.00", "night": "20.00", "day:events": "5.00",
    }  # fmt: skip


def test_a_quote_is_one_use() -> None:
    product = Desk(CALL | {"free_events": 0}, unit="minute").product
    asked = quote(product, measure=None, count=Decimal("1.01"), currency="CNY", features={}, day=START)
    assert asked == Decimal("0.43")


@settings(max_examples=60, deadline=None)
@given(
    st.decimals("0.000001", "999", places=6),
    st.decimals("0.01", "99", places=2),
    st.decimals("0.01", "9", places=2),
)
def test_a_step_begun_is_a_step_paid(quantity: Decimal, first: Decimal, then: Decimal) -> None:
    counted = stepped(quantity, first, then)
    assert counted >= max(first, quantity)
    assert counted - quantity < then or counted == first
    assert (counted - first) % then == 0


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"free_events": 2}, "free_events needs an event_fee"),
        ({"event_fee": 1, "free_events": "1.5"}, "free_events must be a whole number"),
        ({"event_min": 2, "event_max": 1}, "event_max must not be below event_min"),
        ({"event_min": 1, "included": 5}, "event_min needs a standard or percentage price"),
        ({"event_max": 1, "event_fee": 1, "free_events": 2}, "event_max needs a standard or percentage price"),
        ({"event_fee": 1, "cap": 5}, "event_fee does not go with cap"),
        ({"increments": {"first": "60 s"}}, "increments.then must be a decimal number"),
        ({"increments": {"then": "0 s"}}, "increments.then must be above 0"),
        ({"increments": {"then": 6, "last": 1}}, "increments.last is not a field here"),
        ({"increments": 6}, "increments must be a mapping"),
    ],
)
def test_a_rule_that_is_broken_is_named(fields: dict[str, object], rule: str) -> None:
    with pytest.raises(BadParameter, match=rule):
        read_model({"price": 1} | fields)
    assert read_model({"price": 1}).to_params() == {"model": "standard", "price": "1"}


@pytest.mark.parametrize("params", [CALL, PAYMENT])
def test_parameters_survive_json(params: dict[str, object]) -> None:
    assert read_model(read_model(params).to_params()) == read_model(params)
