"""Spoilt books of every kind: each function tampers with one row and returns what its difference should name."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from billing_center.reconcile.difference import Rule
from schema.tables.charges import charge, meter, running_sum
from schema.tables.invoices import invoice, invoice_line, invoice_total, number_series
from schema.tables.orders import first_opening, payer, service_order
from schema.tables.outbox import outbox_message
from schema.tables.usage import usage_filtered, usage_queue
from tests.billing_center.reconcile.conftest import Books

ONE = Decimal(1)
CENT = Decimal("0.01")


def a_day(books: Books) -> Any:
    """A charge of an order's day that is on an invoice."""
    plain = (charge.c.cause == "day", charge.c.amount > Decimal(0), charge.c.period_start < date(2026, 4, 1))
    return books.find(charge, *plain)


def raise_a_charge(books: Books) -> str:
    row = a_day(books)
    books.set(charge, row, amount=row.amount + CENT)
    return f"order {row.cause_id} on {row.day}"


def misread_a_charge(books: Books) -> str:
    row = books.find(charge, charge.c.cause == "use", charge.c.amount > Decimal(0))
    books.set(charge, row, list_amount=row.list_amount + CENT, quantity=row.quantity + ONE)
    return f"use {row.cause_id} on {row.day}"


def lose_a_day(books: Books) -> str:
    row = a_day(books)
    books.drop(charge, row)
    return f"order {row.cause_id} on {row.day}"


def charge_an_idle_day(books: Books) -> str:
    ended = books.find(service_order, service_order.c.ended_day < date(2026, 5, 1), service_order.c.plan == "day")
    row = books.find(charge, charge.c.cause_id == ended.order_id)
    books.add(charge, row, day=ended.ended_day + timedelta(days=3))
    return f"order {row.cause_id} on {ended.ended_day + timedelta(days=3)}"


def swap_a_version(books: Books) -> str:
    row = books.find(charge, charge.c.product_id == "mail", charge.c.component == "CNY", charge.c.cause == "day")
    books.set(charge, row, version_id="mail/day/1999-01-01")
    return f"order {row.cause_id} on {row.day}"


def move_an_opening(books: Books) -> str:
    row = books.find(first_opening, first_opening.c.product_id == "im")
    books.set(first_opening, row, day=row.day - timedelta(days=1))
    return "product im"


def turn_a_meter(books: Books) -> str:
    row = books.find(meter, meter.c.component == "CNY")
    books.set(meter, row, reading=row.reading + ONE)
    return row.version_id


def turn_a_meter_of_free_uses(books: Books) -> str:
    row = books.find(meter, meter.c.component == "promotion")
    books.set(meter, row, reading=row.reading + ONE)
    return "promotion"


def raise_a_sum(books: Books) -> str:
    row = books.find(running_sum)
    books.set(running_sum, row, amount=row.amount + CENT)
    return f"period from {row.period_start}, "


def count_a_sum_wrong(books: Books) -> str:
    row = books.rows(running_sum)[-1]
    books.set(running_sum, row, charges=row.charges + 1)
    return f"period from {row.period_start}, "


def lose_an_open_sum(books: Books) -> str:
    row = books.find(running_sum, running_sum.c.invoice_id.is_(None))
    books.drop(running_sum, row)
    return f"period from {row.period_start}, "


def raise_a_line(books: Books) -> str:
    row = books.find(invoice_line)
    books.set(invoice_line, row, amount=row.amount + CENT)
    return f"invoice {row.invoice_id}, line {row.line_no}"


def rate_a_line_anew(books: Books) -> str:
    row = books.find(invoice_line, invoice_line.c.currency == "JPY")
    books.set(invoice_line, row, rated_amount=row.rated_amount + CENT)
    return f"invoice {row.invoice_id}, line {row.line_no}"


def lose_a_line(books: Books) -> str:
    row = books.find(invoice_line)
    books.drop(invoice_line, row)
    return f"invoice {row.invoice_id}, line"


def double_a_line(books: Books) -> str:
    row = books.find(invoice_line)
    books.add(invoice_line, row, line_no=99)
    return f"invoice {row.invoice_id}, line 99"


def raise_a_total(books: Books) -> str:
    row = books.find(invoice_total)
    books.set(invoice_total, row, amount=row.amount + CENT)
    return f"invoice {row.invoice_id}, total in {row.currency}"


def change_a_rate(books: Books) -> str:
    row = books.find(invoice_total, invoice_total.c.currency == "JPY")
    books.set(invoice_total, row, rate=row.rate + CENT)
    return f"invoice {row.invoice_id}, total in JPY"


def raise_an_invoice(books: Books) -> str:
    row = books.find(invoice)
    books.set(invoice, row, base_amount=row.base_amount + CENT)
    return f"invoice {row.invoice_id}"


def stretch_a_period(books: Books) -> str:
    row = books.find(invoice)
    books.set(invoice, row, period_end=row.period_end + timedelta(days=1))
    return f"invoice {row.invoice_id}"


def stretch_a_sum(books: Books) -> str:
    row = books.find(running_sum)
    books.set(running_sum, row, period_end=row.period_end + timedelta(days=1))
    return f"period from {row.period_start}, "


def untie_a_sum(books: Books) -> str:
    row = books.find(running_sum, running_sum.c.invoice_id.is_not(None))
    books.set(running_sum, row, invoice_id="")
    return f"period from {row.period_start}, "


def reopen_a_payer(books: Books) -> str:
    row = books.find(payer)
    books.set(payer, row, closed_until=row.closed_until - timedelta(days=1))
    return "closed until"


def lose_a_deduction(books: Books) -> str:
    row = books.find(outbox_message, outbox_message.c.kind == "DEDUCTION")
    books.drop(outbox_message, row)
    return f"invoice {row.subject_id}"


def deduct_another_sum(books: Books) -> str:
    row = books.find(outbox_message, outbox_message.c.kind == "DEDUCTION")
    books.set(outbox_message, row, payload=row.payload.replace('"totalAmount": "', '"totalAmount": "1'))
    return f"invoice {row.subject_id}"


def wake_an_order(books: Books) -> str:
    row = books.find(service_order, service_order.c.state == "TERMINATED")
    books.set(service_order, row, state="PENDING")
    return f"order {row.order_id}"


def stop_for_nothing(books: Books) -> str:
    owing = select(invoice.c.payer_id).where(invoice.c.state != "PAID")
    row = books.find(service_order, service_order.c.stopped_for == "-", service_order.c.payer_id.not_in(owing))
    books.set(service_order, row, stopped_for="ARREARS")
    return f"order {row.order_id}"


def lose_a_command(books: Books) -> str:
    row = books.find(outbox_message, outbox_message.c.kind == "CONTROL")
    books.drop(outbox_message, row)
    return f"order {row.subject_id}, change {row.seq}"


def send_out_of_turn(books: Books) -> str:
    row = books.rows(outbox_message, outbox_message.c.kind == "CONTROL", outbox_message.c.seq > 1)[-1]
    books.set(outbox_message, row, state="SENT")
    return f"order {row.subject_id}, change {row.seq}"


def lose_a_use(books: Books) -> str:
    row = books.find(usage_queue)
    books.drop(usage_queue, row)
    return f"use {row.event_id}"


def queue_a_rated_use(books: Books) -> str:
    row = books.find(charge, charge.c.cause == "use")
    books.add(usage_queue, books.find(usage_queue), event_id=row.cause_id)
    return f"use {row.cause_id}"


def filter_a_parked_use(books: Books) -> str:
    row = books.find(usage_queue)
    books.add(usage_filtered, books.find(usage_filtered), event_id=row.event_id)
    return f"use {row.event_id}"


def queue_a_use_that_never_was(books: Books) -> str:
    books.add(usage_queue, books.find(usage_queue), event_id="nobody")
    return "use nobody"


def number_with_a_gap(books: Books) -> str:
    last = books.rows(invoice, invoice.c.invoice_no.is_not(None))
    row = max(last, key=lambda one: one.invoice_no)
    series = books.find(number_series)
    books.set(invoice, row, invoice_no=f"2026-{series.last_number + 1:09d}")
    books.set(number_series, series, last_number=series.last_number + 1)
    return f"number 2026-{series.last_number:09d}"


def forget_the_last_number(books: Books) -> str:
    series = books.find(number_series)
    books.set(number_series, series, last_number=series.last_number + 3)
    return "last number of 2026"


def number_of_another_year(books: Books) -> str:
    row = books.find(invoice, invoice.c.invoice_no.is_not(None))
    books.set(invoice, row, billed_on=row.billed_on.replace(year=2025))
    return f"invoice {row.invoice_id}"


Tamper = Callable[[Books], str]
TAMPERED: list[tuple[Rule, Tamper]] = [
    (Rule.CHARGE, raise_a_charge), (Rule.CHARGE, misread_a_charge), (Rule.CHARGE, lose_a_day),
    (Rule.CHARGE, charge_an_idle_day), (Rule.CHARGE, swap_a_version), (Rule.OPENING, move_an_opening),
    (Rule.METER, turn_a_meter), (Rule.METER, turn_a_meter_of_free_uses),
    (Rule.SUM, raise_a_sum), (Rule.SUM, count_a_sum_wrong), (Rule.SUM, lose_an_open_sum),
    (Rule.LINE, raise_a_line), (Rule.LINE, rate_a_line_anew), (Rule.LINE, lose_a_line),
    (Rule.LINE, double_a_line),
    (Rule.TOTAL, raise_a_total), (Rule.TOTAL, change_a_rate), (Rule.INVOICE, raise_an_invoice),
    (Rule.INVOICE, stretch_a_period), (Rule.INVOICE, number_of_another_year), (Rule.PERIOD, stretch_a_sum),
    (Rule.CLOSED, untie_a_sum), (Rule.CLOSED, reopen_a_payer),
    (Rule.DEDUCTION, lose_a_deduction), (Rule.DEDUCTION, deduct_another_sum),
    (Rule.ORDER, wake_an_order), (Rule.ARREARS, stop_for_nothing),
    (Rule.OUTBOX, lose_a_command), (Rule.OUTBOX, send_out_of_turn),
    (Rule.USE, lose_a_use), (Rule.USE, queue_a_rated_use), (Rule.USE, filter_a_parked_use),
    (Rule.USE, queue_a_use_that_never_was),
    (Rule.NUMBER, number_with_a_gap), (Rule.NUMBER, forget_the_last_number),
]  # fmt: skip
