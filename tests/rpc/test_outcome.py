"""The table from error to answer has a row for every error there is."""

import pytest

from billing_center import errors
from rpc.hessian import errors as hessian_errors
from rpc.outcome import INCIDENT, ROWS, Kind, NoSuchMethod, WrongArgumentCount, fault_of, row_of


def leaves(root: type[Exception]) -> set[type[Exception]]:
    children = root.__subclasses__()
    return {root} if not children else set().union(*(leaves(child) for child in children))


ALL = leaves(errors.BillingError) | leaves(hessian_errors.HessianError) | {NoSuchMethod, WrongArgumentCount}
LEAVES = {error for error in ALL if error.__module__ in (errors.__name__, hessian_errors.__name__, "rpc.outcome")}


@pytest.mark.parametrize("error", sorted(LEAVES, key=lambda error: error.__name__))
def test_every_leaf_error_has_a_row_of_its_own(error: type[Exception]) -> None:
    assert error in ROWS


def test_an_error_from_elsewhere_is_answered_as_the_one_it_refines() -> None:
    for error in ALL - LEAVES:
        assert any(known in ROWS for known in error.__mro__)


def test_a_failure_of_ours_is_never_a_refusal() -> None:
    ours = [errors.Broken, errors.Busy, errors.DatabaseAway, errors.ShuttingDown]
    assert all(ROWS[error].kind is Kind.FAULT for error in ours)


def test_whatever_nobody_foresaw_is_an_incident_without_its_text() -> None:
    error = ZeroDivisionError("the password is hunter2")
    assert row_of(error) is INCIDENT
    fault = fault_of(error, "4711")
    assert "hunter2" not in fault.message
    assert "4711" in fault.message


def test_a_fault_brings_an_exception_that_every_java_has() -> None:
    for row in ROWS.values():
        if row.kind is Kind.FAULT:
            assert row.java_class.startswith("java.lang.")
