"""A company of three months reconciles; what differs is kept and told."""

import random
from datetime import date

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.errors import Unknown
from billing_center.ids import shard_of
from billing_center.reconcile.difference import Rule
from billing_center.reconcile.reconcile_payers import MOST_OF_A_PAYER, next_subject, reconcile_payer
from billing_center.reconcile.show_differences import show_run
from schema.tables.charges import charge
from schema.tables.invoices import invoice
from schema.tables.orders import payer, service_order
from schema.tables.outbox import outbox_message
from schema.tables.usage import usage_event, usage_filtered, usage_queue
from tests.billing_center.reconcile.company import Company
from tests.billing_center.reconcile.conftest import SEED, Books
from tests.billing_center.reconcile.tampering import a_day, raise_a_charge
from tests.scenarios.story import Story


def test_nothing_differs_in_a_company_that_nobody_touched(books: Books) -> None:
    done = books.reconcile()
    assert done.differences == []
    assert done.counts["payers"] == 5
    assert done.counts["charges"] == len(books.rows(charge))
    assert done.counts["invoices"] == len(books.rows(invoice))
    assert done.counts["uses"] == len(books.rows(usage_event))


def test_the_company_shows_every_way_of_selling(books: Books) -> None:
    rows = books.rows(charge)
    assert {row.component for row in rows} >= {
        "CNY", "USD", "HKD", "JPY", "allowance", "promotion", "priced", "CNY @night", "CNY cpu=8", "CNY seats=10",
        "CNY:events", "CNY:bounds",
    }  # fmt: skip
    assert {row.promotion_id for row in rows} == {"-", "tenth", "minus", "firstmonth", "tryit"}
    assert {row.plan for row in books.rows(service_order)} == {"per_use", "day", "account_day", "month", "year"}
    assert any(row.period_start > row.day for row in rows), "a late fact"
    assert books.rows(outbox_message, outbox_message.c.kind == "CONTROL"), "stopped for arrears"
    assert {row.state for row in books.rows(invoice)} >= {"PAID", "ISSUED"}
    assert len({row.period_start for row in books.rows(invoice, invoice.c.payer_id == "p1")}) >= 3
    assert any(row.amount < 0 for row in rows), "a volume price that falls at its edge"


def test_what_is_not_rated_is_left_out_by_name_and_counted(books: Books) -> None:
    done = books.reconcile()
    waiting = books.rows(usage_queue)
    left_out = {name: count for name, count in done.counts.items() if name.startswith("left out")}
    assert left_out["left out: filtered monitoring"] == len(books.rows(usage_filtered))
    assert sum(left_out.values()) == len(waiting) + len(books.rows(usage_filtered))
    assert {f"left out: {row.state.lower()} {row.reason}" for row in waiting} <= set(left_out)


def test_small_chunks_and_many_tasks_find_the_same(books: Books) -> None:
    raise_a_charge(books)
    whole = books.reconcile()
    pieces = [books.reconcile(limit=1, run_id=f"r{n}", first=n * 64, last=n * 64 + 63) for n in range(4)]
    assert [one for piece in pieces for one in piece.differences] == whole.differences
    together = sum((piece.counts for piece in pieces), start=pieces[0].counts - pieces[0].counts)
    assert together == whole.counts


def test_differences_are_kept_with_the_run(books: Books) -> None:
    subject = raise_a_charge(books)
    found = books.reconcile(run_id="reconcile:1").differences
    books.reconcile(run_id="reconcile:2")
    with books.center.reading() as work:
        shown = show_run(work, "reconcile:1")
    assert shown.differences == found
    assert shown.differences[0].subject.startswith(subject)
    assert shown.counts["differences"] == 1
    assert shown.summary.startswith("5 payers, ")


def test_one_payer_is_compared_alone(books: Books) -> None:
    raise_a_charge(books)
    payer_id = a_day(books).payer_id
    others = {row.payer_id for row in books.rows(payer)} - {payer_id}
    with books.center.reading() as work:
        assert [one.rule for one in reconcile_payer(work, payer_id).differences] == [Rule.CHARGE]
        assert all(reconcile_payer(work, other).differences == [] for other in others)
        with pytest.raises(Unknown):
            reconcile_payer(work, "nobody")


def test_very_many_differences_of_a_payer_are_cut_and_counted(books: Books) -> None:
    rows = books.rows(charge, charge.c.payer_id == "p1")
    assert len(rows) > MOST_OF_A_PAYER
    for row in rows:
        books.set(charge, row, user_id="somebody")
    found = books.differences()
    assert len(found) == MOST_OF_A_PAYER + 1
    assert found[-1].found == f"{len(rows) - MOST_OF_A_PAYER} more differences of this payer"


def test_a_poisoned_payer_has_a_name_and_a_position_behind_it(books: Books) -> None:
    with books.center.reading() as work:
        first = next_subject(work, first_shard=0, last_shard=255, position="")
        assert first == "p:" + min((shard_of(row.payer_id), row.payer_id) for row in books.rows(payer))[1]
        use = next_subject(work, first_shard=0, last_shard=255, position="u:")
        assert use is not None and use.startswith("u:2026-01-")
        assert next_subject(work, first_shard=0, last_shard=255, position="w:") is None


def test_a_younger_company_reconciles_on_every_database(center: Center, clock: SettableClock) -> None:
    Company(Story(center, clock), random.Random(SEED + 1)).live(last=date(2026, 4, 3))
    books = Books(center)
    done = books.reconcile(limit=2)
    assert done.differences == []
    assert done.counts["charges"] == len(books.rows(charge)) > 300
    subject = raise_a_charge(books)
    [found] = books.differences()
    assert found.subject.startswith(subject)
