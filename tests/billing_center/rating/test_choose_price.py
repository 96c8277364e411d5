"""Which version, currency and variant apply, and that the choice is never left to chance."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.errors import CatalogInvalid, NoPrice
from billing_center.rating.choose_price import ambiguities, choose_currency, choose_price, version_in_force
from billing_center.rating.facts import PlanKind
from billing_center.rating.models import Standard
from billing_center.rating.price_version import Band, MeterPer, Price, PriceVersion, Product

NIGHT = Band("night", time(22), time(6))


def price(
    component: str, when: Mapping[str, str] | None = None, *, band: str | None = None, currency: str = "CNY"
) -> Price:
    return Price(component, currency, Standard(Decimal(1)), when or {}, band)


def version(
    *prices: Price, name: str = "v1", start: date = date(2026, 1, 1), end: date | None = None
) -> PriceVersion:
    return PriceVersion(name, "p", PlanKind.PER_USE, "次", MeterPer.PAYER, start, end, prices, (NIGHT,))


def product(*versions: PriceVersion) -> Product:
    return Product("p", "Product", True, "CNY", versions)


def test_validity_is_half_open_and_a_change_never_touches_the_day_before() -> None:
    old = version(name="old", end=date(2026, 3, 1))
    new = version(name="new", start=date(2026, 3, 1))
    assert version_in_force(product(old, new), PlanKind.PER_USE, date(2026, 2, 28)) is old
    assert version_in_force(product(new, old), PlanKind.PER_USE, date(2026, 3, 1)) is new


def test_a_newer_version_supersedes_one_that_was_left_open_in_any_order_of_the_catalog() -> None:
    old, new = version(name="old"), version(name="new", start=date(2026, 3, 1))
    for versions in ((old, new), (new, old)):
        assert version_in_force(product(*versions), PlanKind.PER_USE, date(2026, 3, 2)) is new


def test_no_version_of_the_plan_or_the_day_is_no_price() -> None:
    with pytest.raises(NoPrice):
        version_in_force(product(version()), PlanKind.PER_USE, date(2025, 12, 31))
    with pytest.raises(NoPrice):
        version_in_force(product(version()), PlanKind.DAY, date(2026, 1, 1))


def test_two_versions_from_one_day_are_refused_unless_superseded() -> None:
    twins = [version(name="a"), version(name="b")]
    with pytest.raises(CatalogInvalid):
        version_in_force(product(*twins), PlanKind.PER_USE, date(2026, 3, 2))
    newer = version(name="c", start=date(2026, 2, 1))
    for versions in ([newer, *twins], [*twins, newer]):
        assert version_in_force(product(*versions), PlanKind.PER_USE, date(2026, 3, 2)) is newer


def test_the_payers_currency_if_priced_else_the_products() -> None:
    both = version(price("c"), price("u", currency="USD"))
    assert choose_currency(both, "USD", "CNY") == "USD"
    assert choose_currency(both, "HKD", "CNY") == "CNY"
    with pytest.raises(NoPrice):
        choose_currency(both, "HKD", "TWD")


def test_the_most_specific_variant_wins_whatever_its_place() -> None:
    prices = [price("any"), price("gold", {"level": "gold"}), price("gold4", {"level": "gold", "CPU": "4"})]
    for order in (prices, prices[::-1]):
        chosen = choose_price(version(*order), "CNY", {"level": "gold", "cpu": "4", "region": "hz"})
        assert chosen.component == "gold4"
        assert choose_price(version(*order), "CNY", {"level": "gold", "cpu": "8"}).component == "gold"
        assert choose_price(version(*order), "CNY", {}).component == "any"


def test_names_compare_without_case_and_values_as_stripped_text() -> None:
    only = version(price("x", {" Level ": " gold "}))
    assert choose_price(only, "CNY", {"LEVEL": "gold"}).component == "x"
    with pytest.raises(NoPrice):
        choose_price(only, "CNY", {"level": "Gold"})


def test_a_band_is_one_condition_more() -> None:
    banded = version(price("any"), price("night", band="night"))
    assert choose_price(banded, "CNY", {}, "night").component == "night"
    assert choose_price(banded, "CNY", {}, None).component == "any"
    assert choose_price(banded, "CNY", {}, "weekend").component == "any"
    with pytest.raises(NoPrice):
        choose_price(version(price("night", band="night")), "CNY", {}, None)


def test_other_currencies_never_match() -> None:
    with pytest.raises(NoPrice):
        choose_price(version(price("u", currency="USD")), "CNY", {})


def test_equal_specificity_is_refused_when_loaded_and_when_rated() -> None:
    prices = [price("any"), price("gold", {"level": "gold"}), price("night", band="night")]
    unsound = version(*prices)
    assert len(ambiguities(unsound)) == 1
    assert "gold and night" in ambiguities(unsound)[0]
    with pytest.raises(CatalogInvalid):
        choose_price(unsound, "CNY", {"level": "gold"}, "night")
    mended = version(*prices, price("gold-night", {"level": "gold"}, band="night"))
    assert ambiguities(mended) == []
    assert choose_price(mended, "CNY", {"level": "gold"}, "night").component == "gold-night"


def test_prices_that_cannot_meet_are_sound() -> None:
    sound = version(
        price("hz", {"region": "hz"}),
        price("bj", {"Region": "bj"}),
        price("usd", {"region": "hz"}, currency="USD"),
        price("day", band="day"),
        price("night", band="night"),
        price("hz-day", {"region": "hz"}, band="day"),
        price("hz-night", {"region": "hz"}, band="night"),
        price("bj-day", {"region": "bj"}, band="day"),
        price("bj-night", {"region": "bj"}, band="night"),
    )
    assert ambiguities(sound) == []


FEATURES = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["1", "2"]), max_size=3)
CONDITIONS = st.tuples(FEATURES, st.sampled_from([None, "day", "night"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(CONDITIONS, max_size=6))
def test_the_loaders_check_and_the_choice_agree(conditions: list[tuple[dict[str, str], str | None]]) -> None:
    """Ambiguous when loaded means exactly: some use, of all that are possible, cannot choose."""
    prices = [price(f"p{n}", when, band=band) for n, (when, band) in enumerate(conditions)]
    tried = version(*prices)
    refused = False
    for a in (None, "1", "2"):
        for b in (None, "1", "2"):
            for c in (None, "1", "2"):
                features = {k: v for k, v in (("a", a), ("b", b), ("c", c)) if v is not None}
                for band in (None, "day", "night"):
                    try:
                        choose_price(tried, "CNY", features, band)
                    except CatalogInvalid:
                        refused = True
                    except NoPrice:
                        pass
    assert refused == bool(ambiguities(tried))
