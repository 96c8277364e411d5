"""Quotes for getTotalPrice: the same prices that rating uses, asked for a total."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from billing_center.errors import NoPrice, OutOfRange
from billing_center.rating.facts import PlanKind
from billing_center.rating.models import read_model
from billing_center.rating.price_version import MeterPer, Price, PriceVersion, Product
from billing_center.rating.quote import quote, quoted_version

DAY = date(2026, 2, 10)
TIERS = {"model": "graduated", "tiers": [{"up_to": 10, "price": "1.00"}, {"price": "0.50"}]}


def version(plan: PlanKind, params: Mapping[str, object], *, currency: str = "CNY") -> PriceVersion:
    prices = (
        Price("any", currency, read_model(params)),
        Price("gold", currency, read_model({"price": "9"}), {"level": "gold"}),
    )
    return PriceVersion(f"{plan}", "p", plan, "", MeterPer.PAYER, date(2026, 1, 1), date(2027, 1, 1), prices)


def ask(
    *versions: PriceVersion,
    measure: PlanKind | None,
    count: str,
    currency: str = "CNY",
    features: dict[str, str] | None = None,
    day: date = DAY,
) -> Decimal:
    product = Product("p", "P", True, "CNY", versions)
    return quote(
        product, measure=measure, count=Decimal(count), currency=currency, features=features or {}, day=day
    )


def test_pieces_by_the_plan_per_use() -> None:
    assert ask(version(PlanKind.PER_USE, TIERS), measure=None, count="15") == Decimal("12.50")


def test_features_choose_the_variant() -> None:
    per_use = version(PlanKind.PER_USE, TIERS)
    assert ask(per_use, measure=None, count="2", features={"Level": "gold"}) == 18


def test_days_months_and_years_by_their_own_plans() -> None:
    plans = [version(p, {"price": n}) for p, n in zip(PlanKind, ("1", "2", "3", "100", "1000"), strict=True)]
    assert ask(*plans, measure=None, count="3") == 3
    assert ask(*plans, measure=PlanKind.DAY, count="3") == 6
    assert ask(*plans, measure=PlanKind.ACCOUNT_DAY, count="3") == 9
    assert ask(*plans, measure=PlanKind.MONTH, count="3") == 300
    assert ask(*plans, measure=PlanKind.YEAR, count="0.5") == 500


def test_a_day_falls_back_to_the_account_plan_only_where_there_is_no_day_plan() -> None:
    accounts = version(PlanKind.ACCOUNT_DAY, {"price": "2"})
    assert ask(accounts, measure=PlanKind.DAY, count="8") == 16
    ended = PriceVersion("d", "p", PlanKind.DAY, "", MeterPer.PAYER, date(2020, 1, 1), date(2021, 1, 1), ())
    with pytest.raises(NoPrice):
        ask(accounts, ended, measure=PlanKind.DAY, count="8")


def test_limits_of_a_month_hold_for_each_month() -> None:
    # February 2026 from the 10th has 28 days, 7 of them free: 56 x 21 / 28 = 42, capped at 40.
    capped = version(PlanKind.MONTH, {"model": "prorated", "price": "56", "included": 7, "cap": "40"})
    assert ask(capped, measure=PlanKind.MONTH, count="2") == 80
    free = version(PlanKind.MONTH, {"model": "prorated", "price": "56", "included": 7})
    assert ask(free, measure=PlanKind.MONTH, count="2") == 84


def test_the_result_is_rounded_half_up_to_six_decimals() -> None:
    assert ask(version(PlanKind.PER_USE, {"price": "0.0000005"}), measure=None, count="1") == Decimal("0.000001")


def test_pieces_of_a_product_not_sold_per_use_name_the_measure() -> None:
    with pytest.raises(OutOfRange) as caught:
        ask(version(PlanKind.DAY, {"price": "1"}), measure=None, count="1")
    assert caught.value.field == "measureUnits"


def test_no_plan_no_day_no_currency_is_no_price() -> None:
    per_use = version(PlanKind.PER_USE, TIERS)
    with pytest.raises(NoPrice):
        ask(per_use, measure=PlanKind.MONTH, count="1")
    with pytest.raises(NoPrice):
        ask(per_use, measure=None, count="1", day=date(2027, 1, 1))
    with pytest.raises(NoPrice):
        ask(version(PlanKind.PER_USE, TIERS, currency="USD"), measure=None, count="1")


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(OutOfRange) as caught:
        ask(version(PlanKind.PER_USE, TIERS), measure=None, count="-1")
    assert caught.value.field == "count"


def test_the_version_is_there_for_the_callers_choice_of_a_currency() -> None:
    per_use = version(PlanKind.PER_USE, TIERS)
    product = Product("p", "P", True, "CNY", (per_use,))
    assert quoted_version(product, measure=None, day=DAY) is per_use
