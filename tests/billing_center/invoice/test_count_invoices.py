"""Invoices are counted by state, and those for a person apart."""

from collections.abc import Callable
from typing import Any

from billing_center.invoice.count_invoices import count_invoices
from billing_center.invoice.state import InvoiceState


def test_invoices_are_counted_by_state_and_flag(books: Any, issued: Callable[..., str]) -> None:
    first = issued("p-1")
    issued("p-2")
    issued("p-3", "-5.00")  # negative: for a person
    books.callback(first, "PAID")
    with books.center.reading() as work:
        counts = count_invoices(work)
    assert {state: count.number for state, count in counts.by_state.items() if count} == {
        InvoiceState.PAID: 1,
        InvoiceState.ISSUED: 2,
    }
    assert counts.flagged.number == 1
