"""Method names as Java clients send them."""

import pytest

from rpc.method_names import ATTRIBUTE, attribute, bare_name
from rpc.operations import BY_NAME


@pytest.mark.parametrize(
    "method",
    [
        "getTotalPrice",
        "getTotalPrice__5",
        "getTotalPrice_string_HashMap_string_BigDecimal_string",
        "getTotalPrice_",
    ],
)
def test_an_overloaded_name_means_the_bare_one(method: str) -> None:
    assert bare_name(method) == "getTotalPrice"


@pytest.mark.parametrize("method", ["", "_", "GetTotalPrice", "getTotalPriceX", "chargeAccount"])
def test_other_names_mean_no_operation(method: str) -> None:
    assert bare_name(method) not in BY_NAME


def test_no_wire_name_has_an_underscore() -> None:
    assert not any("_" in name for name in BY_NAME)


def test_attributes_are_the_interface_name_or_null() -> None:
    assert bare_name(ATTRIBUTE) == ATTRIBUTE
    assert attribute(["java.api.class"]) == attribute(["java.home.class"])
    assert attribute(["nothing"]) is None
    assert attribute([]) is None
    assert attribute([5]) is None
