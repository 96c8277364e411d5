"""Credit notes: never above what is left, numbered without gaps, and what covers an unpaid invoice settles it."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.correction.credit_invoice import CreditInvoice, credit_invoice
from billing_center.correction.once import carry_out
from billing_center.correction.report import Correction
from billing_center.errors import ForbiddenTransition, OutOfRange, Unknown
from billing_center.invoice.show_invoice import show_invoice
from billing_center.invoice.state import InvoiceState
from billing_center.order.state import OrderState
from billing_center.order.store import find_order
from billing_center.outbox.claim import claim
from billing_center.outbox.message import Answer, MessageKind, Outcome
from billing_center.outbox.record_answer import record_answer
from billing_center.service_control.control_services import control_services
from billing_center.settlement.record_callback import RecordCallback, record_callback
from schema.tables.corrections import credit_note
from schema.tables.outbox import outbox_message

INVOICE = "boss-20260301"


@pytest.fixture
def bill(shop: Any, at: Any) -> Any:
    """March of two orders: 18 days of a desk (36.00, line 1) and 12 calls of 1.00 each less tiers (line 2)."""
    shop.order("a", "desk")
    shop.order("b", "tiered", "次")
    shop.use("u", "tiered", "12", at(2), payer_id="", user_id="user")
    shop.rate()
    shop.days(date(2026, 3, 18))
    shop.clock.at = at(1, 1, month=4)
    shop.issue(date(2026, 4, 1))
    return shop


def credit(shop: Any, lines: dict[int, Any] | None = None, **more: Any) -> Correction:
    command = CreditInvoice(INVOICE, "the machine stood still", lines or {}, **more)
    made: Correction = shop.act(lambda work: credit_invoice(work, command))
    return made


def shown(shop: Any) -> Any:
    with shop.center.reading() as work:
        return show_invoice(work.connection, INVOICE)


def callback(shop: Any, word: str) -> None:
    shop.act(lambda work: record_callback(work, RecordCallback(INVOICE, word)))


def send(shop: Any) -> None:
    (message,) = shop.act(lambda w: claim(w, kinds=[MessageKind.DEDUCTION], limit=9, owner="me"))
    shop.act(lambda w: record_answer(w, message, Answer(Outcome.ACCEPTED)))


def test_amounts_lines_and_the_rest_come_to_the_invoice_and_never_above(bill: Any) -> None:
    """10.67 and 36.00: 5.00 of line 1, the rest of line 2, then the rest of all."""
    assert [line.amount for line in shown(bill).invoice.lines] == [Decimal("36.00"), Decimal("10.67")]
    with pytest.raises(OutOfRange, match=r"36\.00 CNY is left"):
        credit(bill, {1: Decimal("36.01")})
    assert credit(bill, {1: Decimal("5.00")}).totals() == {"CNY": Decimal("-5.00")}
    assert credit(bill, {1: Decimal("5.00")}).repeated
    with pytest.raises(OutOfRange, match=r"31\.00 CNY is left"):
        credit(bill, {1: Decimal("31.01")})
    assert credit(bill, {2: None}).totals() == {"CNY": Decimal("-10.67")}
    assert credit(bill).totals() == {"CNY": Decimal("-31.00")}
    with pytest.raises(OutOfRange, match="nothing is left"):
        credit(bill, correction_id="once-more")
    for lines in ({7: None}, {1: Decimal("0.001")}, {1: Decimal(-1)}, {1: Decimal(0)}):
        with pytest.raises(OutOfRange):
            credit(bill, lines)
    notes = shown(bill).credit_notes
    assert [note.credit_no for note in notes] == [f"C2026-00000000{n}" for n in (1, 2, 3)]
    assert sum(note.base_amount for note in notes) == shown(bill).invoice.base_amount == Decimal("46.67")
    assert [note.effect for note in notes] == ["", "", "SETTLED"]


def test_a_dry_run_takes_no_number(bill: Any) -> None:
    command = CreditInvoice(INVOICE, "?")
    preview = carry_out(bill.center, "op", lambda work: credit_invoice(work, command), dry_run=True)
    assert preview.totals() == {"CNY": Decimal("-46.67")} and bill.count(credit_note) == 0
    assert "C2026-000000001" in credit(bill).notes[0]


def test_what_is_left_is_deducted_when_nobody_was_told_yet(bill: Any) -> None:
    credit(bill, {1: Decimal("6.00")})
    with bill.center.reading() as work:
        payload = json.loads(work.connection.execute(select(outbox_message.c.payload)).scalar_one())
    assert (payload["totalAmount"], payload["rmbAmount"], payload["guid"]) == ("40.67", "40.67", INVOICE)
    assert [item["amount"] for item in payload["item"]] == ["30.00", "10.67"]
    assert not shown(bill).invoice.flagged


def test_a_deduction_that_is_out_is_left_alone_and_a_person_is_told(bill: Any) -> None:
    send(bill)
    credit(bill, {1: Decimal("6.00")})
    found = shown(bill).invoice
    assert (found.state, found.flagged) == (InvoiceState.SENT, True)
    made = credit(bill)
    assert shown(bill).invoice.state is InvoiceState.PAID and "may still take the money" in made.notes[-1]


def test_a_whole_credit_settles_arrears_and_brings_the_services_back(bill: Any, at: Any) -> None:
    send(bill)
    callback(bill, "FAILED")
    bill.clock.at = at(20, month=4)
    shards = {"first_shard": 0, "last_shard": 255}
    bill.act(lambda w: control_services(w, **shards, on=w.today, after_payer="", limit=9, run_id="t"))
    states = []
    for step in (lambda: None, lambda: credit(bill, {1: None}), lambda: credit(bill)):
        step()
        with bill.center.reading() as work:
            order = find_order(work.connection, "a")
        states.append(order.state if order else None)
    assert states == [OrderState.SUSPENDED, OrderState.SUSPENDED, OrderState.ACTIVE]
    assert (shown(bill).invoice.state, shown(bill).invoice.settled_at) == (InvoiceState.PAID, bill.clock.at)


def test_a_paid_invoice_can_be_credited_and_stays_paid(bill: Any) -> None:
    send(bill)
    callback(bill, "PAID")
    made = credit(bill, {2: None})
    assert "paid back" in made.notes[-1] and shown(bill).credit_notes[0].effect == ""
    assert credit(bill).totals() == {"CNY": Decimal("-36.00")}
    assert shown(bill).invoice.state is InvoiceState.PAID


def test_a_covered_invoice_that_nobody_was_told_of_is_never_sent(bill: Any) -> None:
    credit(bill)
    assert bill.act(lambda w: claim(w, kinds=[MessageKind.DEDUCTION], limit=9, owner="me")) == []


def test_an_invoice_without_a_number_cannot_be_credited(shop: Any, at: Any) -> None:
    from billing_center.invoice.issue_invoices import issue_invoices

    shop.use("u", "tiered", "12", at(2))
    shop.rate()
    shop.clock.at = at(1, 1, month=4)
    shards = {"first_shard": 0, "last_shard": 255}
    shop.act(lambda w: issue_invoices(w, **shards, on=w.today, after_payer="", limit=9, run_id="t"))
    with pytest.raises(ForbiddenTransition):
        credit(shop)
    with pytest.raises(Unknown):
        shop.act(lambda work: credit_invoice(work, CreditInvoice("no such", "?")))
