"""What making invoices of some running sums needs beside them: order codes, and the promotions that take part.

Where it stands in the walk: before `make_invoice`, for the bill run, the preview and the dry run alike. A catalog
without promotions over invoices costs nothing here.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from billing_center.bulk import rows_by_key
from billing_center.center import UnitOfWork
from billing_center.invoice.invoice import RunningSum
from billing_center.invoice.make_invoice import Issuing
from billing_center.invoice.store import named_orders
from billing_center.payer.store import schedules
from billing_center.period import BillingSchedule
from billing_center.rating.price_version import Promotion
from schema.tables.catalog import redemption
from schema.tables.orders import service_order

PeriodKey = tuple[str, date]
"""A payer and the first day of a period."""


def read_issuing(
    work: UnitOfWork, rows: Iterable[RunningSum], *, run_id: str, today: date | None = None
) -> Issuing:
    """Everything for `make_invoice` of these running sums; `today` is the day of issue, else the civil day now."""
    orders: set[str] = set()
    ends: dict[PeriodKey, date] = {}
    for row in rows:
        orders.add(row.order_id)
        key = (row.payer_id, row.period_start)
        ends[key] = min(row.period_end, ends.get(key, row.period_end))
    codes, promotions = named_orders(work.connection, orders)
    over = over_invoices(work, ends)
    return Issuing(work.catalog, work.settings, codes, work.at, today or work.today, run_id, promotions, over)


def over_invoices(work: UnitOfWork, ends: dict[PeriodKey, date]) -> dict[PeriodKey, tuple[Promotion, ...]]:
    """The promotions over the invoice that hold in each period, by the day it ends: an order that named one was
    there."""
    listed = work.catalog.promotions
    if not listed.over_invoices:
        return {}
    table, order = redemption.c, service_order.c
    statement = select(table.payer_id, table.promotion_id, order.start_day, order.ended_day).join(
        service_order, order.order_id == table.order_id
    )
    redeemed = [
        row
        for row in rows_by_key(work.connection, statement, [table.payer_id], {payer_id for payer_id, _ in ends})
        if row.promotion_id in listed.over_invoices
    ]
    billed = schedules(work.connection, {row.payer_id for row in redeemed}) if redeemed else {}
    found: dict[PeriodKey, set[str]] = {}
    for row in redeemed:
        promotion = listed[row.promotion_id]
        for key, end in ends.items():
            if key[0] != row.payer_id or row.start_day >= end:
                continue
            ended = row.ended_day is not None and row.ended_day < key[1]
            if not ended and _within(promotion, billed[row.payer_id], row.start_day, key[1]):
                found.setdefault(key, set()).add(row.promotion_id)
    return {key: tuple(listed[one] for one in sorted(ids)) for key, ids in found.items()}


def _within(promotion: Promotion, schedule: BillingSchedule, first_day: date, period_start: date) -> bool:
    """Whether the period is among the first ones of the promotion, the one of the order's first day being one."""
    if promotion.periods is None:
        return True
    period = schedule.period_of(first_day)
    for _ in range(promotion.periods - 1):
        if period.start >= period_start:
            break
        period = schedule.period_of(period.end)
    return period_start <= period.start
