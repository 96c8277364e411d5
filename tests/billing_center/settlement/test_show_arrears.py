"""Who is in arrears, and with what: what `in_arrears` says of each payer, for all of them."""

from datetime import date
from decimal import Decimal
from typing import Any

from billing_center.bounded_count import BoundedCount
from billing_center.settlement.show_arrears import PayerInArrears, count_in_arrears, list_in_arrears

MAY = date(2026, 5, 1)


def test_payers_in_arrears_are_counted_and_listed_with_what_they_owe(books: Any) -> None:
    for payer_id in ("p-1", "p-2", "p-3"):
        books.payer(payer_id)
        books.sum(payer_id, "10.00")
        books.sum(payer_id, "5.00", start=date(2026, 4, 1), end=MAY)
    books.day(date(2026, 4, 1))
    books.issue(date(2026, 4, 1))
    books.day(MAY)
    books.issue(MAY)
    books.number()
    books.callback("p-1-20260401", "FAILED")  # April at once, March overdue since 8 April
    books.callback("p-2-20260301", "PAID")  # April is due on 8 May
    with books.center.reading() as work:
        assert count_in_arrears(work) == BoundedCount(2)
        assert list_in_arrears(work) == [
            PayerInArrears("p-1", 2, Decimal("15.00"), date(2026, 4, 8)),
            PayerInArrears("p-3", 1, Decimal("10.00"), date(2026, 4, 8)),
        ]
        assert [one.payer_id for one in list_in_arrears(work, after="p-1")] == ["p-3"]
        assert len(list_in_arrears(work, limit=1)) == 1


def test_nobody_is_in_arrears_without_invoices(books: Any) -> None:
    books.payer("p-1")
    with books.center.reading() as work:
        assert (count_in_arrears(work), list_in_arrears(work)) == (BoundedCount(0), [])
