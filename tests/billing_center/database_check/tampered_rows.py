"""One row tampered with, and what exactly the checks must find."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, insert

from schema.tables.charges import charge, meter, running_sum, usage_rollup
from schema.tables.invoices import invoice, invoice_line, invoice_total, number_series, settlement_notice
from schema.tables.jobs import job_task
from schema.tables.orders import service_order
from schema.tables.outbox import outbox_message
from schema.tables.usage import usage_event, usage_queue
from tests.billing_center.database_check.conftest import Tampering

Tamper = Callable[[Tampering], None]


def _on(table: Table, *where: Any, **values: Any) -> Tamper:
    return lambda books: books.set(table, books.first(table, *where), **values)


def _without(table: Table, *where: Any) -> Tamper:
    return lambda books: books.drop(table, books.first(table, *where))


def _a_use_queued_again(books: Tampering) -> None:
    rated = books.first(usage_event, usage_event.c.guid == "20-0")
    waits = books.first(usage_queue)
    books.add(usage_queue, waits, event_id=rated.event_id, day=rated.day, shard=rated.shard)


OF_A = running_sum.c.payer_id == "a"
FEBRUARY_OF_DAYS = (OF_A, running_sum.c.period_start == date(2026, 2, 1), running_sum.c.order_id == "days-a")
ROLLED_A = (usage_rollup.c.day == date(2026, 2, 20), usage_rollup.c.user_id == "u-a")
A_DAY = (charge.c.day == date(2026, 3, 5), charge.c.order_id == "days-a")
TAMPERED: dict[str, tuple[Tamper, list[str]]] = {
    "a charge changed": (
        _on(charge, *A_DAY, amount=Decimal("1.90")),  # instead of 1.80: March comes to 55.90 instead of 55.80
        [
            (
                "sums: payer a, period from 2026-03-01, order days-a, seat, CNY: "
                "its charges come to amount 55.9; the running sum says amount 55.8"
            ),
            (
                "rollups: 2026-03-05, payer a, user -, seat, CNY: "
                "its charges come to amount 1.9; the roll-up says amount 1.8"
            ),
        ],
    ),
    "a charge without its payer": (
        lambda books: books.add(
            charge,
            books.first(charge, *A_DAY),
            payer_id="ghost",
            meter_scope="-",
            amount=Decimal(0),
            list_amount=Decimal(0),
            quantity=Decimal(0),
        ),
        [
            (
                "orphans: charge (day 2026-03-05, cause day, cause_id days-a, component CNY, payer_id ghost): "
                "there is no payer (payer_id ghost)"
            ),
            (
                "sums: payer ghost, period from 2026-03-01, order days-a, seat, CNY: "
                "its charges come to charges 1; the running sum says charges 0"
            ),
            (
                "rollups: 2026-03-05, payer ghost, user -, seat, CNY: "
                "its charges come to charges 1; the roll-up says charges 0"
            ),
        ],
    ),
    "a running sum changed": (
        _on(running_sum, *FEBRUARY_OF_DAYS, quantity=Decimal(10)),  # nine days
        [
            (
                "sums: payer a, period from 2026-02-01, order days-a, seat, CNY: "
                "its charges come to quantity 9; the running sum says quantity 10"
            ),
            (
                "invoices: invoice a-20260201, order days-a, seat, CNY: "
                "its running sum comes to quantity 10; the line says quantity 9"
            ),
        ],
    ),
    "a running sum tied to no invoice": (
        _on(running_sum, *FEBRUARY_OF_DAYS, invoice_id=None),
        [
            (
                "orphans: payer a, period from 2026-02-01, order days-a, seat, CNY: "
                "its period is invoiced, and the running sum is on no invoice"
            ),
            (
                "invoices: invoice a-20260201, order days-a, seat, CNY: "
                "its running sum comes to quantity 0, rated_amount 0, charges 0; "
                "the line says quantity 9, rated_amount 16.2, charges 9"
            ),
        ],
    ),
    "a roll-up changed": (
        _on(usage_rollup, *ROLLED_A, amount=Decimal("0.31")),
        [
            (
                "rollups: 2026-02-20, payer a, user u-a, sms, CNY: "
                "its charges come to amount 0.3; the roll-up says amount 0.31"
            )
        ],
    ),
    "a meter changed": (
        _on(
            meter,
            meter.c.payer_id == "a",
            meter.c.product_id == "sms",
            meter.c.scope == "2026-02-01",
            reading=Decimal(9),
        ),
        [
            (
                "meters: payer a, meter sms - 2026-02-01 sms/per_use/2026-01-01 CNY: "
                "its charges come to reading 8; the meter says reading 9"
            )
        ],
    ),
    "a use that is nowhere": (
        _without(usage_queue),
        [
            "uses: use 00000000000000000000000020 of 2026-03-02: nowhere: neither in the queue nor filtered"
            " nor charged"
        ],
    ),
    "a use in two places": (
        _a_use_queued_again,
        ["uses: use 00000000000000000000000009 of 2026-02-20: in the queue and charged"],
    ),
    "a use that was never collected": (
        _without(usage_event, usage_event.c.guid == "probe"),
        ["uses: use 00000000000000000000000019 of 2026-02-22: filtered, but it was never collected"],
    ),
    "a total changed": (
        _on(invoice_total, invoice_total.c.invoice_id == "b-20260201", amount=Decimal("107.65")),  # 99.64 + 8.00
        ["invoices: invoice b-20260201, CNY: its lines come to amount 107.64; the total says amount 107.65"],
    ),
    "an invoice changed": (
        _on(invoice, invoice.c.invoice_id == "b-20260201", base_amount=Decimal("107.65")),
        [
            "invoices: invoice b-20260201: its totals come to base_amount 107.64;"
            " the invoice says base_amount 107.65"
        ],
    ),
    "a line without its invoice": (
        lambda books: books.add(
            invoice_line,
            books.first(invoice_line),
            invoice_id="ghost",
            amount=Decimal(0),
            list_amount=Decimal(0),
            rated_amount=Decimal(0),
            quantity=Decimal(0),
            charges=0,
        ),
        ["orphans: invoice_line (line_no 1, invoice_id ghost): there is no invoice (invoice_id ghost)"],
    ),
    "a deduction that was lost": (
        _without(outbox_message, outbox_message.c.subject_id == "b-20260301"),
        ["invoices: invoice b-20260301: it is due and no deduction is among the messages"],
    ),
    "a deduction of no invoice": (
        lambda books: books.add(
            outbox_message,
            books.first(outbox_message, outbox_message.c.kind == "DEDUCTION"),
            message_id="deduct:ghost",
            subject_id="ghost",
        ),
        [
            (
                "orphans: outbox_message (message_id deduct:ghost, subject_id ghost): "
                "there is no invoice (invoice_id ghost)"
            )
        ],
    ),
    "a number left out": (
        _on(invoice, invoice.c.invoice_no == "2026-000000003", invoice_no="2026-000000007"),
        [
            "numbers: invoice numbers of 2026: the series says 4, the last number is 7",
            "numbers: invoice numbers of 2026: 3 to 3 are missing",
            "numbers: invoice numbers of 2026: 5 to 6 are missing",
        ],
    ),
    "a series behind its numbers": (
        _on(number_series, number_series.c.series == "credit-2026", last_number=0),
        ["numbers: credit numbers of 2026: the series says 0, the last number is 1"],
    ),
    "a queued use of no event": (
        lambda books: books.add(usage_queue, books.first(usage_queue), event_id="ghost"),
        [
            (
                "orphans: usage_queue (event_id ghost, day 2026-03-02, shard 187): "
                "there is no usage_event (event_id ghost, day 2026-03-02, shard 187)"
            )
        ],
    ),
    "a task of no run": (
        lambda books: (
            books.connection.execute(
                insert(job_task).values(
                    run_id="ghost", task_no=1, first_shard=0, last_shard=255, state="DONE", items=0, failures=0
                )
            )
            and None
        ),
        ["orphans: job_task (task_no 1, run_id ghost): there is no job_run (run_id ghost)"],
    ),
    "a settlement of no invoice": (
        lambda books: books.add(
            settlement_notice, books.first(settlement_notice), notice_id="n", invoice_id="ghost"
        ),
        [("orphans: settlement_notice (notice_id n, invoice_id ghost): there is no invoice (invoice_id ghost)")],
    ),
    "an order of no payer": (
        _on(service_order, service_order.c.order_id == "month-b", payer_id="ghost"),
        ["orphans: service_order (order_id month-b, payer_id ghost): there is no payer (payer_id ghost)"],
    ),
}
