"""The search for rings of garbage rests while any batch runs, and is afterwards what it was before."""

import gc

import pytest

from billing_center.uncollected import FEW, uncollected


def test_it_goes_on_when_the_last_batch_is_done() -> None:
    assert gc.isenabled()
    with uncollected(5000):
        with uncollected(5000):
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_a_batch_that_failed() -> None:
    with pytest.raises(ValueError, match="broken"), uncollected(5000):
        raise ValueError("broken")
    assert gc.isenabled()


def test_where_it_was_off_it_stays_off() -> None:
    gc.disable()
    try:
        with uncollected(5000):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_few_rows_do_not_keep_it_away() -> None:
    with uncollected(FEW - 1):
        assert gc.isenabled()
