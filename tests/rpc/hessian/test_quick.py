"""The short cut in C reads what the Python code reads, to the last type, or leaves it alone."""

import gc
import importlib.util
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.machinery import ExtensionFileLoader
from itertools import pairwise
from typing import Any

import pytest

from rpc.hessian import CodecError, Framing, HList, HObject, Limits, Long, calls
from rpc.hessian.build_quick import CannotBuild, build_quick
from rpc.hessian.values import REMOTE
from tests.rpc.hessian import samples
from tests.rpc.hessian.fuzz import damage, seeds
from tests.rpc.hessian.test_hessian2_values import same
from tests.rpc.hessian.test_limits import HOSTILE, REACHED

Quick = Callable[[bytes, Limits], Any]


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Quick:
    """The short cut, built anew from its source with every warning an error."""
    try:
        built = build_quick(tmp_path_factory.mktemp("quick"), "-Werror")
    except CannotBuild as why:
        if "error:" in str(why):
            raise
        pytest.skip(str(why))
    loader = ExtensionFileLoader("_quick", str(built))
    spec = importlib.util.spec_from_loader("_quick", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    module.prepare(calls.Call, HObject, HList, Long, REMOTE, tuple(Framing))
    made: Quick = module.read_call
    return made


def agree(quick: Quick, body: bytes, limits: Limits) -> bool:
    """Whether the short cut read the body; if so, as the Python code does."""
    found = quick(body, limits)
    if found is None:
        return False
    expected = calls.read_call(body, limits)
    assert type(found) is calls.Call
    assert found.framing is expected.framing
    assert same(list(found), list(expected))
    return True


def test_framings_are_handed_over_in_the_order_of_the_short_cut(quick: Quick) -> None:
    for framing, beginning in zip(Framing, (b"c\1\0m\0\1mz", b"c\0\1m\0\1mz", b"c\2\0m\0\1mz"), strict=False):
        assert quick(beginning, Limits()).framing is framing
    assert quick(b"H\2\0C\1m\x90", Limits()).framing is Framing.H_2_0
    assert quick(b"C\1m\x90", Limits()).framing is Framing.BARE_C


def test_every_call_of_the_contract_takes_the_short_cut(quick: Quick) -> None:
    for name, body in vars(samples).items():
        if isinstance(body, bytes) and body[:1] in (b"c", b"H") and body[3:4] in (b"m", b"C"):
            assert agree(quick, body, Limits()), name


def test_every_production_is_read_alike_or_left_alone(quick: Quick) -> None:
    taken = sum(agree(quick, body, Limits()) for body in seeds())
    assert taken > 100


def test_no_limit_is_passed_by(quick: Quick) -> None:
    for limit, (kept, past) in REACHED.items():
        for body in kept:
            agree(quick, body, replace(Limits(), **{limit: 5}))
        for body in past:
            assert quick(body, replace(Limits(), **{limit: 5})) is None, (limit, body)
    assert quick(samples.FEEDBACK_USER_1, Limits(body_bytes=5)) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_body_is_left_alone(quick: Quick, name: str) -> None:
    assert quick(HOSTILE[name](), Limits()) is None


def test_cut_calls_are_left_alone(quick: Quick) -> None:
    for body in seeds():
        for length in range(len(body)):
            assert quick(body[:length], Limits()) is None or agree(quick, body[:length], Limits())


def test_damaged_calls_are_read_alike_under_any_limits(quick: Quick) -> None:
    rng = random.Random(3001)
    bodies = seeds()
    taken = 0
    for _ in range(20_000):
        limits = Limits(
            depth=rng.choice((2, 64)),
            values=rng.choice((3, 12, 30, 100_000)),
            references=rng.choice((1, 3, 20_000)),
            definitions=rng.choice((1, 256)),
            fields_per_definition=rng.choice((2, 10, 256)),
            string_units=rng.choice((7, 40, 1 << 18)),
        )
        taken += agree(quick, damage(rng, bodies), limits)
    assert taken > 500


def test_what_is_no_call_is_left_to_the_error_of_the_python_code(quick: Quick) -> None:
    for body in (b"", b"c", b"H\2\0", b"E\2\0", b"GET /"):
        assert quick(body, Limits()) is None
        with pytest.raises(CodecError):
            calls.read_call(body, Limits())
    with pytest.raises(AttributeError):
        quick(b"c\1\0m\0\1mz", None)  # type: ignore[arg-type]


def test_nothing_is_leaked(quick: Quick) -> None:
    """The same bodies again and again, read and refused alike, take no more memory."""
    bodies = [samples.CHARGE_ACCOUNT_1, samples.CHARGE_ACCOUNT_2, samples.GET_TOTAL_PRICE_2]
    bodies += [body[: len(body) * part // 10] for body in bodies for part in range(1, 10)]

    def blocks() -> int:
        for body in bodies * 50:
            quick(body, Limits())
        gc.collect()
        return sys.getallocatedblocks()

    counts = [blocks() for _ in range(6)]
    assert min(after - before for before, after in pairwise(counts)) < 20  # a leak grows in every round
