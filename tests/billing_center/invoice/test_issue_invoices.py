"""The bill run's chunk: periods close, sums become invoices, once, whoever runs it and how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from billing_center.errors import OutOfRange
from billing_center.invoice.state import InvoiceState
from billing_center.payer.store import payers
from billing_center.period import BillingSchedule

MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


def closed_until(books: Any, payer_id: str) -> date:
    with books.opened.reading() as work:
        return payers(work.connection, [payer_id])[payer_id].closed_until


def test_an_ended_period_becomes_an_invoice_of_its_sums(books: Any) -> None:
    books.payer("p-1", name="客户", cust_id="c-1")
    books.order("o-1", "p-1", order_code="OC-1")
    books.sum("p-1", "12.345", order_id="o-1", list_amount="20.005", quantity="3.5")
    books.sum("p-1", "1.5", product_id="gone")
    books.day(APRIL)
    done = books.issue(APRIL)
    assert (done.invoices, done.lines, done.failures) == (1, 2, 0)
    made = books.invoice("p-1-20260301")
    assert (made.payer_id, made.cust_id, made.cust_name, made.run_id) == ("p-1", "c-1", "客户", "run-1")
    assert (made.period_start, made.period_end, made.billed_on) == (MARCH, APRIL, APRIL)
    assert (made.due_day, made.control_day) == (date(2026, 4, 8), date(2026, 4, 11))
    assert (made.state, made.issued_at, made.base_amount) == (InvoiceState.ISSUED, books.clock.at, D("13.85"))
    first, second = made.lines
    assert (first.order_code, first.product_name, first.amount) == ("-", "gone", D("1.50"))
    assert (second.order_code, second.product_name, second.quantity) == ("OC-1", "Mail", D("3.5"))
    assert (second.amount, second.list_amount, second.rated_amount) == (D("12.35"), D("20.01"), D("12.345"))
    assert {row.invoice_id for row in books.rows("running_sum")} == {"p-1-20260301"}
    assert closed_until(books, "p-1") == APRIL


def test_running_again_finds_nothing_to_do(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "10")
    books.day(APRIL)
    books.issue(APRIL)
    before = (books.rows("invoice"), books.rows("invoice_line"), books.rows("payer"))
    books.day(date(2026, 4, 2))
    assert books.issue(APRIL).invoices == books.issue(date(2026, 4, 2)).invoices == 0
    assert (books.rows("invoice"), books.rows("invoice_line"), books.rows("payer")) == before


def test_a_period_that_has_not_ended_stays_open(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "10")
    books.sum("p-1", "7", start=APRIL, end=MAY)
    books.day(date(2026, 3, 31), 23, 59)
    assert books.issue(date(2026, 3, 31)).invoices == 0
    books.day(APRIL)
    assert books.issue(APRIL).invoices == 1
    assert [row.invoice_id for row in books.rows("running_sum", "period_start")] == ["p-1-20260301", ""]
    assert closed_until(books, "p-1") == APRIL


def test_catching_up_makes_one_invoice_per_period(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "10")
    books.sum("p-1", "20", start=APRIL, end=MAY)
    books.sum("p-1", "40", start=MAY, end=JUNE)
    books.day(date(2026, 5, 3))
    assert books.issue(date(2026, 5, 3)).invoices == 2
    march, april = books.invoice("p-1-20260301"), books.invoice("p-1-20260401")
    assert (march.base_amount, march.billed_on, april.base_amount, april.billed_on) == (10, APRIL, 20, MAY)
    assert march.due_day == april.due_day == date(2026, 5, 10)  # nobody could pay before 3 May
    assert closed_until(books, "p-1") == MAY


def test_a_charge_for_a_period_without_an_invoice_is_billed_for_it_later(books: Any) -> None:
    """Nothing was charged in March, so March was never closed; then April was billed; then a March use came."""
    books.payer("p-1")
    books.sum("p-1", "20", start=APRIL, end=MAY)
    books.day(MAY)
    books.issue(MAY)
    # Born in the period of max(its day, closed_until): May, never the billed April.
    assert BillingSchedule(1).period_of(max(date(2026, 3, 9), closed_until(books, "p-1"))).start == MAY
    books.payer("p-2")
    # p-2 was billed for nothing yet: its March is open, and a March use of 5 May lands there.
    books.day(date(2026, 5, 5))
    assert BillingSchedule(1).period_of(max(date(2026, 3, 9), closed_until(books, "p-2"))).start == MARCH
    books.sum("p-2", "3")
    books.day(date(2026, 5, 6))
    assert books.issue(date(2026, 5, 6)).invoices == 1
    late = books.invoice("p-2-20260301")
    assert (late.base_amount, late.billed_on, late.due_day) == (3, APRIL, date(2026, 5, 13))


def test_closing_never_goes_back(books: Any) -> None:
    books.payer("p-1", closed_until=JUNE)
    books.sum("p-1", "10")
    books.day(JUNE)
    books.issue(JUNE)
    assert closed_until(books, "p-1") == JUNE


def test_periods_of_billing_day_31_tile_and_are_billed_on_the_months_last_days(books: Any) -> None:
    books.payer("p-1", billing_day=31)
    schedule = BillingSchedule(31)
    for day, amount in ((date(2026, 1, 31), "1"), (date(2026, 2, 28), "2"), (date(2026, 3, 31), "4")):
        period = schedule.period_of(day)
        books.sum("p-1", amount, start=period.start, end=period.end)
    for day in (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 29)):
        books.day(day)
        books.issue(day)
    found = [(row.invoice_id, row.period_end, row.base_amount) for row in books.rows("invoice", "period_start")]
    assert found == [
        ("p-1-20260131", date(2026, 2, 28), 1),
        ("p-1-20260228", date(2026, 3, 31), 2),
    ]
    books.day(date(2026, 4, 30))
    assert books.issue(date(2026, 4, 30)).invoices == 1


def test_a_missing_rate_stops_only_its_payer_and_is_noted(books: Any) -> None:
    for payer_id in ("p-1", "p-2", "p-3"):
        books.payer(payer_id)
        books.sum(payer_id, "10")
    books.sum("p-2", "5", currency="USD", order_id="o-9")
    books.sum("p-2", "7", start=APRIL, end=MAY)
    books.day(MAY)
    done = books.issue(MAY, limit=2)
    assert (done.invoices, done.failures) == (2, 1)
    failure = books.rows("job_failure")[0]
    assert (failure.run_id, failure.subject, failure.code) == ("run-1", "p-2", "no_price")
    assert "USD" in failure.message
    assert closed_until(books, "p-2") == date(1970, 1, 1)
    books.rate("USD", "7.2")
    assert books.issue(MAY, run_id="run-2").invoices == 2
    assert books.invoice("p-2-20260301").base_amount == 46  # 10 + 5 x 7.2
    assert books.issue(MAY, run_id="run-2").invoices == 0


def test_charges_without_a_payer_are_a_failure_and_stop_nobody(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "10")
    books.sum("p-2", "10")
    books.day(APRIL)
    done = books.issue(APRIL)
    assert (done.invoices, done.failures) == (1, 1)
    assert books.rows("job_failure")[0].code == "unknown_payer"


def test_a_charge_in_a_billed_period_is_reported_and_never_billed_in_silence(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "10")
    books.day(APRIL)
    books.issue(APRIL)
    books.sum("p-1", "3", order_id="o-2")  # an invariant of the rating side is broken by hand
    assert books.issue(APRIL).failures == 1
    assert books.rows("job_failure")[0].code == "broken"
    assert books.invoice("p-1-20260301").base_amount == 10


def test_sums_of_one_period_that_was_cut_short_are_one_invoice(books: Any) -> None:
    """A use dated ahead was booked into a regular April, then the billing day moved: April ended on the 15th."""
    books.payer("p-1")
    books.sum("p-1", "10", start=APRIL, end=MAY)
    books.sum("p-1", "5", start=APRIL, end=date(2026, 4, 15), order_id="o-2")
    books.day(date(2026, 4, 15))
    assert books.issue(date(2026, 4, 15)).invoices == 1
    assert books.invoice("p-1-20260401").base_amount == 15
    books.day(MAY)
    done = books.issue(MAY)
    assert (done.invoices, done.failures) == (0, 0)


def test_a_day_that_has_not_come_is_refused(books: Any) -> None:
    books.day(date(2026, 3, 31), 23, 59)
    with pytest.raises(OutOfRange, match="has not come"):
        books.issue(APRIL)


def test_the_size_of_chunks_changes_nothing(books: Any) -> None:
    for n in range(7):
        books.payer(f"p-{n}")
        books.sum(f"p-{n}", str(n))
        books.sum(f"p-{n}", "1", order_id="o-1")
    books.day(APRIL)
    done = books.issue(APRIL, limit=2)
    assert (done.invoices, done.lines) == (7, 14)
    found = [(row.payer_id, row.base_amount) for row in books.rows("invoice", "payer_id")]
    assert found == [(f"p-{n}", n + 1) for n in range(7)]


def test_only_the_shards_asked_for_are_billed(books: Any) -> None:
    from billing_center.ids import shard_of
    from billing_center.invoice.issue_invoices import issue_invoices

    books.payer("p-1")
    books.sum("p-1", "10")
    books.day(APRIL)
    shard = shard_of("p-1")
    for first, last, expected in ((0, shard - 1, 0), (shard + 1, 255, 0), (shard, shard, 1)):
        done = books.center.transact(
            "jobs",
            lambda work, first=first, last=last: issue_invoices(
                work, first_shard=first, last_shard=last, on=APRIL, after_payer="", limit=10, run_id="run-1"
            ),
        )
        assert done.invoices == expected


def test_many_runs_of_the_same_day_at_once_make_each_invoice_once(books: Any) -> None:
    for n in range(30):
        books.payer(f"p-{n:02d}")
        books.sum(f"p-{n:02d}", "10")
    books.day(APRIL)
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(books.issue, APRIL, run_id=f"run-{n}", limit=7) for n in range(4)]
    done = [future.result() for future in futures]
    assert sum(one.invoices for one in done) == 30
    assert sum(one.failures for one in done) == 0
    assert len(books.rows("invoice")) == 30
    assert books.rows("job_failure") == []
