"""Credit notes in the tables: documents of their own beside the invoice that they credit, never changed.

Design: billing rules, "A correction never edits: it adds a charge of the difference or a credit note".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from billing_center.bulk import insert_rows
from billing_center.center import UnitOfWork
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.store import lock_series, set_numbers
from schema.tables.corrections import credit_note, credit_note_line

SETTLED = "SETTLED"
"""The effect of a note that covered what was left of an unpaid invoice."""


@dataclass(frozen=True, slots=True)
class CreditLine:
    """What is credited of one line of the invoice: money of the line's currency, with the line's own sign."""

    line_no: int
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note with its lines; `base_amount` is at the rates kept with the invoice."""

    credit_no: str
    correction_id: str
    base_currency: str
    base_amount: Decimal
    at: datetime
    actor: str
    why: str
    effect: str  # SETTLED when it settled the invoice, else ''
    lines: tuple[CreditLine, ...]


def notes_of(connection: Connection, invoice_id: str) -> tuple[CreditNote, ...]:
    """The credit notes of an invoice, in order of their numbers."""
    lines: dict[str, list[CreditLine]] = {}
    of_line = credit_note_line.c
    chosen = select(of_line.credit_no, of_line.line_no, of_line.currency, of_line.amount)
    for row in connection.execute(chosen.where(of_line.invoice_id == invoice_id).order_by(of_line.line_no)):
        lines.setdefault(row.credit_no, []).append(CreditLine(row.line_no, row.currency, row.amount))
    of_note = credit_note.c
    names = ("credit_no", "correction_id", "base_currency", "base_amount", "at", "actor", "why", "effect")
    statement = select(*(of_note[name] for name in names)).where(of_note.invoice_id == invoice_id)
    return tuple(
        CreditNote(**row, lines=tuple(lines.get(row["credit_no"], ())))
        for row in connection.execute(statement.order_by(of_note.at, of_note.credit_no)).mappings()
    )


def credited_by_line(notes: Sequence[CreditNote]) -> dict[int, Decimal]:
    """What the notes credit of each line."""
    found: dict[int, Decimal] = {}
    for note in notes:
        for line in note.lines:
            found[line.line_no] = found.get(line.line_no, Decimal(0)) + line.amount
    return found


def keep_note(
    work: UnitOfWork, invoice: Invoice, lines: Sequence[CreditLine], *, correction_id: str, why: str,
    base_amount: Decimal, effect: str,
) -> str:  # fmt: skip
    """Number and keep a note; its number, `C2026-000000001`, without gaps per year of issue.

    The series is locked until the transaction ends, so a note that is rolled back gives its number back.
    """
    series = f"credit-{work.today.year}"
    last = lock_series(work.connection, [series])[series] + 1
    set_numbers(work.connection, {}, {series: last})
    credit_no = f"C{work.today.year}-{last:09d}"
    row = {
        "credit_no": credit_no, "correction_id": correction_id, "invoice_id": invoice.invoice_id,
        "payer_id": invoice.payer_id, "shard": invoice.shard, "base_currency": invoice.base_currency,
        "base_amount": base_amount, "at": work.at, "actor": work.actor[:64], "why": why, "effect": effect,
    }  # fmt: skip
    insert_rows(work.connection, credit_note, [row])
    rows = [
        {"credit_no": credit_no, "invoice_id": invoice.invoice_id, "line_no": line.line_no,
         "currency": line.currency, "amount": line.amount}
        for line in lines
    ]  # fmt: skip
    insert_rows(work.connection, credit_note_line, rows)
    return credit_no
