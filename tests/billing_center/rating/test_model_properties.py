"""What must hold for every charge model, run over the whole table: a new row is tested without a new test."""

import json
from decimal import Decimal, localcontext
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_center.money import RATED_SCALE, rated
from billing_center.rating.growth import EXACT, growth, rated_price
from billing_center.rating.models import MODELS, ChargeModel, read_model, spread


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[str]:
    return st.decimals(least, most, places=places).map(str)


PRICES = decimals("0", "999", 8)
PERCENTS = decimals("0", "100", 6)
QUANTITIES = decimals("0.000001", "500", 6)


@st.composite
def tiers(draw: st.DrawFn, *, flat: bool, percent: bool = False) -> list[dict[str, object]]:
    edges = sorted(draw(st.sets(st.decimals("0.000001", "300", places=6), max_size=4)))
    rows: list[dict[str, object]] = [{"up_to": str(edge)} for edge in edges]
    rows.append({})
    for row in rows:
        row |= {"percent": draw(PERCENTS)} if percent else {"price": draw(PRICES)}
        if flat and draw(st.booleans()):
            row["flat"] = draw(PRICES)
    return rows


OWN_FIELDS: dict[str, st.SearchStrategy[dict[str, object]]] = {
    "standard": st.fixed_dictionaries({"price": PRICES}),
    "graduated": st.fixed_dictionaries({"tiers": tiers(flat=True)}),
    "volume": st.fixed_dictionaries({"tiers": tiers(flat=True)}),
    "stairstep": st.fixed_dictionaries({"tiers": tiers(flat=False)}),
    "package": st.fixed_dictionaries({"price": PRICES, "size": QUANTITIES}, optional={"free": QUANTITIES}),
    "percentage": st.fixed_dictionaries({"percent": PERCENTS}, optional={"free": QUANTITIES}),
    "graduated_percentage": st.fixed_dictionaries({"tiers": tiers(flat=True, percent=True)}),
    "prorated": st.fixed_dictionaries({"price": PRICES}),
}
LIMITS = st.fixed_dictionaries(
    {}, optional={"included": QUANTITIES, "minimum": PRICES, "cap": decimals("999", "9999", 2)}
)
EVERY_MODEL = pytest.mark.parametrize("name", MODELS)
PIECES = st.lists(st.decimals("0", "100", places=6), min_size=1, max_size=8)


@st.composite
def functions(draw: st.DrawFn, name: str) -> ChargeModel:
    function = read_model({"model": name} | draw(OWN_FIELDS[name]) | draw(LIMITS))
    return spread(function, draw(st.integers(1, 366))) if name == "prorated" else function


def test_every_model_of_the_table_has_parameters_here() -> None:
    assert OWN_FIELDS.keys() == MODELS.keys()


@EVERY_MODEL
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_pieces_add_up_to_the_price_of_the_total_in_any_split_and_order(name: str, data: st.DataObject) -> None:
    function, pieces = data.draw(functions(name)), data.draw(PIECES)
    total = rated_price(function, sum(pieces, Decimal(0)))
    for order in (pieces, data.draw(st.permutations(pieces))):
        readings = accumulate(order, initial=Decimal(0))
        amounts = [growth(function, before, after) for before, after in pairwise(readings)]
        assert sum(amounts) == total - rated_price(function, Decimal(0))


@EVERY_MODEL
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_growth_forth_and_back_is_nothing_even_below_zero(name: str, data: st.DataObject) -> None:
    function = data.draw(functions(name))
    low, high = data.draw(st.decimals("-100", "100", places=6)), data.draw(st.decimals("-100", "100", places=6))
    assert growth(function, low, high) + growth(function, high, low) == 0


@EVERY_MODEL
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_function_is_rounded_once_to_six_decimals(name: str, data: st.DataObject) -> None:
    function, reading = data.draw(functions(name)), data.draw(st.decimals("0", "500", places=6))
    price = rated_price(function, reading)
    with localcontext(EXACT):
        assert price == rated(function.price(reading))
    assert price.as_tuple().exponent == RATED_SCALE.as_tuple().exponent


@EVERY_MODEL
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_nothing_counted_costs_nothing_and_no_reading_costs_less(name: str, data: st.DataObject) -> None:
    function = data.draw(functions(name))
    assert rated_price(function, Decimal(0)) == 0
    assert rated_price(function, data.draw(st.decimals("0", "500", places=6))) >= 0


@EVERY_MODEL
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_parameters_survive_json(name: str, data: st.DataObject) -> None:
    params = {"model": name} | data.draw(OWN_FIELDS[name]) | data.draw(LIMITS)
    function = read_model(params)
    assert read_model(json.loads(json.dumps(function.to_params()))) == function


@EVERY_MODEL
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_field_that_no_model_knows_is_refused(name: str, data: st.DataObject) -> None:
    params = {"model": name} | data.draw(OWN_FIELDS[name])
    with pytest.raises(Exception, match="colour is not a field here"):
        read_model(params | {"colour": "1"})
