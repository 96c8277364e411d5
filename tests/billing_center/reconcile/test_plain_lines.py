"""Prices along straight lines and by packages are the same as those that are worked out reading by reading."""

import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from billing_center.reconcile.expected import price_of, whole_prices_of
from billing_center.reconcile.plain_lines import lines_of
from billing_center.reconcile.plain_price import half_up, plain_price
from billing_center.reconcile.plain_steps import steps_of


def a_price(dice: random.Random) -> dict[str, Any]:
    """A standard or a graduated price, some tiers with a flat fee, some falling."""

    def number() -> str:
        return str(Decimal(dice.randrange(0, 10**7)).scaleb(-dice.choice([0, 2, 6])))

    if dice.random() < 0.2:
        return {"price": number()}
    edges = sorted(dice.sample(range(1, 200_000), dice.randrange(0, 5)))
    tiers: list[dict[str, Any]] = [{"up_to": str(Decimal(edge).scaleb(-3)), "price": number()} for edge in edges]
    tiers.append({"price": number()})
    for tier in dice.sample(tiers, dice.randrange(0, len(tiers))):
        tier["flat"] = number()
    return {"model": "graduated", "tiers": tiers}


@pytest.mark.parametrize("seed", range(40))
def test_a_line_says_what_the_price_says(seed: int) -> None:
    dice = random.Random(seed)
    params, size = a_price(dice), dice.choice([1, 60, 3600, 1024, 1024**2])
    lines = lines_of(params, size)
    assert lines is not None
    at_edges = [Decimal(edge).scaleb(-6) for edge in lines.edges]
    step = Decimal("0.000001")
    readings = [near for edge in at_edges for near in (edge - step, edge, edge + step)]
    readings += [Decimal(dice.randrange(1, 10 ** dice.randrange(2, 14))).scaleb(-6) for _ in range(50)]
    readings = [reading for reading in readings if reading > 0]
    right = [half_up(plain_price(params, Fraction(reading) / size), 6) for reading in readings]
    assert [lines.price(reading) for reading in readings] == right
    in_whole = lines.whole_prices([0, *(int(reading.scaleb(6)) for reading in readings)])
    assert [Decimal(whole).scaleb(-6) for whole in in_whole] == [0, *right]


def test_nothing_and_less_and_finer_readings_are_left_to_the_price() -> None:
    lines = lines_of({"price": "0.10"}, 1)
    assert lines is not None
    assert [lines.price(Decimal(text)) for text in ("0", "-1", "0.0000001")] == [None, None, None]


@pytest.mark.parametrize(
    "params",
    [
        {"price": "1", "minimum": "5"}, {"price": "1", "cap": "5"}, {"price": "1", "included": "2"},
        {"model": "volume", "tiers": [{"price": "1"}]}, {"model": "package", "size": "5", "price": "1"},
        {"price": "1", "something": "new"},
        {"model": "graduated", "tiers": [{"up_to": "9", "price": "1"}, {"up_to": "3", "price": "1"}]},
        {"model": "graduated", "tiers": [{"up_to": "9", "price": "1"}, {"up_to": "9", "price": "1"}]},
    ],
)  # fmt: skip
def test_other_prices_have_no_lines(params: dict[str, Any]) -> None:
    assert lines_of(params, 1) is None


@pytest.mark.parametrize("seed", range(40))
def test_a_step_says_what_the_price_says(seed: int) -> None:
    dice = random.Random(seed)
    params: dict[str, Any] = {"model": "package", "price": "4.99", "size": dice.choice(["10", "0.7", "3"])}
    asked = {"free": "5", "included": "2.5", "minimum": "7", "cap": "60"}
    params |= {name: asked[name] for name in dice.sample(sorted(asked), dice.randrange(0, 4))}
    size = dice.choice([1, 60, 3600, 1024, 1024**2])
    steps = steps_of(params, size)
    assert steps is not None
    edges = [(steps.begins + n * steps.wide) // steps.parts for n in range(4)]
    readings = [near for edge in edges for near in (edge - 1, edge, edge + 1)]
    readings += [dice.randrange(1, 10 ** dice.randrange(2, 14)) for _ in range(50)]
    readings = [0, *(reading for reading in readings if reading > 0)]
    right = [half_up(plain_price(params, Fraction(reading, 10**6) / size), 6) for reading in readings]
    assert [Decimal(whole).scaleb(-6) for whole in steps.whole_prices(readings)] == right


def test_other_prices_have_no_steps() -> None:
    package = {"model": "package", "price": "1", "size": "5"}
    assert steps_of(package, 1) is not None
    for said in ({"model": "standard"}, {"size": "0"}, {"something": "new"}, {"event_fee": "1"}, {"free": "-1"}):
        assert steps_of(package | said, 1) is None


def test_a_price_without_lines_or_steps_is_the_same_in_whole_numbers() -> None:
    params = {"model": "volume", "tiers": [{"up_to": "5", "price": "0.1"}, {"price": "0.07"}]}
    price, prices = price_of(params, size=60, currency="CNY"), whole_prices_of(params, size=60, currency="CNY")
    assert prices is whole_prices_of(params, size=60, currency="CNY")
    readings = [0, 1, 300_000_000, 300_000_001, 10**12]
    right = [price(Decimal(reading).scaleb(-6)) for reading in readings]
    assert [Decimal(whole).scaleb(-6) for whole in prices(readings)] == right
