"""An invoice's deduction beside what the invoice should ask for: every amount of the message.

A credit note that is issued while nobody has been told of the deduction lowers it; one that is out asks for what
it asked for. Design: billing rules, "Invoice, deduction, service control".
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic_core import from_json

from billing_center.reconcile.difference import NOTHING, Difference, Rule, compare_fields
from billing_center.reconcile.expected import ZERO
from billing_center.reconcile.expected_invoice import ExpectedInvoice
from billing_center.reconcile.raw_facts import Facts, PayerFacts

FIELDS = {"rmbAmount": "CNY", "twbAmount": "TWD", "usdollarAmount": "USD", "gbAmount": "HKD"}
Amounts = dict[str, Any]


def compare_deduction(facts: Facts, one: PayerFacts, invoice: ExpectedInvoice) -> list[Difference]:
    """An invoice that is due has exactly one deduction, over its sum; any other has none."""
    row = invoice.row
    messages = [m for m in facts.messages.get(row.invoice_id, ()) if m.kind == "DEDUCTION"]
    subject = f"invoice {row.invoice_id}, {row.state}"
    is_due = invoice.worth > 0
    if len(messages) != is_due:
        expected = f"message deduct:{row.invoice_id}" if is_due else NOTHING
        text = ", ".join(m.message_id for m in messages) or NOTHING
        return [Difference(one.payer_id, Rule.DEDUCTION, subject, expected, text)]
    found: list[Difference] = []
    for message in messages:
        stands = {"message_id": message.message_id} | _told_by(message)
        if invoice.lost:
            known = {f"item {number}" for number in invoice.lines}
            stands = {n: told for n, told in stands.items() if not n.startswith("item ") or n in known}
        named = {"message_id": f"deduct:{row.invoice_id}"}
        wanted = [named | amounts for amounts in _asked(facts, invoice, message)]
        # A claim leaves no trace of its moment, so a note beside it may have come before or after it.
        if stands not in wanted:
            shown = stands | dict.fromkeys(wanted[-1].keys() - stands.keys(), NOTHING)
            extra = dict.fromkeys(stands.keys() - wanted[-1].keys(), NOTHING)
            found += compare_fields(one.payer_id, Rule.DEDUCTION, subject, wanted[-1] | extra, shown)
    return found


def _asked(facts: Facts, invoice: ExpectedInvoice, message: Any) -> list[Amounts]:
    """What the message may ask for: the whole less the notes that came before it went out; the surest last."""
    row = invoice.row
    first_try: datetime | None = facts.first_tries.get(message.message_id)
    ends = [at for at in (first_try, row.settled_at) if at is not None]
    credited: dict[int, Decimal] = defaultdict(Decimal)
    possible = [_rest(invoice, credited)]
    for note in facts.notes.get(row.invoice_id, ()):
        for line in facts.note_lines.get(note.credit_no, ()):
            credited[line.line_no] += line.amount
        rest = _rest(invoice, credited)
        if note.effect or any(at < note.at for at in ends) or rest["totalAmount"] <= ZERO:
            continue
        unsure = row.flagged or any(at == note.at for at in ends)
        possible = [*possible, rest] if unsure else [rest]
    return possible


def _rest(invoice: ExpectedInvoice, credited: Mapping[int, Decimal]) -> Amounts:
    """Every amount of the message when this much of each line is credited."""
    by_currency = invoice.by_currency(credited) if credited else {}
    amounts: Amounts = {"totalAmount": invoice.worth - invoice.in_base(by_currency)}
    for field, currency in FIELDS.items():
        whole = invoice.totals[currency]["amount"] if currency in invoice.totals else ZERO
        amounts[field] = whole - by_currency.get(currency, ZERO)
    for number, line in sorted(invoice.lines.items()):
        amounts[f"item {number}"] = (line.currency, line.amount - credited.get(number, ZERO), line.list_amount)
    return amounts


def _told_by(message: Any) -> Amounts:
    """Every amount that the message names."""
    payload = from_json(message.payload)
    amounts: Amounts = {name: _number(payload.get(name)) for name in ("totalAmount", *FIELDS)}
    for item in payload.get("item", ()):
        number = str(item.get("guid")).rpartition("-")[2]
        money = (item.get("currency"), _number(item.get("amount")), _number(item.get("markAmount")))
        amounts[f"item {number}"] = money
    return amounts


def _number(text: Any) -> Decimal | str:
    try:
        return Decimal(str(text))
    except ArithmeticError:
        return str(text)
