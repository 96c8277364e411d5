"""Numbers without gaps per year, and the deductions that go with them."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal as D
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.invoice.issue_invoices import issue_invoices
from billing_center.invoice.number_invoices import Place, number_after
from billing_center.outbox.claim import claim
from billing_center.outbox.message import MessageKind
from schema.tables.outbox import outbox_message

MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))


def numbers(books: Any) -> dict[str, str]:
    return {row.invoice_id: row.invoice_no for row in books.rows("invoice", "payer_id", "period_start")}


def test_numbers_follow_the_payers_and_go_on_over_runs(books: Any) -> None:
    for payer_id in ("p-2", "p-1", "p-3"):
        books.payer(payer_id)
        books.sum(payer_id, "10")
    books.sum("p-1", "20", start=APRIL, end=MAY)
    books.day(APRIL)
    books.issue(APRIL)
    assert books.number(limit=2) == 3
    assert books.number() == 0
    books.day(MAY)
    books.issue(MAY)
    assert books.number() == 1
    assert numbers(books) == {
        "p-1-20260301": "2026-000000001",
        "p-1-20260401": "2026-000000004",
        "p-2-20260301": "2026-000000002",
        "p-3-20260301": "2026-000000003",
    }


def test_chunks_that_go_on_after_the_place_of_the_last_one_number_in_order(books: Any) -> None:
    for n in range(5):
        books.payer(f"p-{n}")
        books.sum(f"p-{n}", "10")
    books.day(APRIL)
    books.issue(APRIL)
    place: Place | None = None
    done = []
    while True:
        chunk = partial(number_after, after=place, run_id="run-1", limit=2)
        numbered = books.center.transact("jobs", chunk)
        done.append(numbered.invoices)
        place = numbered.last
        if place is None:
            break
    assert done == [2, 2, 1, 0]
    assert list(numbers(books).values()) == [f"2026-00000000{n}" for n in range(1, 6)]


def test_each_year_of_the_billing_day_has_its_own_numbers(books: Any) -> None:
    december, january = date(2025, 12, 1), date(2026, 1, 1)
    for n, payer_id in enumerate(("p-1", "p-2")):
        books.payer(payer_id)
        books.sum(payer_id, str(n + 1), start=date(2025, 11, 1), end=december)
        books.sum(payer_id, str(n + 1), start=december, end=january)
    books.day(january)
    books.issue(january)
    assert books.number(limit=3) == 4
    assert numbers(books) == {
        "p-1-20251101": "2025-000000001",
        "p-1-20251201": "2026-000000001",  # billed on 1 January 2026
        "p-2-20251101": "2025-000000002",
        "p-2-20251201": "2026-000000002",
    }
    assert [(row.series, row.last_number) for row in books.rows("number_series", "series")] == [
        ("invoice-2025", 2),
        ("invoice-2026", 2),
    ]


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_many_numberings_at_once_leave_no_gap_and_no_twin(books: Any, limit: int) -> None:
    for n in range(12):
        books.payer(f"p-{n:02d}")
        books.sum(f"p-{n:02d}", "10")
    books.day(APRIL)
    books.issue(APRIL)
    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(books.number, limit=limit) for _ in range(3)]
    assert sum(future.result() for future in done) == 12
    assert sorted(numbers(books).values()) == [f"2026-{n:09d}" for n in range(1, 13)]
    assert len(books.rows("outbox_message")) == 12


def test_a_numbering_that_fails_half_way_leaves_no_number(books: Any) -> None:
    from billing_center.invoice.number_invoices import number_invoices

    books.payer("p-1")
    books.sum("p-1", "10")
    books.day(APRIL)
    books.issue(APRIL)

    def dies(work: Any) -> None:
        number_invoices(work, run_id="run-1", limit=10)
        raise RuntimeError("killed before the commit")

    with pytest.raises(RuntimeError):
        books.center.transact("jobs", dies)
    assert numbers(books) == {"p-1-20260301": ""}
    books.number()
    assert numbers(books) == {"p-1-20260301": "2026-000000001"}


def test_a_deduction_is_put_in_the_transaction_that_issues_its_invoice(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "10")
    books.day(APRIL)

    def dies(work: Any) -> None:
        issue_invoices(work, first_shard=0, last_shard=255, on=APRIL, after_payer="", limit=10, run_id="run-1")
        assert len(work.connection.execute(select(outbox_message)).all()) == 1
        raise RuntimeError("killed before the commit")

    with pytest.raises(RuntimeError):
        books.center.transact("jobs", dies)
    assert (books.rows("invoice"), books.rows("outbox_message")) == ([], [])
    books.issue(APRIL)
    books.issue(APRIL)
    assert [row.message_id for row in books.rows("outbox_message")] == ["deduct:p-1-20260301"]


def test_the_deduction_says_what_the_contract_asks_for(books: Any) -> None:
    books.rate("USD", "7.2")
    books.rate("JPY", "0.05")
    books.payer("p-1", name="客户", cust_id="c-1")
    books.order("o-1", "p-1", order_code="OC-1")
    books.sum("p-1", "60.5", order_id="o-1", list_amount="80")
    books.sum("p-1", "10", order_id="o-1", currency="USD")
    books.sum("p-1", "1000", currency="JPY")
    books.day(APRIL)
    books.issue(APRIL)
    books.number()
    row = books.rows("outbox_message")[0]
    assert (row.message_id, row.kind, row.subject_id, row.seq) == (
        "deduct:p-1-20260301",
        "DEDUCTION",
        "p-1-20260301",
        1,
    )
    assert (row.state, row.tries, row.payer_id, row.next_try_at) == ("WAITING", 0, "p-1", books.clock.at)
    assert json.loads(row.payload) == {
        "guid": "p-1-20260301", "custId": "c-1", "custName": "客户", "payerMemId": "p-1",
        "totalAmount": "182.50",  # 60.50 + 10 x 7.2 + 1000 x 0.05
        "rmbAmount": "60.50", "twbAmount": "0.00", "usdollarAmount": "10.00", "gbAmount": "0.00",
        "item": [
            {"guid": "p-1-20260301-1", "productId": "mail", "productName": "Mail", "orderCode": "-",
             "currency": "JPY", "amount": "1000", "markAmount": "1000"},
            {"guid": "p-1-20260301-2", "productId": "mail", "productName": "Mail", "orderCode": "OC-1",
             "currency": "CNY", "amount": "60.50", "markAmount": "80.00"},
            {"guid": "p-1-20260301-3", "productId": "mail", "productName": "Mail", "orderCode": "OC-1",
             "currency": "USD", "amount": "10.00", "markAmount": "10.00"},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("amount", "state", "flagged"), [("0", "PAID", False), ("-5", "ISSUED", True)])
def test_zero_and_negative_invoices_are_numbered_and_not_sent(
    issued: Callable[..., str], books: Any, amount: str, state: str, flagged: bool
) -> None:
    made = books.invoice(issued(amount=amount))
    assert (made.invoice_no, made.state, made.flagged) == ("2026-000000001", state, flagged)
    assert made.base_amount == D(amount)
    assert books.rows("outbox_message") == []


def test_an_invoice_settled_before_it_was_sent_is_numbered_and_not_sent(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "10")
    books.day(APRIL)
    books.issue(APRIL)
    books.callback("p-1-20260301", "PAID")
    books.number()
    assert books.invoice("2026-000000001").invoice_id == "p-1-20260301"
    claimed = books.center.transact(
        "jobs", lambda work: claim(work, kinds=[MessageKind.DEDUCTION], limit=10, owner="one")
    )
    assert claimed == []
    assert [row.state for row in books.rows("outbox_message")] == ["SETTLED"]
