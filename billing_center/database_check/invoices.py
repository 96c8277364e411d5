"""Invoices: their totals are the sums of their lines, their lines those of the running sums, none is unsent."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select

from billing_center.database_check.agreement import differences
from billing_center.database_check.check import Found, Scope, rows_of
from billing_center.database_check.slices import KeyRange
from billing_center.invoice.state import InvoiceState
from billing_center.outbox.message import MessageKind
from schema.tables.charges import running_sum
from schema.tables.invoices import invoice, invoice_line, invoice_total
from schema.tables.outbox import outbox_message

_LINE = ("invoice_id", "order_id", "product_id", "currency")


def find_invoices(connection: Connection, scope: Scope, slice_: KeyRange) -> Iterator[Found]:
    """One slice of the invoices, from their sums to what was sent of them."""
    yield from _lines(connection, scope, slice_)
    yield from _totals(connection, scope, slice_)
    yield from _base(connection, scope, slice_)
    yield from _unsent(connection, scope, slice_)


def _chosen(column: ColumnElement[Any], scope: Scope, slice_: KeyRange) -> ColumnElement[bool]:
    chosen = slice_.of(column)
    if scope.since is not None:
        chosen &= column.in_(select(invoice.c.invoice_id).where(invoice.c.billed_on >= scope.since))
    return chosen


def _lines(connection: Connection, scope: Scope, slice_: KeyRange) -> Iterator[Found]:
    """A line holds the exact sum of its charges: that of the running sum which it was made of."""
    summed, line = running_sum.c, invoice_line.c
    left = select(
        *(summed[n] for n in _LINE), summed.quantity, summed.amount.label("rated_amount"), summed.charges
    )
    right = select(*(line[n] for n in _LINE), line.quantity, line.rated_amount, line.charges)
    left = left.where(summed.invoice_id.is_not(None), _chosen(summed.invoice_id, scope, slice_))
    right = right.where(_chosen(line.invoice_id, scope, slice_))
    for one in differences(connection, scope, left, right, keys=_LINE):
        invoice_id, order_id, product_id, currency = one.key
        subject = f"invoice {invoice_id}, order {order_id}, {product_id}, {currency}"
        yield subject, f"its running sum comes to {one.left}; the line says {one.right}"


def _totals(connection: Connection, scope: Scope, slice_: KeyRange) -> Iterator[Found]:
    line, total = invoice_line.c, invoice_total.c
    names = ("invoice_id", "currency", "amount", "list_amount")
    left = select(*(line[n] for n in names)).where(_chosen(line.invoice_id, scope, slice_))
    right = select(*(total[n] for n in names)).where(_chosen(total.invoice_id, scope, slice_))
    for one in differences(connection, scope, left, right, keys=("invoice_id", "currency")):
        subject = f"invoice {one.key[0]}, {one.key[1]}"
        yield subject, f"its lines come to {one.left}; the total says {one.right}"


def _base(connection: Connection, scope: Scope, slice_: KeyRange) -> Iterator[Found]:
    total, kept = invoice_total.c, invoice.c
    left = select(total.invoice_id, total.base_amount).where(_chosen(total.invoice_id, scope, slice_))
    right = select(kept.invoice_id, kept.base_amount).where(_chosen(kept.invoice_id, scope, slice_))
    for one in differences(connection, scope, left, right, keys=("invoice_id",)):
        yield f"invoice {one.key[0]}", f"its totals come to {one.left}; the invoice says {one.right}"


def _unsent(connection: Connection, scope: Scope, slice_: KeyRange) -> Iterator[Found]:
    """What is due has its deduction among the messages, sent or not."""
    kept, message = invoice.c, outbox_message.c
    sent = exists().where(message.subject_id == kept.invoice_id, message.kind == MessageKind.DEDUCTION.value)
    statement = select(kept.invoice_id).where(
        _chosen(kept.invoice_id, scope, slice_),
        kept.state == InvoiceState.ISSUED.value,
        kept.base_amount > Decimal(0),
        ~sent,
    )
    for row in rows_of(connection, scope, statement.order_by(kept.invoice_id)):
        yield f"invoice {row.invoice_id}", "it is due and no deduction is among the messages"
