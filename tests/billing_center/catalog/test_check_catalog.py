"""What is allowed in a catalog but hardly meant is pointed out, with its line."""

from datetime import date

import pytest

from billing_center.catalog.check_catalog import CatalogCheck, check_catalog

TODAY = date(2026, 3, 1)


def look(text: str) -> CatalogCheck:
    """Look a file over on 2026-03-01."""
    return check_catalog(text, today=TODAY)


def product(*versions: str, kind: str = "per_use", more: str = "") -> str:
    """A file with one product whose versions stand from line 9 on."""
    lines = "".join(f"      - {version}\n" for version in versions)
    head = f"products:\n- id: p\n  name: P\n  currency: CNY\n  unit: count\n  {more}\n  plans:\n    {kind}:\n"
    return head + lines


def test_a_sound_file_gives_no_word() -> None:
    assert look(product("{valid_from: 2026-01-01, price: {CNY: 1}}")) == CatalogCheck((), ())


def test_errors_are_those_that_refuse_a_load() -> None:
    found = look(product("{valid_from: 2026-01-01, price: {CNY: x}}"))
    assert [str(e) for e in found.errors] == [
        "line 9: products[0].plans.per_use[0].price.CNY: must be a decimal number"
    ]
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            product(
                "{valid_from: 2026-01-01, valid_to: 2026-03-01, price: {CNY: 1}}",
                "{valid_from: 2026-04-01, price: {CNY: 1}}",
            ),
            "line 10: products[0].plans.per_use[1].valid_from: no per_use price from 2026-03-01 until 2026-04-01",
        ),
        (
            product("{valid_from: 2025-01-01, valid_to: 2026-02-01, price: {CNY: 1}}"),
            "line 9: products[0].plans.per_use[0].valid_to: no per_use price since 2026-02-01, and it is on sale",
        ),
        (
            product("{valid_from: 2026-01-01, price: {CNY: 1, USD: 1}}")
            + "exchange_rates: [{currency: USD, valid_from: 2026-03-02, rate: 7}]",
            "line 2: products[0]: this file has no exchange rate from USD to CNY for 2026-03-01",
        ),
        (
            product("{valid_from: 2026-01-01, price: {USD: 1}}")
            + "exchange_rates: [{currency: USD, valid_from: 2026-01-01, rate: 7}]",
            "line 9: products[0].plans.per_use[0]: no price in CNY, the product's own currency",
        ),
        (
            product("{valid_from: 2026-01-01, prices: [{currency: CNY, price: 1, when: {a: 1}}]}"),
            "no price in CNY is without `when`: features that match none have no price",
        ),
        (
            product(
                "{valid_from: 2026-01-01, bands: [{name: day, start: 8:00, end: 20:30, weekdays: [mon-fri]}], "
                "prices: [{currency: CNY, price: 1, band: day}]}"
            ),
            "no price in CNY for 105.5 hours of the week that lie in no band",  # 168 - 5 x 12.5
        ),
        (
            product(
                "{valid_from: 2026-01-01, price: {CNY: 1}, bands: [{name: day, start: 8:00, end: 20:00}]}",
            ),
            "line 9: products[0].plans.per_use[0].bands[0]: no price is for band day",
        ),
        (
            product(
                "{valid_from: 2026-01-01, price: {CNY: 1}, "
                "bands: [{name: a, start: 8:00, end: 20:00}, {name: b, start: 19:00, end: 21:00}], "
                "prices: [{currency: CNY, price: 1, band: a}, {currency: CNY, price: 1, band: b}]}"
            ),
            "line 9: products[0].plans.per_use[0].bands: bands a and b share some hours, where a holds",
        ),
        (
            product(
                "{valid_from: 2026-01-01, prices: [{currency: CNY, model: graduated, cap: 10, "
                "tiers: [{up_to: 10, price: 1}, {price: 2}]}]}"
            ),
            "prices[0].tiers[1]: nothing reaches this tier: the cap of 10 is reached before it",
        ),
        (
            product(
                "{valid_from: 2026-01-01, prices: [{currency: CNY, model: volume, "
                "tiers: [{up_to: 31, price: 2}, {price: 1}]}]}",
                kind="day",
            ),
            "prices[0].tiers[1]: nothing reaches this tier: a billing period has at most 31 days",
        ),
        (
            product("{valid_from: 2026-01-01, price: {CNY: 1}}", kind="day", more="free: {uses: 3}"),
            "line 6: products[0].free.uses: nothing is counted per use: there is no per_use plan",
        ),
        (
            product("{valid_from: 2026-01-01, price: {CNY: 1}}", kind="day", more="real_time: true"),
            "line 6: products[0].real_time: has no effect: there is no per_use plan",
        ),
        (
            product("{valid_from: 2026-01-01, price: {CNY: 1}}").replace("unit: count", "unit: gib"),
            "line 5: products[0].unit: gib is a unit that converts to itself only",
        ),
        (
            "promotions: [{id: a, free_days: 1, products: [p]}]",
            "line 1: promotions[0].products[0]: p is no product of this file",
        ),
    ],
)
def test_what_is_hardly_meant_is_pointed_out(text: str, warning: str) -> None:
    found = look(text)
    assert found.errors == ()
    assert len(found.warnings) == 1
    assert warning in str(found.warnings[0])


def test_a_currency_that_a_later_version_forgot_is_pointed_out() -> None:
    text = product(
        "{valid_from: 2026-01-01, valid_to: 2026-04-01, price: {CNY: 1, USD: 1}}",
        "{valid_from: 2026-04-01, price: {CNY: 1}}",
    )
    found = look(text + "exchange_rates: [{currency: USD, valid_from: 2026-01-01, rate: 7}]")
    assert [str(w) for w in found.warnings] == [
        "line 10: products[0].plans.per_use[1]: has no price in USD, which p/per_use/2026-01-01 has"
    ]


def test_a_whole_week_of_bands_leaves_no_hour_out() -> None:
    bands = "[{name: a, start: 22:00, end: 8:00}, {name: b, start: 8:00, end: 22:00}]"
    prices = "[{currency: CNY, price: 1, band: a}, {currency: CNY, price: 1, band: b}]"
    assert look(product(f"{{valid_from: 2026-01-01, bands: {bands}, prices: {prices}}}")).warnings == ()


def test_tiers_that_can_be_reached_are_not_pointed_out() -> None:
    reached = "tiers: [{up_to: 9, price: 1}, {price: 2}]"
    prices = f"[{{currency: CNY, model: graduated, cap: 10, {reached}}}]"
    assert look(product(f"{{valid_from: 2026-01-01, prices: {prices}}}")).warnings == ()
    volume = "[{currency: CNY, model: volume, tiers: [{up_to: 30, price: 2}, {price: 1}]}]"
    assert look(product(f"{{valid_from: 2026-01-01, prices: {volume}}}", kind="day")).warnings == ()
