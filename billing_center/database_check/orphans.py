"""Rows that point at a row which is not there, and running sums whose period is billed without them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, select, true

from billing_center.database_check.check import Found, Scope, rows_of
from billing_center.history import whole
from billing_center.ids import NONE
from billing_center.outbox.message import MessageKind
from schema.tables.alerts import spend_alert
from schema.tables.allowances import allowance_grant
from schema.tables.catalog import price_version, product, redemption
from schema.tables.charges import meter, running_sum
from schema.tables.corrections import (
    correction,
    correction_payer,
    credit_note,
    credit_note_line,
    price_replacement,
    usage_correction,
    usage_withdrawal,
)
from schema.tables.invoices import invoice, invoice_line, invoice_total, settlement_notice
from schema.tables.jobs import job_run, job_task
from schema.tables.orders import order_state_change, payer, payer_billing_day, service_order
from schema.tables.outbox import outbox_message, outbox_try
from schema.tables.usage import usage_queue


@dataclass(frozen=True, slots=True)
class Pointer:
    """Rows of `child` (all, or those `where`) need a row of `parent` with the same columns."""

    child: FromClause
    parent: FromClause
    same: Mapping[str, str]  # the child's column: the parent's
    where: ColumnElement[bool] = field(default_factory=true)
    key: tuple[str, ...] = ()  # what names the child; the columns of `same` are told anyway


def _of_payer(child: FromClause, *key: str) -> Pointer:
    return Pointer(child, payer, {"payer_id": "payer_id"}, key=key)


def _of_order(child: FromClause, *key: str) -> Pointer:
    return Pointer(child, service_order, {"order_id": "order_id"}, child.c.order_id != NONE, key)


def _of_invoice(child: FromClause, *key: str) -> Pointer:
    return Pointer(child, invoice, {"invoice_id": "invoice_id"}, key=key)


def _of_message(kind: MessageKind, parent: FromClause, column: str) -> Pointer:
    return Pointer(
        outbox_message, parent, {"subject_id": column}, outbox_message.c.kind == kind.value, ("message_id",)
    )


_USE = {"event_id": "event_id"}
_CORRECTION = {"correction_id": "correction_id"}
POINTERS: tuple[Pointer, ...] = (
    _of_payer(whole.charge, "day", "cause", "cause_id", "component"),
    _of_order(whole.charge, "day", "payer_id", "cause", "cause_id", "component"),
    _of_payer(running_sum, "period_start", "order_id", "product_id", "currency"),
    _of_order(running_sum, "payer_id", "period_start", "product_id", "currency"),
    Pointer(
        running_sum, invoice, {n: n for n in ("invoice_id", "payer_id", "period_start")},
        running_sum.c.invoice_id.is_not(None), ("order_id", "product_id", "currency"),
    ),
    _of_payer(meter, "product_id", "order_id", "scope", "version_id", "component"),
    _of_payer(service_order, "order_id"),
    Pointer(service_order, product, {"product_id": "product_id"}, key=("order_id",)),
    _of_order(order_state_change, "seq"),
    _of_payer(payer_billing_day, "effective_from"),
    _of_payer(allowance_grant, "grant_id"),
    _of_order(redemption, "promotion_id", "slot"),
    _of_payer(spend_alert, "alert_id"),
    _of_payer(invoice, "invoice_id"),
    Pointer(invoice, invoice_line, {"invoice_id": "invoice_id"}),
    Pointer(invoice, invoice_total, {"invoice_id": "invoice_id"}),
    _of_invoice(invoice_line, "line_no"),
    _of_invoice(invoice_total, "currency"),
    _of_invoice(settlement_notice, "notice_id"),
    _of_invoice(credit_note, "credit_no"),
    Pointer(credit_note, correction, _CORRECTION, key=("credit_no",)),
    Pointer(credit_note_line, credit_note, {"credit_no": "credit_no"}, key=("line_no",)),
    _of_message(MessageKind.DEDUCTION, invoice, "invoice_id"),
    _of_message(MessageKind.CONTROL, service_order, "order_id"),
    Pointer(outbox_try, outbox_message, {"message_id": "message_id"}, key=("try_no",)),
    Pointer(usage_queue, whole.usage_event, {n: n for n in ("event_id", "day", "shard")}),
    Pointer(usage_withdrawal, whole.usage_event, _USE),
    Pointer(usage_withdrawal, correction, _CORRECTION, key=("event_id",)),
    Pointer(usage_correction, whole.usage_event, _USE),
    Pointer(usage_correction, correction, _CORRECTION, key=("event_id",)),
    Pointer(price_replacement, price_version, {"version_id": "version_id"}),
    Pointer(price_replacement, price_version, {"replaced_by": "version_id"}, key=("version_id",)),
    _of_payer(correction_payer, "correction_id"),
    Pointer(job_task, job_run, {"run_id": "run_id"}, key=("task_no",)),
)  # fmt: skip


def pointers(connection: Connection, scope: Scope) -> Iterator[Pointer | None]:
    """Each kind of pointer is a slice; the last one stands for sums that a bill has left out."""
    yield from POINTERS
    yield None


def find_orphans(connection: Connection, scope: Scope, one: Pointer | None) -> Iterator[Found]:
    """Rows of one kind without what they point at. Facts before `since` are passed over where they have a day."""
    if one is None:
        yield from _left_out(connection, scope)
        return
    child, parent = one.child.c, one.parent.c
    names = list(dict.fromkeys((*one.key, *one.same)))
    there = exists().where(and_(*(parent[of] == child[name] for name, of in one.same.items())))
    statement = select(*(child[name] for name in names)).where(one.where, ~there)
    if scope.since is not None and "day" in child:
        statement = statement.where(child.day >= scope.since)
    for row in rows_of(connection, scope, statement.order_by(*(child[name] for name in names))):
        told = ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True))
        wanted = ", ".join(f"{of} {getattr(row, name)}" for name, of in one.same.items())
        yield f"{_name(one.child)} ({told})", f"there is no {_name(one.parent)} ({wanted})"


def _left_out(connection: Connection, scope: Scope) -> Iterator[Found]:
    """An invoice is made of all sums of its period; one that is not tied to it would never be billed."""
    c, bill = running_sum.c, invoice.c
    billed = exists().where(bill.payer_id == c.payer_id, bill.period_start == c.period_start)
    statement = select(c.payer_id, c.period_start, c.order_id, c.product_id, c.currency)
    statement = statement.where(c.invoice_id.is_(None), billed)
    for row in rows_of(connection, scope, statement.order_by(*statement.selected_columns)):
        subject = f"payer {row.payer_id}, period from {row.period_start}, order {row.order_id}, {row.product_id}"
        yield f"{subject}, {row.currency}", "its period is invoiced, and the running sum is on no invoice"


def _name(table: Any) -> str:
    return str(table.name)
