"""An invoice's credit notes beside the invoice, worked out once more: lines, amounts, worth, and what they settle.

Design: billing rules, "A correction never edits: it adds a charge of the difference or a credit note".
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from billing_center.reconcile.difference import NOTHING, Difference, Rule, compare_fields, told
from billing_center.reconcile.expected import ZERO
from billing_center.reconcile.expected_invoice import ExpectedInvoice
from billing_center.reconcile.raw_facts import Facts, PayerFacts

SETTLED = "SETTLED"


def compare_credits(facts: Facts, one: PayerFacts, invoice: ExpectedInvoice) -> list[Difference]:
    """Every note of an invoice, in the order in which they were issued; and each asked credit has its note."""
    notes = facts.notes.get(invoice.invoice_id, ())
    if not notes and invoice.invoice_id not in facts.corrections:
        return []
    found: list[Difference] = []
    credited: dict[int, Decimal] = defaultdict(Decimal)
    worth_before = ZERO
    for note in notes:
        subject = f"credit note {note.credit_no} of invoice {invoice.invoice_id}"
        found += _compare_lines(facts, one, invoice, note, credited)
        worth = invoice.in_base(invoice.by_currency(credited))
        covered = all(line.amount == credited[number] for number, line in invoice.lines.items())
        wanted = {
            "payer_id": one.payer_id,
            "base_currency": invoice.row.base_currency,
            "base_amount": worth - worth_before,
            "year of number": str(note.at.astimezone(facts.zone).year),
        }
        stands = {name: getattr(note, name) for name in ("payer_id", "base_currency", "base_amount")}
        stands["year of number"] = note.credit_no[1:].partition("-")[0]
        if (note.effect == SETTLED) != covered and not (covered and _was_paid(invoice.row, note)):
            wanted["effect"], stands["effect"] = (SETTLED if covered else NOTHING), note.effect or NOTHING
        found += compare_fields(one.payer_id, Rule.CREDIT, subject, wanted, stands)
        if covered and invoice.row.state != "PAID":
            found.append(Difference(one.payer_id, Rule.CREDIT, subject, "a settled invoice", invoice.row.state))
        worth_before = worth
    return found + _asked_and_given(facts, one, invoice, notes)


def _was_paid(row: Any, note: Any) -> bool:
    """Whether the invoice was paid when the note was issued: then it settles nothing."""
    return row.settled_at is not None and bool(row.settled_at <= note.at)


def _compare_lines(
    facts: Facts, one: PayerFacts, invoice: ExpectedInvoice, note: Any, credited: dict[int, Decimal]
) -> list[Difference]:
    """Each credited line is one of the invoice, in its currency, within what was left of it; they are added up."""
    found: list[Difference] = []
    rows = facts.note_lines.get(note.credit_no, ())
    for row in rows:
        subject = f"credit note {note.credit_no}, line {row.line_no} of invoice {row.invoice_id}"
        line = invoice.lines.get(row.line_no)
        if line is None or row.invoice_id != invoice.invoice_id:
            found.append(Difference(one.payer_id, Rule.CREDIT, subject, "a line of the invoice", NOTHING))
            continue
        if row.currency != line.currency:
            found.append(Difference(one.payer_id, Rule.CREDIT, subject, line.currency, row.currency))
        left = line.amount - credited[row.line_no]
        credited[row.line_no] += row.amount
        if not (0 < row.amount <= left if left > 0 else left <= row.amount < 0):
            expected = f"within the {told(left)} that was left"
            found.append(Difference(one.payer_id, Rule.CREDIT, subject, expected, told(row.amount)))
    if not rows:
        subject = f"credit note {note.credit_no} of invoice {invoice.invoice_id}"
        found.append(Difference(one.payer_id, Rule.CREDIT, subject, "lines", NOTHING))
    return found


def _asked_and_given(facts: Facts, one: PayerFacts, invoice: ExpectedInvoice, notes: Any) -> list[Difference]:
    """Each credit that somebody gave a reason for has one note, and each note such a reason."""
    asked = {row.correction_id for row in facts.corrections.get(invoice.invoice_id, ()) if row.kind == "credit"}
    given = {note.correction_id: note.credit_no for note in notes}
    found: list[Difference] = []
    for correction_id in sorted(asked ^ given.keys()):
        subject = f"invoice {invoice.invoice_id}, credit {correction_id}"
        sides = [given.get(correction_id, NOTHING), "a credit note"]
        if correction_id in given:
            sides = ["a correction that asked for it", given[correction_id]]
            found.append(Difference(one.payer_id, Rule.CREDIT, subject, *sides))
        else:
            found.append(Difference(one.payer_id, Rule.CREDIT, subject, "a credit note", NOTHING))
    return found
