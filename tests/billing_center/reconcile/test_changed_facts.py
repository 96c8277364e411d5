"""Facts changed behind the books: everything that was made of them is named."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select

from billing_center.reconcile.difference import Difference, Rule
from schema.tables.charges import charge, running_sum
from schema.tables.invoices import invoice_line
from schema.tables.orders import account_change, order_state_change
from schema.tables.outbox import outbox_message
from schema.tables.usage import usage_event
from tests.billing_center.reconcile.conftest import Books
from tests.billing_center.reconcile.tampering import ONE, a_day


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
    row = a_day(books)
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


def test_a_decision_that_is_all_that_is_left_of_an_order_and_was_not_sent_is_named(books: Books) -> None:
    """All else of it is lost, its messages too: the change that the center decided still asks for one."""
    decided = books.find(order_state_change, order_state_change.c.actor == "center", order_state_change.c.seq > 0)
    for change in books.rows(order_state_change, order_state_change.c.order_id == decided.order_id):
        if change.seq != decided.seq:
            books.drop(order_state_change, change)
    for message in books.rows(outbox_message, outbox_message.c.subject_id == decided.order_id):
        books.drop(outbox_message, message)
    [found] = [one for one in books.differences() if one.rule is Rule.OUTBOX]
    assert found.subject == f"order {decided.order_id}, change {decided.seq}"
    assert (found.expected, found.found) == (f"control:{decided.order_id}:{decided.seq}", "nothing")


def test_a_charge_in_the_wrong_period_is_named_with_both_sums(books: Books) -> None:
    row = a_day(books)
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
