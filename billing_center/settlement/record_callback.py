"""The account system says how a deduction ended. Every notice is kept, also one that changes nothing.

Where it stands in the walk: after the deduction was sent; it settles the invoice, and restores or suspends
services in the same transaction. Callbacks and service control serialise on the payer's row.
Design: contract, payCallback; billing rules, "Out-of-period service control"; field problems 4 and 19.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import structlog

from billing_center.center import UnitOfWork
from billing_center.errors import Broken, MissingField, ResultCode, Unknown
from billing_center.invoice.change_state import flag, mark_failed, mark_paid
from billing_center.invoice.deduction import deduction_id
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.state import InvoiceState
from billing_center.outbox.message import MessageState
from billing_center.outbox.store import settle
from billing_center.payer.store import locked_payers
from billing_center.service_control.restore import restore_services
from billing_center.service_control.suspend import suspend_for_failure
from billing_center.settlement.store import find_payer, keep_notice, locked_invoice

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RecordCallback:
    """How the deduction of an invoice ended, in the account system's word."""

    invoice_id: str
    word: str


class Outcome(StrEnum):
    """What the account system's words are mapped to by the setting `payment_states`."""

    PAID = "PAID"
    FAILED = "FAILED"


class Effect(StrEnum):
    """What a notice did."""

    CHANGED = "CHANGED"  # the invoice's state
    REPEATED = "REPEATED"  # nothing: it said what was known
    FLAGGED = "FLAGGED"  # nothing but a flag for a person: FAILED after PAID


def record_callback(work: UnitOfWork, command: RecordCallback) -> None:
    """Keep the outcome and act on it; the same notice again changes nothing.

    PAID when it settles the payer's last arrears: the orders that arrears had stopped are restored. FAILED:
    orders of products that say so are suspended. FAILED after PAID: kept, flagged, changes nothing.

    Raises: MissingField; Unknown (UNKNOWN_INVOICE on invoiceId, UNKNOWN_STATE on state).
    """
    if not command.invoice_id.strip():
        raise MissingField("invoiceId is required", field="invoiceId")
    if not command.word.strip():
        raise MissingField("state is required", field="state")
    invoice = _locked(work, command.invoice_id)
    outcome = _outcome(work, command.word)
    effect = _settle(work, invoice, outcome)
    keep_notice(work, invoice, word=command.word, outcome=outcome.value, effect=effect.value)
    if effect is Effect.CHANGED:
        # A deduction that was held is not a person's business any more; one that waits is settled when claimed.
        settle(work.connection, [deduction_id(invoice.invoice_id)], (MessageState.HELD,))
        _control(work, invoice, outcome)
    note = partial(
        log.info, "settlement_noted", invoice_id=invoice.invoice_id, outcome=outcome.value, effect=effect.value
    )
    work.after_commit.append(note)


def _locked(work: UnitOfWork, invoice_id: str) -> Invoice:
    """The invoice; its payer's row and its own are locked, in this order, and it is read under the lock."""
    payer_id = find_payer(work.connection, invoice_id)
    if payer_id is None:
        message = f"invoiceId {invoice_id!r} is no invoice"
        raise Unknown(message, code=ResultCode.UNKNOWN_INVOICE, field="invoiceId", invoice_id=invoice_id)
    locked_payers(work.connection, [payer_id])
    return locked_invoice(work.connection, invoice_id)


def _outcome(work: UnitOfWork, word: str) -> Outcome:
    meant = work.settings.payment_states.get(word.strip())
    if meant not in set(Outcome):
        message = f"state {word.strip()!r} is not a state of payments"
        raise Unknown(message, code=ResultCode.UNKNOWN_STATE, field="state")
    return Outcome(meant)


def _settle(work: UnitOfWork, invoice: Invoice, outcome: Outcome) -> Effect:
    if invoice.state == outcome.value:
        return Effect.REPEATED
    if invoice.state is InvoiceState.PAID:
        flag(work.connection, invoice.invoice_id)
        return Effect.FLAGGED
    move = mark_paid if outcome is Outcome.PAID else mark_failed
    if not move(work.connection, invoice.invoice_id, work.at):
        raise Broken("a locked invoice changed its state", invoice_id=invoice.invoice_id)
    return Effect.CHANGED


def _control(work: UnitOfWork, invoice: Invoice, outcome: Outcome) -> None:
    """Out-of-period service control."""
    if outcome is Outcome.PAID:
        restore_services(work, [invoice.payer_id])
    else:
        suspend_for_failure(work, invoice.payer_id)
