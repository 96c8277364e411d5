"""Who is in arrears, by invoices and days."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from billing_center.settlement.arrears import in_arrears, payers_in_arrears

APRIL = date(2026, 4, 1)


def owing(books: Any, payer_id: str = "p-1") -> bool:
    with books.center.reading() as work:
        return in_arrears(work, payer_id)


def test_unknown_payers_and_payers_without_invoices_are_not_in_arrears(books: Any) -> None:
    books.payer("p-1")
    assert not owing(books, "p-1")
    assert not owing(books, "nobody")


def test_an_unpaid_invoice_is_arrears_after_its_due_day(issued: Callable[..., str], books: Any) -> None:
    issued()  # due on 8 April
    books.day(date(2026, 4, 8), 23, 59)
    assert not owing(books)
    books.day(date(2026, 4, 9), 0, 0)
    assert owing(books)
    books.callback("p-1-20260301", "PAID")
    assert not owing(books)


def test_a_failed_invoice_is_arrears_at_once_and_until_it_is_paid(issued: Callable[..., str], books: Any) -> None:
    issued()
    books.callback("p-1-20260301", "FAILED")
    assert owing(books)
    books.callback("p-1-20260301", "PAID")
    assert not owing(books)
    books.callback("p-1-20260301", "FAILED")
    assert not owing(books)


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_credits_and_invoices_of_nothing_are_never_arrears(
    issued: Callable[..., str], books: Any, amount: str
) -> None:
    issued(amount=amount)
    books.day(date(2027, 1, 1))
    assert not owing(books)


def test_many_payers_are_asked_for_at_once(issued: Callable[..., str], books: Any) -> None:
    issued("p-1")
    books.payer("p-2")
    with books.center.reading() as work:
        ids = ["p-1", "p-2", "nobody"]
        assert payers_in_arrears(work.connection, ids, on=date(2026, 4, 9)) == {"p-1"}
        assert payers_in_arrears(work.connection, ids, on=date(2026, 4, 8)) == set()
        assert payers_in_arrears(work.connection, [], on=date(2026, 4, 9)) == set()
