"""What a meter reads: the same reading in any order, and its price is F of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.catalog.check_catalog import check_catalog
from billing_center.errors import MissingField
from billing_center.rating.facts import Meters, PeriodOfDay, PlanKind, Terms, Use
from billing_center.rating.growth import rated_price
from billing_center.rating.models import read_model
from billing_center.rating.price_version import Metered, MeterPer, Price, PriceVersion, Product, Promotion
from billing_center.rating.rate_use import meter_keys_of_use, rate_use

ZONE = ZoneInfo("Asia/Shanghai")
START = date(2026, 3, 1)
NOON = datetime(2026, 3, 3, 12, tzinfo=ZONE).astimezone(UTC)
TERMS = Terms("CNY", PeriodOfDay(START, 31), {}, START, START)
TIERS = read_model({"model": "graduated", "tiers": [{"up_to": 5, "price": "1.5"}, {"price": "0.7"}]})
Given = tuple[str, Decimal, int, int]
USES = st.lists(
    st.tuples(st.sampled_from("abc"), st.decimals("0.1", "20", places=3), st.integers(0, 9), st.integers(0, 300)),
    min_size=1, max_size=9,
)  # fmt: skip


def rate(
    metered: Metered, given_: list[Given], promotion: Promotion | None = None, unit: str = "count"
) -> Decimal:
    """What the uses (user, quantity, begun after minutes, lasting minutes) cost together."""
    prices = (Price("cny", "CNY", TIERS),)
    version = PriceVersion("v", "p", PlanKind.PER_USE, unit, MeterPer.PAYER, START, None, prices, metered=metered)
    product = Product("p", "P", True, "CNY", (version,))
    kept, total = Meters(), Decimal(0)
    for n, (user, quantity, after, lasting) in enumerate(given_):
        begin = NOON + timedelta(minutes=after)
        use = Use(f"e{n}", "boss", user, "p", "o", begin, begin + timedelta(minutes=lasting), quantity, "")
        keys = meter_keys_of_use(use, version, TERMS, product, promotion, ZONE)
        meters = Meters({key: kept.readings[key] for key in keys if key in kept.readings})
        charges = rate_use(
            use, product=product, version=version, terms=TERMS, promotion=promotion, meters=meters, zone=ZONE
        )
        assert meters.touched <= set(keys)
        assert charges
        kept.readings.update(meters.readings)
        total += sum((c.amount for c in charges), Decimal(0))
    return total


def reading(metered: Metered, given_: list[Given]) -> Decimal:
    """The same, plainly."""
    quantities = [q for _, q, _, _ in given_]
    match metered:
        case Metered.COUNT:
            return Decimal(len(given_))
        case Metered.MAX:
            return max(quantities)
        case Metered.UNIQUE:
            return Decimal(len({user for user, *_ in given_}))
        case Metered.LATEST:
            return max((after, q) for _, q, after, _ in given_)[1]
        case Metered.TIME:
            step = Decimal("0.000001")
            return sum(
                (round(q * minutes / 60 / step + Decimal("1e-12")) * step for _, q, _, minutes in given_),
                Decimal(0),
            )
        case _:
            return sum(quantities, Decimal(0))


@pytest.mark.parametrize("metered", Metered)
@settings(max_examples=50, deadline=None)
@given(USES, st.data())
def test_the_price_is_that_of_the_reading_in_any_order(
    metered: Metered, given_: list[Given], data: st.DataObject
) -> None:
    expected = rated_price(TIERS, reading(metered, given_))
    assert rate(metered, given_) == expected
    assert rate(metered, data.draw(st.permutations(given_))) == expected


def test_a_promotion_takes_its_share_of_every_reading() -> None:
    half = Promotion("h", percent_off=Decimal(50))
    uses = [("a", Decimal(4), 0, 60), ("b", Decimal(2), 1, 60)]
    amounts = {metered.value: rate(metered, uses, half) for metered in Metered}
    assert amounts == {"sum": Decimal("4.1"), "count": Decimal("1.5"), "max": Decimal(3), "unique": Decimal("1.5"),
                       "latest": Decimal("1.5"), "time": Decimal("4.1")}  # fmt: skip


def test_a_unit_that_is_counted_is_one_of_the_plans() -> None:
    assert rate(Metered.COUNT, [("a", Decimal(7), 0, 0)], unit="minute") == Decimal("1.5")


def test_only_a_count_does_without_a_quantity() -> None:
    prices = (Price("cny", "CNY", TIERS),)
    version = PriceVersion(
        "v", "p", PlanKind.PER_USE, "", MeterPer.PAYER, START, None, prices, metered=Metered.COUNT
    )
    use = Use("e", "boss", "u", "p", "o", NOON, NOON, None, "")
    for one, charged in ((version, True), (replace(version, metered=Metered.MAX), False)):
        product = Product("p", "P", True, "CNY", (one,))
        if charged:
            assert len(meter_keys_of_use(use, one, TERMS, product, None, ZONE)) == 1
        else:
            with pytest.raises(MissingField):
                meter_keys_of_use(use, one, TERMS, product, None, ZONE)


@pytest.mark.parametrize(
    ("version", "rule"),
    [
        ("metered: max, bands: [{name: n, start: 22:00, end: 08:00}]", "max does not go with bands"),
        ("metered: latest, included: {units: 5}", "latest does not go with included"),
        ("metered: count, factor: demand", "count does not go with factor"),
        ("metered: unique, prices: [{currency: USD, price: 1, event_fee: 1}]", "what is asked of each use"),
    ],
)
def test_what_does_not_go_together_is_refused(version: str, rule: str) -> None:
    text = f"""products: [{{id: p, name: P, currency: CNY, unit: count,
      plans: {{per_use: [{{valid_from: 2026-01-01, price: {{CNY: 1}}, {version}}}]}}}}]"""
    found = check_catalog(text, today=START)
    assert any(rule in str(mistake) for mistake in found.errors), found.errors


def test_a_meters_name_fits_its_column_whatever_it_is_put_together_from() -> None:
    prices = (Price("CNY " + "cpu=8," * 9, "CNY", TIERS),)
    version = PriceVersion(
        "v", "p", PlanKind.PER_USE, "", MeterPer.PAYER, START, None, prices, metered=Metered.UNIQUE
    )
    product = Product("p", "P", True, "CNY", (version,))
    use = Use("e", "boss", "u", "p", "o", NOON, NOON, Decimal(1), "")
    keys = meter_keys_of_use(use, version, TERMS, product, Promotion("s" * 64, free_uses=Decimal(1)), ZONE)
    assert len(set(keys)) == len(keys) == 5
    assert all(len(key.component) <= 100 for key in keys)
