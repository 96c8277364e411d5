"""Values built quickly are the values of the class itself, in every respect."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from billing_center.period import Period
from billing_center.rating.facts import MeterKey
from billing_center.rating.quick import quick


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    size: int = 3


def test_they_are_equal_hashable_ordered_and_of_the_same_class() -> None:
    slow, fast = MeterKey("a", "b", "c", "d", "e", "f"), quick(MeterKey)("a", "b", "c", "d", "e", "f")
    assert type(fast) is MeterKey
    assert fast == slow
    assert {slow: 1}[fast] == 1
    assert not fast < slow
    assert repr(fast) == repr(slow)
    assert pickle.loads(pickle.dumps(fast)) == slow


def test_they_are_frozen_and_can_be_replaced() -> None:
    fact = quick(Fact)("a")
    with pytest.raises(FrozenInstanceError):
        fact.size = 4  # type: ignore[misc]
    assert replace(fact, size=4) == Fact("a", 4)


def test_arguments_and_defaults_are_those_of_the_class() -> None:
    assert quick(Fact)(size=4, name="a") == Fact("a", 4)
    assert quick(Fact)("a") == Fact("a")
    with pytest.raises(TypeError):
        quick(Fact)()  # type: ignore[call-arg]


def test_a_class_that_checks_itself_or_makes_defaults_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Made:
        names: list[str] = field(default_factory=list)

    for cls in (Period, Made):
        with pytest.raises(TypeError):
            quick(cls)
