"""From an invoice line back to its charges, and from each charge to the raw facts.

The charges of a line are those of its payer, period, order, product and currency: the same that its running
sum added up. Design: billing rules, "What an invoice must be able to say".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from billing_center.center import UnitOfWork
from billing_center.clock import start_of_day
from billing_center.errors import OutOfRange
from billing_center.invoice.explain_store import ChargeRow, UseRow, charges_of, uses_of
from billing_center.invoice.invoice import Invoice, InvoiceLine
from billing_center.invoice.show_invoice import find_invoice
from billing_center.order.store import AccountChangeRow, StateChangeRow, account_changes, state_changes
from billing_center.period import ONE_DAY
from billing_center.rating.facts import Cause


@dataclass(frozen=True, slots=True)
class ChargeExplained:
    """A charge with the facts that it came from: the use, or what made the order's day.

    Of states and account numbers: the one in force when the day began, and each change on the day.
    """

    charge: ChargeRow
    use: UseRow | None
    states: tuple[StateChangeRow, ...]
    accounts: tuple[AccountChangeRow, ...]


@dataclass(frozen=True, slots=True)
class LineExplained:
    """A line and its charges, oldest first; `more` when there are more than were asked for."""

    line: InvoiceLine
    charges: tuple[ChargeExplained, ...]
    more: bool

    @property
    def explained_amount(self) -> Decimal:
        """What the charges shown add up to; the line's rated amount when all of them are shown."""
        return sum((one.charge.amount for one in self.charges), Decimal(0))


@dataclass(frozen=True, slots=True)
class InvoiceExplained:
    """An invoice and each of its lines explained."""

    invoice: Invoice
    lines: tuple[LineExplained, ...]


def explain_invoice(work: UnitOfWork, id_or_number: str, *, limit: int = 1000) -> InvoiceExplained:
    """Every line of the invoice with at most `limit` charges each. Raises: Unknown (UNKNOWN_INVOICE)."""
    invoice = find_invoice(work.connection, id_or_number)
    lines = tuple(_explained(work, invoice, line, limit=limit, skip=0) for line in invoice.lines)
    return InvoiceExplained(invoice, lines)


def explain_line(
    work: UnitOfWork, id_or_number: str, line_no: int, *, limit: int = 1000, skip: int = 0
) -> LineExplained:
    """One line with at most `limit` charges, after passing over the first `skip`.

    Raises: Unknown (UNKNOWN_INVOICE); OutOfRange when the invoice has no such line.
    """
    invoice = find_invoice(work.connection, id_or_number)
    for line in invoice.lines:
        if line.line_no == line_no:
            return _explained(work, invoice, line, limit=limit, skip=skip)
    raise OutOfRange(f"invoice {invoice.invoice_id} has no line {line_no}", field="line_no")


def _explained(work: UnitOfWork, invoice: Invoice, line: InvoiceLine, *, limit: int, skip: int) -> LineExplained:
    found = charges_of(work.connection, invoice, line, limit=limit + 1, skip=skip)
    charges = found[:limit]
    days = [c for c in charges if c.cause == Cause.DAY]
    uses = uses_of(work.connection, [c.cause_id for c in charges if c.cause == Cause.USE])
    states = state_changes(work.connection, {c.cause_id for c in days})
    accounts = account_changes(work.connection, {(c.payer_id, c.product_id) for c in days})

    def explained(c: ChargeRow) -> ChargeExplained:
        if c.cause == Cause.USE:
            return ChargeExplained(c, uses.get(c.cause_id), (), ())
        day = (start_of_day(c.day, work.zone), start_of_day(c.day + ONE_DAY, work.zone))
        of_order = in_force(states.get(c.cause_id, ()), *day)
        return ChargeExplained(c, None, of_order, in_force(accounts.get((c.payer_id, c.product_id), ()), *day))

    return LineExplained(line, tuple(explained(c) for c in charges), more=len(found) > limit)


Change = TypeVar("Change", StateChangeRow, AccountChangeRow)


def in_force(changes: Sequence[Change], begin: datetime, end: datetime) -> tuple[Change, ...]:
    """Of changes in order: the last one up to `begin`, and each one before `end`."""
    kept = [change for change in changes if change.at <= begin][-1:]
    kept += [change for change in changes if begin < change.at < end]
    return tuple(kept)
