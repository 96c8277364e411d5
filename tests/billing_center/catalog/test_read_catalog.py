"""A catalog file is checked whole, and each mistake names its line and its field."""

from datetime import date, time
from decimal import Decimal

import pytest

from billing_center.catalog.catalog_documents import component_of
from billing_center.catalog.catalog_file import PriceEntry, VersionEntry
from billing_center.catalog.marked_yaml import Mistake
from billing_center.catalog.read_catalog import read_catalog
from billing_center.errors import CatalogInvalid
from billing_center.rating.facts import PlanKind


def mistakes(text: str) -> list[str]:
    """Every mistake of a file, as it is printed."""
    with pytest.raises(CatalogInvalid) as refused:
        read_catalog(text)
    return [line.strip() for line in refused.value.message.splitlines()[1:]]


def version_of(text: str) -> VersionEntry:
    """The only version of the only plan of the only product."""
    (product,) = read_catalog(text).file.products
    ((version,),) = product.plans.values()
    return version


def plan(body: str, *, kind: str = "per_use", more: str = "") -> str:
    """A product with one plan of one version; the version's fields stand from line 9 on."""
    return (
        "products:\n  - id: p\n    name: P\n    currency: CNY\n    unit: count\n"
        f"    {more}\n    plans:\n      {kind}:\n        - {body}\n"
    )


def test_an_unquoted_price_is_the_decimal_that_stands_there() -> None:
    version = version_of(plan("{valid_from: 2026-01-01, price: {CNY: 1.10, USD: 0.1}}"))
    assert version.price == {"CNY": "1.1", "USD": "0.1"}
    assert [price.params for price in version.all_prices()] == [
        {"model": "standard", "price": "1.1"},
        {"model": "standard", "price": "0.1"},
    ]


def test_a_price_of_a_tiny_unit_keeps_all_its_digits() -> None:
    assert version_of(plan("{valid_from: 2026-01-01, price: {CNY: 0.000000000123}}")).price == {
        "CNY": "0.000000000123"
    }


def test_names_of_2009_mean_their_currency() -> None:
    assert version_of(plan("{valid_from: 2026-01-01, price: {RMB: 1, NTD: 5}}")).price == {"CNY": "1", "TWD": "5"}


def test_two_names_of_one_currency_are_one_price_too_many() -> None:
    body = "{valid_from: 2026-01-01, price: {CNY: 1}, prices: [{currency: RMB, price: 2}]}"
    assert mistakes(plan(body)) == [
        "line 9: products[0].plans.per_use[0].prices[0]: there is already a price for CNY"
    ]


def test_bands_and_weekdays_are_read() -> None:
    bands = "[{name: night, start: 22:00, end: 24:00, weekdays: [fri-mon, wed]}]"
    prices = "[{currency: CNY, price: 1, band: night}]"
    (band,) = version_of(plan(f"{{valid_from: 2026-01-01, bands: {bands}, prices: {prices}}}")).bands
    assert (band.start, band.end) == (time(22), time(0))
    assert band.weekdays == {4, 5, 6, 0, 2}


def test_the_version_id_is_made_of_product_plan_and_day() -> None:
    version = version_of(plan("{valid_from: 2026-01-01, price: {CNY: 1}}"))
    assert version.id_for("p", PlanKind.PER_USE) == "p/per_use/2026-01-01"
    assert version_of(plan("{version: v7, valid_from: 2026-01-01, price: {CNY: 1}}")).id_for(
        "p", PlanKind.PER_USE
    ) == ("v7")


def test_a_component_names_its_conditions_whatever_their_order() -> None:
    one = PriceEntry.model_validate({"currency": "CNY", "price": "1", "when": {"memory": "32", "CPU": "8"}})
    other = PriceEntry.model_validate({"currency": "CNY", "price": "1", "when": {"cpu": "8", "memory": "32"}})
    assert component_of(one) == component_of(other) == "CNY cpu=8,memory=32"


def test_a_long_component_is_cut_and_stays_its_own() -> None:
    def long_one(last: str) -> str:
        when = {f"feature{n}": "value" for n in range(9)} | {"z": last}
        return component_of(PriceEntry.model_validate({"currency": "CNY", "price": "1", "when": when}))

    assert len(long_one("1")) == 60
    assert long_one("1") != long_one("2")


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        ("{price: {CNY: 1}}", "valid_from: is required"),
        ("{valid_from: 2026-02-30, price: {CNY: 1}}", "valid_from: 2026-02-30 is no day of the calendar"),
        ("{valid_from: 20260101, price: {CNY: 1}}", "valid_from: must be a day like 2026-03-01"),
        ("{valid_from: 2026-01-01}", "needs a price"),
        ("{valid_from: 2026-01-01, price: {CNY: 1e}}", "price.CNY: must be a decimal number"),
        ("{valid_from: 2026-01-01, price: {CNY: -1}}", "price.CNY: must be from 0 to below 1,000,000,000,000"),
        ("{valid_from: 2026-01-01, price: {XYZ: 1}}", "price.XYZ: currency 'XYZ' is not one"),
        ("{valid_from: 2026-01-01, price: 5}", "price: must be a mapping"),
        ("{valid_from: 2026-01-01, prices: {}}", "prices: must be a list"),
        ("{valid_from: 2026-01-01, prices: [{price: 1}]}", "prices[0].currency: is required"),
        ("{valid_from: 2026-01-01, prices: [{currency: CNY}]}", "prices[0].model: must be one of standard,"),
        ("{valid_from: 2026-01-01, prices: [{currency: CNY, model: magic}]}", "not 'magic'"),
        (
            "{valid_from: 2026-01-01, prices: [{currency: CNY, price: 1, pice: 2}]}",
            "prices[0].pice: is not a field",
        ),
        (
            "{valid_from: 2026-01-01, prices: [{currency: CNY, model: volume, tiers: [{up_to: 5, price: 1},{}]}]}",
            "prices[0].tiers[1].price: is required",
        ),
        (
            "{valid_from: 2026-01-01, prices: [{currency: CNY, model: package, price: 1, size: 0}]}",
            "prices[0].size: must be above 0",
        ),
        (
            "{valid_from: 2026-01-01, prices: [{currency: CNY, price: 1, when: {cpu: }}]}",
            "prices[0].when.cpu: must be text",
        ),
        ("{valid_from: 2026-01-01, prices: [{currency: CNY, price: 1, band: b}]}", "band: b is none of this"),
        ("{valid_from: 2026-01-01, valid_to: 2026-01-01, price: {CNY: 1}}", "valid_to: must be after valid_from"),
        ("{valid_from: 2026-01-01, price: {CNY: 1}, meter_per: user}", "meter_per: must be 'payer' or 'order'"),
        (
            "{valid_from: 2026-01-01, price: {CNY: 1}, bands: [{name: b, start: 25:00, end: 1:00}]}",
            "bands[0].start: must be a time of day like 08:30",
        ),
        (
            "{valid_from: 2026-01-01, price: {CNY: 1}, bands: [{name: b, start: 5:00, end: 6:00, weekdays: [x]}]}",
            "bands[0].weekdays: x is no weekday",
        ),
        (
            "{valid_from: 2026-01-01, prices: [{currency: CNY, price: 1, when: {a: 1}}, "
            "{currency: CNY, price: 2, when: {b: 1}}]}",
            "prices CNY a=1 and CNY b=1 can match the same use equally well",
        ),
    ],
)
def test_a_wrong_version_is_told_by_line_and_field(body: str, mistake: str) -> None:
    (found,) = mistakes(plan(body))
    assert found.startswith("line 9: products[0].plans.per_use[0]")
    assert mistake in found


@pytest.mark.parametrize(
    ("kind", "body", "mistake"),
    [
        ("day", "{valid_from: 2026-01-01, price: {CNY: 1}, unit: hour}", "unit: a day plan counts days"),
        (
            "account_day",
            "{valid_from: 2026-01-01, price: {CNY: 1}, bands: [{name: b, start: 1:00, end: 2:00}]}",
            "bands: a account_day plan has no hours",
        ),
        (
            "month",
            "{valid_from: 2026-01-01, prices: [{currency: CNY, model: volume, tiers: [{price: 1}]}]}",
            "prices[0].model: a month or year plan takes the prorated or the standard model",
        ),
    ],
)
def test_a_plan_of_days_has_no_hours_units_or_tiers_of_months(kind: str, body: str, mistake: str) -> None:
    (found,) = mistakes(plan(body, kind=kind))
    assert mistake in found


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("free: {days: 3, uses: 2}", "line 6: products[0].free: needs either days or uses"),
        ("free: {uses: 0}", "line 6: products[0].free.uses: must be above 0"),
        ("billing_day: 32", "line 6: products[0].billing_day: must be at most 31"),
        ("grace_days: soon", "line 6: products[0].grace_days: must be a whole number"),
        ("real_time: perhaps", "line 6: products[0].real_time: must be true or false"),
        ("filters: [{name: f}]", "line 6: products[0].filters[0]: needs users or below_quantity"),
        ("colour: red", "line 6: products[0].colour: is not a field here; known: id, name, on_sale"),
        ("unit: GB", "line 6: products[0].unit: this key stands twice; it is already on line 5"),
    ],
)
def test_a_wrong_product_is_told_by_line_and_field(line: str, mistake: str) -> None:
    (found,) = mistakes(plan("{valid_from: 2026-01-01, price: {CNY: 1}}", more=line))
    assert found.startswith(mistake)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("promotions: [{id: a}]", "promotions[0]: needs exactly one of percent_off, amount_off, free_days"),
        ("promotions: [{id: a, percent_off: 5, free_days: 1}]", "promotions[0]: needs exactly one of"),
        ("promotions: [{id: a, percent_off: 101}]", "promotions[0].percent_off: must be at most 100"),
        ("promotions: [{id: a, amount_off: {CNY: 0}}]", "promotions[0].amount_off.CNY: must be above 0"),
        ("promotions: [{id: a b, free_days: 1}]", "promotions[0].id: must not hold blanks"),
        ("promotions: [{id: '-', free_days: 1}]", "promotions[0].id: stands for 'no promotion'"),
        ("promotions: [{id: a, free_days: 1}, {id: a, free_days: 2}]", "promotions[1].id: a stands twice"),
        ("exchange_rates: [{currency: USD, valid_from: 2026-01-01, rate: 0}]", "rate: must be above 0"),
        ("exchange_rates: [{currency: USD, valid_from: 2026-01-01, rate: 7.1234567}]", "at most six decimals"),
        ("produts: []", "produts: is not a field here; known: products, promotions, exchange_rates"),
        ("- a list", "line 1: must be a mapping of fields"),
        ("", "line 1: the file holds nothing"),
    ],
)
def test_a_wrong_file_is_told_by_line_and_field(text: str, mistake: str) -> None:
    (found,) = mistakes(text)
    assert found.startswith("line 1: ")
    assert mistake in found


def test_a_per_use_plan_needs_a_unit() -> None:
    version = "{valid_from: 2026-01-01, price: {CNY: 1}}"
    text = f"products:\n- {{id: p, name: P, currency: CNY, plans: {{per_use: [{version}]}}}}"
    assert mistakes(text) == ["line 2: products[0]: needs a unit, because it has a per_use plan"]


def test_versions_of_one_plan_must_not_overlap() -> None:
    later = "\n        - {valid_from: 2026-06-01, price: {CNY: 2}}"
    (found,) = mistakes(plan("{valid_from: 2026-01-01, valid_to: 2026-06-02, price: {CNY: 1}}" + later))
    assert found.startswith("line 9: products[0].plans.per_use[0].valid_to: valid until 2026-06-02, but another")
    assert found.endswith("end this one with valid_to: 2026-06-01")


def test_versions_that_meet_are_sound() -> None:
    later = "\n        - {valid_from: 2026-06-01, price: {CNY: 2}}"
    text = plan("{valid_from: 2026-01-01, valid_to: 2026-06-01, price: {CNY: 1}}" + later)
    (product,) = read_catalog(text).file.products
    assert [v.valid_from for v in product.plans[PlanKind.PER_USE]] == [date(2026, 1, 1), date(2026, 6, 1)]


def test_mistakes_of_yaml_schema_and_rules_are_reported_together() -> None:
    text = (
        "products:\n"
        "  - {id: a, id: a, name: A, currency: CNY}\n"
        "  - {id: b, name: B, currency: nothing}\n"
        "  - {id: c, name: C, currency: CNY, plans: {per_use: [{valid_from: 2026-01-01, price: {CNY: 1}}]}}\n"
        "exchange_rates:\n"
        "  - {currency: USD, valid_from: 2026-01-01, rate: seven}\n"
    )
    assert [m.partition(": ")[0] for m in mistakes(text)] == ["line 2", "line 3", "line 4", "line 6"]


def test_the_mistakes_are_also_values() -> None:
    with pytest.raises(CatalogInvalid) as refused:
        read_catalog("promotions:\n  - {id: a}\n")
    text = "needs exactly one of percent_off, amount_off, free_days, free_uses"
    assert refused.value.ids["mistakes"] == (Mistake(2, ("promotions", 0), text),)


def test_a_chinese_file_with_a_byte_order_mark_is_read() -> None:
    (product,) = read_catalog("\ufeffproducts:\n  - {id: 邮箱, name: 企业邮箱, currency: RMB}\n").file.products
    assert (product.id, product.name, product.currency) == ("邮箱", "企业邮箱", "CNY")


def test_a_percent_sign_may_follow_a_percentage() -> None:
    (promotion,) = read_catalog("promotions: [{id: a, percent_off: 12.5%}]").file.promotions
    assert promotion.percent_off == Decimal("12.5")
