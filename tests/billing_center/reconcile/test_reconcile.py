"""A company of three months reconciles; and each kind of row, tampered with, is named and nothing else."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.errors import Unknown
from billing_center.reconcile.difference import Difference, Rule
from billing_center.reconcile.reconcile_payers import MOST_OF_A_PAYER, next_subject, reconcile_payer
from billing_center.reconcile.show_differences import show_run
from schema.tables.charges import charge, meter, running_sum
from schema.tables.invoices import invoice, invoice_line, invoice_total, number_series
from schema.tables.orders import account_change, first_opening, order_state_change, payer, service_order
from schema.tables.outbox import outbox_message
from schema.tables.usage import usage_event, usage_filtered, usage_queue
from tests.billing_center.reconcile.company import Company
from tests.billing_center.reconcile.conftest import SEED, Books
from tests.scenarios.story import Story

ONE = Decimal(1)
CENT = Decimal("0.01")


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
    _raise_a_charge(books)
    whole = books.reconcile()
    pieces = [books.reconcile(limit=1, run_id=f"r{n}", first=n * 64, last=n * 64 + 63) for n in range(4)]
    assert [one for piece in pieces for one in piece.differences] == whole.differences
    together = sum((piece.counts for piece in pieces), start=pieces[0].counts - pieces[0].counts)
    assert together == whole.counts


# ── one row tampered with, one difference ────────────────────────────────────────────────────────────────────────


def _a_day(books: Books) -> Any:
    """A charge of an order's day that is on an invoice."""
    plain = (charge.c.cause == "day", charge.c.amount > Decimal(0), charge.c.period_start < date(2026, 4, 1))
    return books.find(charge, *plain)


def _raise_a_charge(books: Books) -> str:
    row = _a_day(books)
    books.set(charge, row, amount=row.amount + CENT)
    return f"order {row.cause_id} on {row.day}"


def _misread_a_charge(books: Books) -> str:
    row = books.find(charge, charge.c.cause == "use", charge.c.amount > Decimal(0))
    books.set(charge, row, list_amount=row.list_amount + CENT, quantity=row.quantity + ONE)
    return f"use {row.cause_id} on {row.day}"


def _lose_a_day(books: Books) -> str:
    row = _a_day(books)
    books.drop(charge, row)
    return f"order {row.cause_id} on {row.day}"


def _charge_an_idle_day(books: Books) -> str:
    ended = books.find(service_order, service_order.c.ended_day < date(2026, 5, 1), service_order.c.plan == "day")
    row = books.find(charge, charge.c.cause_id == ended.order_id)
    books.add(charge, row, day=ended.ended_day + timedelta(days=3))
    return f"order {row.cause_id} on {ended.ended_day + timedelta(days=3)}"


def _swap_a_version(books: Books) -> str:
    row = books.find(charge, charge.c.product_id == "mail", charge.c.component == "CNY", charge.c.cause == "day")
    books.set(charge, row, version_id="mail/day/1999-01-01")
    return f"order {row.cause_id} on {row.day}"


def _move_an_opening(books: Books) -> str:
    row = books.find(first_opening, first_opening.c.product_id == "im")
    books.set(first_opening, row, day=row.day - timedelta(days=1))
    return "product im"


def _turn_a_meter(books: Books) -> str:
    row = books.find(meter, meter.c.component == "CNY")
    books.set(meter, row, reading=row.reading + ONE)
    return row.version_id


def _turn_a_meter_of_free_uses(books: Books) -> str:
    row = books.find(meter, meter.c.component == "promotion")
    books.set(meter, row, reading=row.reading + ONE)
    return "promotion"


def _raise_a_sum(books: Books) -> str:
    row = books.find(running_sum)
    books.set(running_sum, row, amount=row.amount + CENT)
    return f"period from {row.period_start}, "


def _count_a_sum_wrong(books: Books) -> str:
    row = books.rows(running_sum)[-1]
    books.set(running_sum, row, charges=row.charges + 1)
    return f"period from {row.period_start}, "


def _lose_an_open_sum(books: Books) -> str:
    row = books.find(running_sum, running_sum.c.invoice_id.is_(None))
    books.drop(running_sum, row)
    return f"period from {row.period_start}, "


def _raise_a_line(books: Books) -> str:
    row = books.find(invoice_line)
    books.set(invoice_line, row, amount=row.amount + CENT)
    return f"invoice {row.invoice_id}, line {row.line_no}"


def _rate_a_line_anew(books: Books) -> str:
    row = books.find(invoice_line, invoice_line.c.currency == "JPY")
    books.set(invoice_line, row, rated_amount=row.rated_amount + CENT)
    return f"invoice {row.invoice_id}, line {row.line_no}"


def _lose_a_line(books: Books) -> str:
    row = books.find(invoice_line)
    books.drop(invoice_line, row)
    return f"invoice {row.invoice_id}, line"


def _raise_a_total(books: Books) -> str:
    row = books.find(invoice_total)
    books.set(invoice_total, row, amount=row.amount + CENT)
    return f"invoice {row.invoice_id}, total in {row.currency}"


def _change_a_rate(books: Books) -> str:
    row = books.find(invoice_total, invoice_total.c.currency == "JPY")
    books.set(invoice_total, row, rate=row.rate + CENT)
    return f"invoice {row.invoice_id}, total in JPY"


def _raise_an_invoice(books: Books) -> str:
    row = books.find(invoice)
    books.set(invoice, row, base_amount=row.base_amount + CENT)
    return f"invoice {row.invoice_id}"


def _stretch_a_period(books: Books) -> str:
    row = books.find(invoice)
    books.set(invoice, row, period_end=row.period_end + timedelta(days=1))
    return f"invoice {row.invoice_id}"


def _stretch_a_sum(books: Books) -> str:
    row = books.find(running_sum)
    books.set(running_sum, row, period_end=row.period_end + timedelta(days=1))
    return f"period from {row.period_start}, "


def _untie_a_sum(books: Books) -> str:
    row = books.find(running_sum, running_sum.c.invoice_id.is_not(None))
    books.set(running_sum, row, invoice_id="")
    return f"period from {row.period_start}, "


def _reopen_a_payer(books: Books) -> str:
    row = books.find(payer)
    books.set(payer, row, closed_until=row.closed_until - timedelta(days=1))
    return "closed until"


def _lose_a_deduction(books: Books) -> str:
    row = books.find(outbox_message, outbox_message.c.kind == "DEDUCTION")
    books.drop(outbox_message, row)
    return f"invoice {row.subject_id}"


def _deduct_another_sum(books: Books) -> str:
    row = books.find(outbox_message, outbox_message.c.kind == "DEDUCTION")
    books.set(outbox_message, row, payload=row.payload.replace('"totalAmount": "', '"totalAmount": "1'))
    return f"invoice {row.subject_id}"


def _wake_an_order(books: Books) -> str:
    row = books.find(service_order, service_order.c.state == "TERMINATED")
    books.set(service_order, row, state="PENDING")
    return f"order {row.order_id}"


def _stop_for_nothing(books: Books) -> str:
    owing = select(invoice.c.payer_id).where(invoice.c.state != "PAID")
    row = books.find(service_order, service_order.c.stopped_for == "-", service_order.c.payer_id.not_in(owing))
    books.set(service_order, row, stopped_for="ARREARS")
    return f"order {row.order_id}"


def _lose_a_command(books: Books) -> str:
    row = books.find(outbox_message, outbox_message.c.kind == "CONTROL")
    books.drop(outbox_message, row)
    return f"order {row.subject_id}, change {row.seq}"


def _send_out_of_turn(books: Books) -> str:
    row = books.rows(outbox_message, outbox_message.c.kind == "CONTROL", outbox_message.c.seq > 1)[-1]
    books.set(outbox_message, row, state="SENT")
    return f"order {row.subject_id}, change {row.seq}"


def _lose_a_use(books: Books) -> str:
    row = books.find(usage_queue)
    books.drop(usage_queue, row)
    return f"use {row.event_id}"


def _queue_a_rated_use(books: Books) -> str:
    row = books.find(charge, charge.c.cause == "use")
    books.add(usage_queue, books.find(usage_queue), event_id=row.cause_id)
    return f"use {row.cause_id}"


def _filter_a_parked_use(books: Books) -> str:
    row = books.find(usage_queue)
    books.add(usage_filtered, books.find(usage_filtered), event_id=row.event_id)
    return f"use {row.event_id}"


def _queue_a_use_that_never_was(books: Books) -> str:
    books.add(usage_queue, books.find(usage_queue), event_id="nobody")
    return "use nobody"


def _number_with_a_gap(books: Books) -> str:
    last = books.rows(invoice, invoice.c.invoice_no.is_not(None))
    row = max(last, key=lambda one: one.invoice_no)
    series = books.find(number_series)
    books.set(invoice, row, invoice_no=f"2026-{series.last_number + 1:09d}")
    books.set(number_series, series, last_number=series.last_number + 1)
    return f"number 2026-{series.last_number:09d}"


def _forget_the_last_number(books: Books) -> str:
    series = books.find(number_series)
    books.set(number_series, series, last_number=series.last_number + 3)
    return "last number of 2026"


def _number_of_another_year(books: Books) -> str:
    row = books.find(invoice, invoice.c.invoice_no.is_not(None))
    books.set(invoice, row, billed_on=row.billed_on.replace(year=2025))
    return f"invoice {row.invoice_id}"


Tamper = Callable[[Books], str]
TAMPERED: list[tuple[Rule, Tamper]] = [
    (Rule.CHARGE, _raise_a_charge), (Rule.CHARGE, _misread_a_charge), (Rule.CHARGE, _lose_a_day),
    (Rule.CHARGE, _charge_an_idle_day), (Rule.CHARGE, _swap_a_version), (Rule.OPENING, _move_an_opening),
    (Rule.METER, _turn_a_meter), (Rule.METER, _turn_a_meter_of_free_uses),
    (Rule.SUM, _raise_a_sum), (Rule.SUM, _count_a_sum_wrong), (Rule.SUM, _lose_an_open_sum),
    (Rule.LINE, _raise_a_line), (Rule.LINE, _rate_a_line_anew), (Rule.LINE, _lose_a_line),
    (Rule.TOTAL, _raise_a_total), (Rule.TOTAL, _change_a_rate), (Rule.INVOICE, _raise_an_invoice),
    (Rule.INVOICE, _stretch_a_period), (Rule.INVOICE, _number_of_another_year), (Rule.PERIOD, _stretch_a_sum),
    (Rule.CLOSED, _untie_a_sum), (Rule.CLOSED, _reopen_a_payer),
    (Rule.DEDUCTION, _lose_a_deduction), (Rule.DEDUCTION, _deduct_another_sum),
    (Rule.ORDER, _wake_an_order), (Rule.ARREARS, _stop_for_nothing),
    (Rule.OUTBOX, _lose_a_command), (Rule.OUTBOX, _send_out_of_turn),
    (Rule.USE, _lose_a_use), (Rule.USE, _queue_a_rated_use), (Rule.USE, _filter_a_parked_use),
    (Rule.USE, _queue_a_use_that_never_was),
    (Rule.NUMBER, _number_with_a_gap), (Rule.NUMBER, _forget_the_last_number),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "tamper"), TAMPERED, ids=[tamper.__name__[1:] for _, tamper in TAMPERED])
def test_one_row_tampered_with_is_one_difference(books: Books, rule: Rule, tamper: Tamper) -> None:
    subject = tamper(books)
    [found] = books.differences()
    assert found.rule is rule
    assert found.subject.startswith(subject) or subject in found.subject


def test_every_rule_has_been_broken_once() -> None:
    assert {rule for rule, _ in TAMPERED} == set(Rule) - {Rule.CREDIT, Rule.GRANT}  # those in files of their own


# ── facts changed behind the books: everything that was made of them is named ───────────────────────────────────


def _rules(found: list[Difference]) -> set[Rule]:
    return {one.rule for one in found}


def test_a_fact_that_changes_is_named_with_all_that_was_made_of_it(books: Books) -> None:
    row = books.find(
        charge, charge.c.cause == "use", charge.c.product_id == "storage", charge.c.amount > Decimal(0)
    )
    use = books.find(usage_event, usage_event.c.event_id == row.cause_id)
    books.set(usage_event, use, quantity=use.quantity + 1000)
    found = books.differences()
    assert _rules(found) >= {Rule.CHARGE, Rule.METER, Rule.SUM}
    assert {one.payer_id for one in found} == {row.payer_id}
    [of_charge] = [one for one in found if one.rule is Rule.CHARGE]
    assert f"use {use.event_id} of storage by {use.user_id}" in of_charge.detail
    of_sum = next(one for one in found if one.rule is Rule.SUM)
    assert f"see use {use.event_id}" in of_sum.detail


def test_a_line_made_of_a_wrong_charge_leads_back_to_it(books: Books) -> None:
    row = _a_day(books)
    total = books.find(
        running_sum, running_sum.c.payer_id == row.payer_id, running_sum.c.period_start == row.period_start,
        running_sum.c.order_id == row.order_id,
    )  # fmt: skip
    line = books.find(invoice_line, invoice_line.c.invoice_id == total.invoice_id,
                      invoice_line.c.order_id == row.order_id)  # fmt: skip
    books.set(charge, row, amount=row.amount + ONE)
    books.set(running_sum, total, amount=total.amount + ONE)
    books.set(invoice_line, line, amount=line.amount + ONE, rated_amount=line.rated_amount + ONE)
    found = books.differences()
    assert [one.rule for one in found] == [Rule.CHARGE, Rule.SUM, Rule.LINE]
    assert all(f"order {row.cause_id} on {row.day}" in one.detail + one.subject for one in found)
    assert found[2].expected.startswith(f"amount {(line.amount).normalize():f}")


def test_an_account_number_that_changes_changes_the_days_it_held(books: Books) -> None:
    row = books.find(
        charge, charge.c.product_id == "crm", charge.c.quantity > Decimal(0), charge.c.amount > Decimal(0)
    )
    for change in books.rows(account_change, account_change.c.payer_id == row.payer_id):
        books.set(account_change, change, accounts=change.accounts + 100)
    assert Rule.CHARGE in _rules(books.differences())


def test_a_state_change_that_is_lost_shows_in_mirror_days_and_commands(books: Books) -> None:
    by_center = (order_state_change.c.actor == "center", order_state_change.c.to_state == "SUSPENDED")
    books.drop(order_state_change, books.find(order_state_change, *by_center))
    assert _rules(books.differences()) >= {Rule.ORDER, Rule.OUTBOX}


def test_a_charge_in_the_wrong_period_is_named_with_both_sums(books: Books) -> None:
    row = _a_day(books)
    books.set(charge, row, period_start=row.period_start + timedelta(days=3))
    found = books.differences()
    assert _rules(found) == {Rule.PERIOD, Rule.SUM, Rule.LINE, Rule.TOTAL, Rule.INVOICE, Rule.DEDUCTION}
    assert len([one for one in found if one.rule is Rule.SUM]) == 2


def test_a_rated_use_that_loses_its_charges_is_nowhere(books: Books) -> None:
    counted = select(charge.c.cause_id).where(charge.c.cause == "use").group_by(charge.c.cause_id)
    alone = counted.having(func.count() == 1)
    row = books.find(charge, charge.c.cause_id.in_(alone), charge.c.amount > Decimal(0))
    books.drop(charge, row)
    found = books.differences()
    assert f"use {row.cause_id}" in {one.subject for one in found if one.rule is Rule.USE}
    assert Rule.SUM in _rules(found)


def test_two_charges_that_overlap_on_a_meter_are_named(books: Books) -> None:
    rows = books.rows(charge, charge.c.product_id == "pay", charge.c.component == "CNY")
    later = max(rows, key=lambda row: row.reading_before)
    assert later.reading_before > 0
    grown = later.reading_after - later.reading_before
    books.set(charge, later, reading_before=Decimal(0), reading_after=grown)  # a share costs the same anywhere
    [found] = books.differences()
    assert found.rule is Rule.METER
    assert f"use {later.cause_id}" in found.found


# ── keeping and telling ──────────────────────────────────────────────────────────────────────────────────────────


def test_differences_are_kept_with_the_run(books: Books) -> None:
    subject = _raise_a_charge(books)
    found = books.reconcile(run_id="reconcile:1").differences
    books.reconcile(run_id="reconcile:2")
    with books.center.reading() as work:
        shown = show_run(work, "reconcile:1")
    assert shown.differences == found
    assert shown.differences[0].subject.startswith(subject)
    assert shown.counts["differences"] == 1
    assert shown.summary.startswith("5 payers, ")


def test_one_payer_is_compared_alone(books: Books) -> None:
    _raise_a_charge(books)
    payer_id = _a_day(books).payer_id
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
        assert first == "p:p1"
        use = next_subject(work, first_shard=0, last_shard=255, position="u:")
        assert use is not None and use.startswith("u:2026-01-")
        assert next_subject(work, first_shard=0, last_shard=255, position="w:") is None


def test_a_younger_company_reconciles_on_every_database(center: Center, clock: SettableClock) -> None:
    Company(Story(center, clock), random.Random(SEED + 1)).live(last=date(2026, 4, 3))
    books = Books(center)
    done = books.reconcile(limit=2)
    assert done.differences == []
    assert done.counts["charges"] == len(books.rows(charge)) > 300
    subject = _raise_a_charge(books)
    [found] = books.differences()
    assert found.subject.startswith(subject)
