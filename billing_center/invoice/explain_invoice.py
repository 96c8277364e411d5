"""From an invoice line back to its charges, and from each charge to the raw facts.

The charges of a line are those of its payer, period, order, product and currency: the same that its running
sum added up. Design: billing rules, "What an invoice must be able to say".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from billing_center.center import UnitOfWork
from billing_center.clock import start_of_day
from billing_center.correction.credit_notes import notes_of
from billing_center.errors import OutOfRange
from billing_center.invoice.explain_corrections import (
    Fact,
    FactCorrected,
    LineCorrected,
    LineCredited,
    corrections_of,
    corrections_of_line,
    credits_of_line,
    fact_of,
)
from billing_center.invoice.explain_reckoning import Grown, Reckoning, Terms, reckon
from billing_center.invoice.explain_store import ChargeGroup, ChargeRow, charges_of, groups_of, of_line
from billing_center.invoice.invoice import Invoice, InvoiceLine
from billing_center.invoice.show_invoice import find_invoice
from billing_center.order.store import (
    AccountChangeRow,
    StateChangeRow,
    account_changes,
    orders_by_id,
    state_changes,
)
from billing_center.payer.store import schedules
from billing_center.period import ONE_DAY
from billing_center.rating.facts import OF_USE
from billing_center.usage.usage_event import UsageEvent, usage_events


@dataclass(frozen=True, slots=True)
class ChargeExplained:
    """A charge with the facts that it came from: the use, or what made the order's day.

    Of states and account numbers: the one in force when the day began, and each change on the day.
    """

    charge: ChargeRow
    use: UsageEvent | None
    states: tuple[StateChangeRow, ...]
    accounts: tuple[AccountChangeRow, ...]
    reckoning: Reckoning | None = None  # None where no price was asked, or F is not known any more
    corrections: tuple[FactCorrected, ...] = ()  # of the same fact, oldest first, wherever they are billed


@dataclass(frozen=True, slots=True)
class GroupExplained:
    """All charges of a line that one meter and one note share, and what F says of their growth together."""

    group: ChargeGroup
    reckoning: Reckoning | None


@dataclass(frozen=True, slots=True)
class LineExplained:
    """A line, what its charges come to by meter, and the charges, oldest first.

    The groups are of all charges; `more` when there are more charges than were asked for.
    """

    line: InvoiceLine
    groups: tuple[GroupExplained, ...]
    charges: tuple[ChargeExplained, ...]
    more: bool
    corrections: tuple[LineCorrected, ...] = ()  # what they added, of all charges, oldest first
    credits: tuple[LineCredited, ...] = ()  # in the order of the credit notes

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
    days = [c for c in charges if c.cause not in OF_USE]
    of_use = [c for c in charges if c.cause in OF_USE]
    uses = usage_events(work.connection, [c.cause_id for c in of_use], days={c.day for c in of_use})
    states = state_changes(work.connection, {c.cause_id for c in days})
    accounts = account_changes(work.connection, {(c.payer_id, c.product_id) for c in days})
    groups = groups_of(work.connection, invoice, line)
    terms = _terms(work, invoice, line)
    corrected = corrections_of(work.connection, charges)

    def explained(c: ChargeRow) -> ChargeExplained:
        if c.cause in OF_USE:
            return ChargeExplained(c, uses.get(c.cause_id), (), (), reckon(_grown(c), terms), _chain(corrected, c))
        day = (start_of_day(c.day, work.zone), start_of_day(c.day + ONE_DAY, work.zone))
        of_order = in_force(states.get(c.cause_id, ()), *day)
        of_accounts = in_force(accounts.get((c.payer_id, c.product_id), ()), *day)
        reckoning = reckon(_grown(c), terms)
        return ChargeExplained(c, None, of_order, of_accounts, reckoning, _chain(corrected, c))

    return LineExplained(
        line,
        tuple(GroupExplained(group, reckon(_of_group(group, line), terms)) for group in groups),
        tuple(explained(c) for c in charges),
        more=len(found) > limit,
        corrections=corrections_of_line(work.connection, of_line(invoice, line)),
        credits=credits_of_line(notes_of(work.connection, invoice.invoice_id), line.line_no, line.amount),
    )


def _chain(
    corrected: Mapping[tuple[Fact, str], tuple[FactCorrected, ...]], c: ChargeRow
) -> tuple[FactCorrected, ...]:
    return corrected.get((fact_of(c.cause, c.cause_id, c.day), c.currency), ())


def _terms(work: UnitOfWork, invoice: Invoice, line: InvoiceLine) -> Terms:
    orders = orders_by_id(work.connection, [line.order_id])
    starts = {order_id: order.start_day for order_id, order in orders.items()}
    return Terms(work.catalog, schedules(work.connection, [invoice.payer_id])[invoice.payer_id], starts)


def _grown(c: ChargeRow) -> Grown:
    return Grown(
        c.product_id, c.order_id, c.version_id, c.promotion_id, c.meter_scope, c.meter_component, c.currency,
        c.reading_before, c.reading_after, c.amount,
    )  # fmt: skip


def _of_group(group: ChargeGroup, line: InvoiceLine) -> Grown:
    """The group's growth from its lowest reading: charges of one meter follow each other."""
    return Grown(
        line.product_id, line.order_id, group.version_id, group.promotion_id, group.meter_scope,
        group.meter_component, line.currency, group.lowest, group.lowest + group.growth, group.amount,
    )  # fmt: skip


Change = TypeVar("Change", StateChangeRow, AccountChangeRow)


def in_force(changes: Sequence[Change], begin: datetime, end: datetime) -> tuple[Change, ...]:
    """Of changes in order: the last one up to `begin`, and each one before `end`."""
    kept = [change for change in changes if change.at <= begin][-1:]
    kept += [change for change in changes if begin < change.at < end]
    return tuple(kept)
