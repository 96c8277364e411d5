"""What must hold however uses arrive: in any order, any split, any batch, for every charge model."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.rating.facts import Charge, Meters, PeriodOfDay, PlanKind, Terms, Use
from billing_center.rating.growth import rated_price
from billing_center.rating.models import MODELS, ChargeModel, read_model
from billing_center.rating.price_version import Allowance, Band, MeterPer, Price, PriceVersion, Product, Promotion
from billing_center.rating.rate_use import meter_keys_of_use, rate_use
from billing_center.rating.unit_conversion import metered, unit_of

ZONE = ZoneInfo("America/New_York")
TERMS = Terms("CNY", PeriodOfDay(date(2026, 3, 1), 31), {}, date(2026, 3, 1), date(2026, 3, 1))
BANDS = (Band("day", time(8), time(20)), Band("night", time(20), time(8)))
BEGIN = datetime(2026, 3, 7, 18, tzinfo=ZONE).astimezone(UTC)  # the night of summer time is ahead

TIERS = [{"up_to": "10.5", "price": "3.333333"}, {"up_to": 40, "price": "1.1"}, {"price": "0.7"}]
PARAMS: dict[str, dict[str, object]] = {
    "standard": {"price": "0.123457"},
    "graduated": {"tiers": [TIERS[0], {**TIERS[1], "flat": "2.5"}, TIERS[2]]},
    "volume": {"tiers": TIERS},
    "stairstep": {"tiers": TIERS},
    "package": {"price": "7", "size": "3.3", "free": 2},
    "prorated": {"price": "5"},
    "percentage": {"percent": "12.3457", "free": "4.5"},
    "graduated_percentage": {"tiers": [{"up_to": 11, "percent": "3.3", "flat": 2}, {"percent": "1.7"}]},
}
EVERY_MODEL = pytest.mark.parametrize("name", MODELS)
QUANTITIES = st.lists(st.decimals("0.000001", "30", places=6), min_size=1, max_size=8)
PROMOTIONS = st.sampled_from(
    [
        None,
        Promotion("percent", percent_off=Decimal("33.3")),
        Promotion("amount", amount_off={"CNY": Decimal("12.345")}),
        Promotion("uses", free_uses=Decimal(5)),
        Promotion("days", free_days=3),
    ]
)


ASKED: dict[str, dict[str, object]] = {
    "connect": {"price": "0.3", "event_fee": "0.11", "free_events": 2, "increments": {"first": "7.5", "then": 2}},
    "bounded": {"model": "percentage", "percent": "12.3457", "event_fee": 1, "event_min": 2, "event_max": "3.1"},
    "tiered": {**PARAMS["volume"], "model": "volume", "event_fee": 1, "increments": {"then": "0.3"}},
}
"""Prices that ask something of each use: whole uses in any order and batch, but no pieces of one."""

SHAPES = PARAMS | ASKED


def shape(name: str) -> ChargeModel:
    return read_model({"model": name} | PARAMS[name] if name in PARAMS else ASKED[name])


def product_of(function: ChargeModel, *, unit: str = "次", allowance: str = "0", banded: bool = False) -> Product:
    prices = (
        (Price("day", "CNY", function, band="day"), Price("night", "CNY", function, band="night"))
        if banded
        else (Price("cny", "CNY", function),)
    )
    bands = BANDS if banded else ()
    start = date(2026, 1, 1)
    version = PriceVersion("v1", "p", PlanKind.PER_USE, unit, MeterPer.PAYER, start, None, prices, bands)
    return Product("p", "P", True, "CNY", (version,), Allowance(uses=Decimal(allowance)))


def uses_of(quantities: list[Decimal], *, unit: str = "", hours: int = 0) -> list[Use]:
    end = BEGIN + timedelta(hours=hours)
    return [Use(f"e{n}", "boss", "u", "p", "o", BEGIN, end, q, unit) for n, q in enumerate(quantities)]


def rate_all(uses: list[Use], product: Product, promotion: Promotion | None, batch: int) -> list[Charge]:
    """Rate in batches, each with no meters but those that it asked for, as a job does."""
    [version] = product.versions
    kept = Meters()
    charges: list[Charge] = []
    for start in range(0, len(uses), batch):
        part = uses[start : start + batch]
        keys = {key for use in part for key in meter_keys_of_use(use, version, TERMS, product, promotion, ZONE)}
        meters = Meters({key: kept.readings[key] for key in keys & kept.readings.keys()})
        for use in part:
            charges += rate_use(
                use, product=product, version=version, terms=TERMS, promotion=promotion, meters=meters, zone=ZONE
            )
        assert meters.touched <= keys
        kept.readings.update({key: meters.readings[key] for key in meters.touched})
    return charges


def total(charges: list[Charge]) -> tuple[Decimal, Decimal, Decimal]:
    return (
        sum((c.quantity for c in charges), Decimal(0)),
        sum((c.list_amount for c in charges), Decimal(0)),
        sum((c.amount for c in charges), Decimal(0)),
    )


def test_every_model_of_the_table_has_parameters_here() -> None:
    assert PARAMS.keys() == MODELS.keys()


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=40, deadline=None)
@given(QUANTITIES, PROMOTIONS, st.booleans(), st.sampled_from(["0", "12.5"]), st.integers(1, 9), st.data())
def test_order_and_batch_size_do_not_change_a_total(
    name: str,
    quantities: list[Decimal],
    promotion: Promotion | None,
    banded: bool,
    allowance: str,
    batch: int,
    data: st.DataObject,
) -> None:
    # An allowance over bands is taken from what comes first, whichever band that is in: see `rate_use`. So is
    # one in units where each use is asked for a fee: a use that it takes whole pays none.
    if name in ASKED:
        banded, allowance = False, "0"
        promotion = None if promotion is not None and promotion.free_uses > 0 else promotion
    product = product_of(shape(name), allowance="0" if banded else allowance, banded=banded)
    free_over_bands = banded and promotion is not None and promotion.free_uses > 0
    promotion = None if free_over_bands else promotion
    uses = uses_of(quantities, hours=9)
    shuffled = data.draw(st.permutations(uses))
    expected = total(rate_all(uses, product, promotion, len(uses)))
    assert total(rate_all(shuffled, product, promotion, batch)) == expected


@EVERY_MODEL
@settings(max_examples=40, deadline=None)
@given(QUANTITIES)
def test_pieces_cost_what_the_whole_costs(name: str, quantities: list[Decimal]) -> None:
    product = product_of(shape(name))
    whole = sum(quantities, Decimal(0))
    charges = rate_all(uses_of(quantities), product, None, 3)
    assert total(charges) == (whole, rated_price(shape(name), whole), rated_price(shape(name), whole))


@EVERY_MODEL
@settings(max_examples=40, deadline=None)
@given(st.lists(st.decimals("0.000001", "9999", places=6), min_size=1, max_size=8))
def test_pieces_in_a_smaller_unit_cost_what_the_whole_costs(name: str, minutes: list[Decimal]) -> None:
    product = product_of(shape(name), unit="小时")
    quantity, _, amount = total(rate_all(uses_of(minutes, unit="分钟"), product, None, 3))
    hours = sum(minutes, Decimal(0)) / 60
    assert abs(quantity - hours) <= Decimal("0.0000005")
    assert amount == rated_price(metered(shape(name), unit_of("hour")), sum(minutes, Decimal(0)) * 60)


@settings(max_examples=40, deadline=None)
@given(QUANTITIES, st.decimals("0", "60", places=6), st.decimals("0", "60", places=6), st.booleans())
def test_no_split_gets_more_or_less_than_the_allowance(
    quantities: list[Decimal], allowance: Decimal, promised: Decimal, banded: bool
) -> None:
    product = product_of(shape("standard"), allowance=str(allowance), banded=banded)
    promotion = Promotion("uses", free_uses=promised)
    charges = rate_all(uses_of(quantities, hours=9), product, promotion, 2)
    whole = sum(quantities, Decimal(0))
    by_component = {
        name: sum((c.quantity for c in charges if c.component == name), Decimal(0))
        for name in ("allowance", "promotion")
    }
    assert by_component["allowance"] == min(allowance, whole)
    assert by_component["promotion"] == min(promised, max(Decimal(0), whole - allowance))
    assert total(charges)[0] == whole


@settings(max_examples=40, deadline=None)
@given(QUANTITIES, PROMOTIONS, st.booleans(), st.sampled_from(["0", "12.5"]))
def test_every_use_has_charges_and_every_charge_is_its_meters_growth(
    quantities: list[Decimal], promotion: Promotion | None, banded: bool, allowance: str
) -> None:
    product = product_of(shape("graduated"), allowance=allowance, banded=banded)
    uses = uses_of(quantities, hours=9)
    charges = rate_all(uses, product, promotion, 2)
    assert {c.cause_id for c in charges} == {use.event_id for use in uses}
    assert len({(c.cause_id, c.component) for c in charges}) == len(charges)
    for use in uses:
        assert sum(c.quantity for c in charges if c.cause_id == use.event_id) == use.quantity
    readings = {c.meter: Decimal(0) for c in charges}
    for c in charges:
        if c.meter is not None:
            assert c.reading_before == readings[c.meter]
            assert c.reading_after - c.reading_before == c.quantity
            readings[c.meter] = c.reading_after


@EVERY_MODEL
@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 200_000), min_size=2, max_size=6))
def test_a_use_over_bands_costs_what_its_pieces_in_time_cost(name: str, seconds: list[int]) -> None:
    """Where the quantity is the duration: a use cut into successive uses anywhere, over nights of summer time."""
    product = product_of(shape(name), unit="分钟", banded=True)
    edges = [BEGIN + timedelta(seconds=s) for s in accumulate(seconds, initial=0)]
    pieces = [
        Use(f"e{n}", "boss", "u", "p", "o", a, b, Decimal(s), "秒")
        for n, ((a, b), s) in enumerate(zip(pairwise(edges), seconds, strict=True))
    ]
    whole = Use("whole", "boss", "u", "p", "o", edges[0], edges[-1], Decimal(sum(seconds)), "秒")
    assert total(rate_all(pieces, product, None, 2)) == total(rate_all([whole], product, None, 1))
