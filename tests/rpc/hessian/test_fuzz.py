"""A short run of the fuzzer with every test run, and everything that it found before."""

import pytest

from tests.rpc.hessian.fuzz import FINDINGS, check, fuzz, seeds


@pytest.mark.parametrize("body", FINDINGS)
def test_former_finding_stays_mended(body: bytes) -> None:
    assert check(body) == ""


def test_undamaged_messages_are_sound() -> None:
    for body in seeds():
        assert check(body) == ""


def test_two_seconds_of_damage_find_nothing() -> None:
    assert fuzz(2, seed=20090801) == 0
