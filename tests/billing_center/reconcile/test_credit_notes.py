"""Credit notes and the deductions that they lower: worked out once more, and each row tampered with is named."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.correction.credit_invoice import CreditInvoice, credit_invoice
from billing_center.reconcile.difference import Rule
from schema.tables.corrections import correction, credit_note, credit_note_line
from schema.tables.invoices import invoice, number_series
from schema.tables.outbox import outbox_message
from tests.billing_center.reconcile.conftest import Books
from tests.scenarios.story import Story

CATALOG = """
products:
  - {id: desk, name: 工位, currency: CNY, plans: {day: [{valid_from: 2026-01-01, price: {CNY: 2.00}}]}}
  - {id: line, name: 专线, currency: USD, plans: {day: [{valid_from: 2026-01-01, price: {USD: 0.31}}]}}
exchange_rates:
  - {currency: USD, valid_from: 2026-01-01, rate: 7.1234}
"""
MARCH = "boss-20260301"


def credit(books: Books, invoice_id: str, lines: dict[int, Decimal | None] | None = None) -> None:
    command = CreditInvoice(invoice_id, "the machine stood still", lines or {})
    books.center.transact("operator", lambda work: credit_invoice(work, command))


@pytest.fixture
def books(center: Center, clock: SettableClock) -> Iterator[Books]:
    """March of two orders: 31 x 2.00 CNY (line 1) and 31 x 0.31 = 9.61 USD (line 2), credited in two notes.

    The first credits 5.00 CNY and 1.01 USD while the deduction waits: it then asks for 57.00 CNY and 8.60 USD.
    9.61 USD are 68.46 CNY, 8.60 are 61.26: the note is of 5.00 + 7.20 (1.01 USD, and no rounding apart: 7.19).
    """
    story = Story(center, clock)
    story.sell(CATALOG)
    story.install("a", payer="boss", product="desk")
    story.install("b", payer="boss", product="line")
    story.at("2026-04-01 10:00")
    found = Books(center)
    credit(found, MARCH, {1: Decimal("5.00"), 2: Decimal("1.01")})
    clock.at = clock.at.replace(hour=clock.at.hour + 1)
    yield found


def test_a_lowered_deduction_is_no_difference(books: Books) -> None:
    message = books.find(outbox_message, outbox_message.c.kind == "DEDUCTION")
    assert json.loads(message.payload)["totalAmount"] == "118.27"  # 62.00 + 68.46 - 5.00 - 7.19
    assert books.find(credit_note).base_amount == Decimal("12.19")
    assert books.differences() == []
    credit(books, MARCH, {1: None})
    assert json.loads(books.find(outbox_message).payload)["totalAmount"] == "61.27"
    assert books.differences() == []
    credit(books, MARCH)
    assert books.find(invoice).state == "PAID"
    assert [note.base_amount for note in books.rows(credit_note)] == [Decimal(n) for n in ("12.19", "57", "61.27")]
    assert books.differences() == []


def test_a_note_after_the_payment_changes_no_deduction(books: Books, center: Center, clock: SettableClock) -> None:
    Story(center, clock).pay(MARCH)
    clock.at = clock.at.replace(minute=clock.at.minute + 1)
    credit(books, MARCH)
    assert json.loads(books.find(outbox_message).payload)["totalAmount"] == "118.27"
    assert books.differences() == []


def test_a_note_that_was_raised_is_named(books: Books) -> None:
    books.set(credit_note, books.find(credit_note), base_amount=Decimal("12.20"))
    [found] = books.differences()
    assert (found.rule, found.subject) == (Rule.CREDIT, f"credit note C2026-000000001 of invoice {MARCH}")
    assert (found.expected, found.found) == ("base_amount 12.19", "base_amount 12.2")


def test_a_credited_line_that_was_raised_is_named_with_what_follows(books: Books) -> None:
    row = books.find(credit_note_line, credit_note_line.c.line_no == 1)
    books.set(credit_note_line, row, amount=Decimal("62.01"))
    found = books.differences()
    assert [one.rule for one in found] == [Rule.CREDIT, Rule.CREDIT, Rule.DEDUCTION]
    assert (found[0].expected, found[0].found) == ("within the 62 that was left", "62.01")


def test_a_deduction_that_asks_for_the_whole_again_is_named(books: Books) -> None:
    message = books.find(outbox_message)
    payload = json.loads(message.payload) | {"totalAmount": "130.46"}
    books.set(outbox_message, message, payload=json.dumps(payload))
    [found] = books.differences()
    assert (found.rule, found.expected, found.found) == (
        Rule.DEDUCTION, "totalAmount 118.27", "totalAmount 130.46",
    )  # fmt: skip


def test_an_item_of_a_deduction_is_compared_too(books: Books) -> None:
    message = books.find(outbox_message)
    payload = json.loads(message.payload)
    payload["item"][1]["amount"] = "8.61"
    payload["usdollarAmount"] = "8.61"
    books.set(outbox_message, message, payload=json.dumps(payload))
    [found] = books.differences()
    assert found.found == "usdollarAmount 8.61, item 2 (USD 8.61 9.61)"
    assert found.expected == "usdollarAmount 8.6, item 2 (USD 8.6 9.61)"


def test_a_note_that_settles_for_nothing_is_named(books: Books) -> None:
    books.set(credit_note, books.find(credit_note), effect="SETTLED")
    assert [one.found for one in books.differences() if one.rule is Rule.CREDIT] == ["effect SETTLED"]


def test_a_note_without_a_reason_is_named(books: Books) -> None:
    books.drop(correction, books.find(correction))
    [found] = books.differences()
    assert (found.rule, found.expected) == (Rule.CREDIT, "a correction that asked for it")


def test_a_reason_without_a_note_is_named(books: Books) -> None:
    for line in books.rows(credit_note_line):
        books.drop(credit_note_line, line)
    books.drop(credit_note, books.find(credit_note))
    found = {(one.rule, one.expected) for one in books.differences()}
    assert {(Rule.CREDIT, "a credit note"), (Rule.NUMBER, "C2026-000000001")} <= found


def test_a_gap_in_the_numbers_of_notes_is_named(books: Books) -> None:
    row = books.find(number_series, number_series.c.series == "credit-2026")
    books.set(number_series, row, last_number=2)
    [found] = books.differences()
    assert (found.rule, found.subject) == (Rule.NUMBER, "last number of C2026")


def test_a_note_of_no_invoice_is_named(books: Books) -> None:
    note = books.find(credit_note)
    books.set(credit_note, note, invoice_id="gone-20260301")
    assert "invoice gone-20260301" in {one.expected for one in books.differences() if one.rule is Rule.CREDIT}
