"""Crediting an issued invoice: the whole of it, lines, or amounts of lines; never above what is left of a line.

What covers an unpaid invoice settles it, as a payment would: the deduction is not sent any more, and services
that arrears had stopped come back. A deduction that nobody has been told of yet is put in order: it asks for
what is left. One that is out already is another system's business; the invoice is flagged for a person.
Design: billing rules, "Invoice, deduction, service control"; field problem 20 (lock, read again, then decide).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from typing import Any

from sqlalchemy import Row, update

from billing_center.center import UnitOfWork
from billing_center.correction.credit_notes import SETTLED, CreditLine, credited_by_line, keep_note, notes_of
from billing_center.correction.once import once
from billing_center.correction.report import Correction, Difference
from billing_center.errors import Broken, ForbiddenTransition, OutOfRange
from billing_center.invoice.change_state import flag, mark_paid
from billing_center.invoice.deduction import deduction_id, deduction_of, money_text
from billing_center.invoice.invoice import Invoice, InvoiceLine
from billing_center.invoice.show_invoice import find_invoice
from billing_center.invoice.state import InvoiceState
from billing_center.invoice.store import read_invoices
from billing_center.money import minor_unit, plain, to_minor_unit
from billing_center.outbox.message import MessageState
from billing_center.outbox.store import lock_messages, settle
from billing_center.payer.store import locked_payers
from billing_center.service_control.restore import restore_services
from billing_center.settlement.store import locked_invoice
from schema.tables.outbox import outbox_message

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class CreditInvoice:
    """Credit an invoice, by id or number. `lines`: line number to amount, None for all that is left of the line.

    No lines: all that is left of every line.
    """

    invoice: str
    why: str
    lines: Mapping[int, Decimal | None] = field(default_factory=dict)
    correction_id: str = ""


def credit_invoice(work: UnitOfWork, command: CreditInvoice) -> Correction:
    """Issue a credit note. The same again answers the same; who means it twice gives an id.

    Raises: Unknown (UNKNOWN_INVOICE); ForbiddenTransition before the invoice has its number; OutOfRange for a
    line that is not there, an amount that is no money of its currency or above what is left; MissingField.
    """
    invoice_id = find_invoice(work.connection, command.invoice).invoice_id
    asked = [invoice_id, *(f"{no}={_word(amount)}" for no, amount in sorted(command.lines.items()))]

    def act(correction_id: str, why: str) -> Correction:
        return _credit(work, command, invoice_id, correction_id, why)

    return once(work, kind="credit", asked=asked, chosen_id=command.correction_id, why=command.why, act=act)


def _credit(work: UnitOfWork, command: CreditInvoice, invoice_id: str, correction_id: str, why: str) -> Correction:
    payer_id = read_invoices(work.connection, [invoice_id])[0].payer_id
    locked_payers(work.connection, [payer_id])
    message = lock_messages(work.connection, [deduction_id(invoice_id)]).get(deduction_id(invoice_id))
    locked_invoice(work.connection, invoice_id)
    invoice = read_invoices(work.connection, [invoice_id])[0]
    if not invoice.invoice_no:
        raise ForbiddenTransition(
            f"invoice {invoice_id} has no number yet", field="invoice", invoice_id=invoice_id
        )
    before = credited_by_line(notes_of(work.connection, invoice_id))
    lines = _lines(invoice, before, command.lines)
    after = dict(before)
    for line in lines:
        after[line.line_no] = after.get(line.line_no, ZERO) + line.amount
    base_amount = _in_base(invoice, after) - _in_base(invoice, before)
    covered = all(line.amount == after.get(line.line_no, ZERO) for line in invoice.lines)
    settles = covered and invoice.state is not InvoiceState.PAID
    number = keep_note(
        work, invoice, lines, correction_id=correction_id, why=why, base_amount=base_amount,
        effect=SETTLED if settles else "",
    )  # fmt: skip
    notes = [f"credit note {number}: {money_text(base_amount, invoice.base_currency)} {invoice.base_currency}"]
    notes += _settle(work, invoice) if settles else _left(work, invoice, after, message)
    differences = tuple(_difference(invoice, line) for line in lines)
    return Correction(correction_id, "credit", invoice_id, why, differences, tuple(notes))


def _lines(
    invoice: Invoice, before: Mapping[int, Decimal], asked: Mapping[int, Decimal | None]
) -> list[CreditLine]:
    by_no = {line.line_no: line for line in invoice.lines}
    lines = []
    for line_no in sorted(asked or by_no):
        line = by_no.get(line_no)
        if line is None:
            raise OutOfRange(f"invoice {invoice.invoice_no} has no line {line_no}", field="line")
        left = line.amount - before.get(line_no, ZERO)
        amount = asked.get(line_no)
        if amount is None:
            amount = left
        else:
            _check(line, amount, left)
        if amount:
            lines.append(CreditLine(line_no, line.currency, amount))
    if not lines:
        raise OutOfRange(f"nothing is left to credit of invoice {invoice.invoice_no}", field="invoice")
    return lines


def _check(line: InvoiceLine, amount: Decimal, left: Decimal) -> None:
    if amount % minor_unit(line.currency):
        raise OutOfRange(f"{plain(amount)} is no amount of {line.currency}", field="line")
    within = 0 < amount <= left if left > 0 else left <= amount < 0
    if not within:
        told = f"{money_text(left, line.currency)} {line.currency}"
        raise OutOfRange(f"of line {line.line_no} {told} is left, {plain(amount)} is not within it", field="line")


def _in_base(invoice: Invoice, credited: Mapping[int, Decimal]) -> Decimal:
    """What is credited so far in the base currency: rounded as a whole, so that notes add up to the invoice."""
    by_currency: dict[str, Decimal] = {}
    for line in invoice.lines:
        by_currency[line.currency] = by_currency.get(line.currency, ZERO) + credited.get(line.line_no, ZERO)
    rates = {total.currency: total.rate for total in invoice.totals}
    with localcontext(prec=60):
        return sum(
            (to_minor_unit(amount * rates[c], invoice.base_currency) for c, amount in by_currency.items()), ZERO
        )


def _settle(work: UnitOfWork, invoice: Invoice) -> list[str]:
    """Nothing is left to pay: the invoice is settled, as by a payment."""
    if not mark_paid(work.connection, invoice.invoice_id, work.at):
        raise Broken("a locked invoice changed its state", invoice_id=invoice.invoice_id)
    settle(work.connection, [deduction_id(invoice.invoice_id)], (MessageState.HELD,))
    restored = restore_services(work, [invoice.payer_id])
    notes = [f"it covers what was unpaid: the invoice is settled, {restored} orders are restored"]
    if invoice.state in (InvoiceState.SENDING, InvoiceState.SENT):
        flag(work.connection, invoice.invoice_id)
        notes.append("the deduction is out: flagged, the account system may still take the money")
    return notes


def _left(
    work: UnitOfWork, invoice: Invoice, credited: Mapping[int, Decimal], message: Row[Any] | None
) -> list[str]:
    """What is left is still to be paid; what was paid is to be paid back."""
    if invoice.state is InvoiceState.PAID:
        return ["the invoice was paid: the credit is to be paid back outside the center"]
    rest = _rest(invoice, credited)
    told = f"{money_text(rest.base_amount, rest.base_currency)} {rest.base_currency} is left to pay"
    if message is None or rest.base_amount <= 0:
        return [told]
    unseen = message.state == MessageState.WAITING and message.tries == 0 and not message.lease_owner
    if unseen:
        payload = json.dumps(dict(deduction_of(rest).payload), ensure_ascii=False, sort_keys=True)
        of_message = outbox_message.c.message_id == message.message_id
        work.connection.execute(update(outbox_message).where(of_message).values(payload=payload))
        return [told, "the deduction was not sent yet and asks for what is left"]
    flag(work.connection, invoice.invoice_id)
    return [told, "the deduction is out and asks for the whole: flagged for a person"]


def _rest(invoice: Invoice, credited: Mapping[int, Decimal]) -> Invoice:
    """The invoice with what is left of its lines and totals."""
    lines = tuple(replace(line, amount=line.amount - credited.get(line.line_no, ZERO)) for line in invoice.lines)
    totals = []
    for total in invoice.totals:
        amount = sum((line.amount for line in lines if line.currency == total.currency), ZERO)
        with localcontext(prec=60):
            base = to_minor_unit(amount * total.rate, invoice.base_currency)
        totals.append(replace(total, amount=amount, base_amount=base))
    base_amount = invoice.base_amount - _in_base(invoice, credited)
    return replace(invoice, lines=lines, totals=tuple(totals), base_amount=base_amount)


def _difference(invoice: Invoice, line: CreditLine) -> Difference:
    of: Sequence[InvoiceLine] = [one for one in invoice.lines if one.line_no == line.line_no]
    return Difference(
        invoice.payer_id, of[0].order_id, of[0].product_id, line.currency, invoice.period_start,
        quantity=ZERO, amount=-line.amount, list_amount=ZERO, charges=0,
    )  # fmt: skip


def _word(amount: Decimal | None) -> str:
    return "rest" if amount is None else plain(amount)
