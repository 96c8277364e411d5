"""What was charged for the days of orders' billing periods, wherever it is invoiced: commitments count against it.

Before granted money: a credit pays what was consumed, and a true-up that counted what is left of it would ask for
the credit again.

Where it stands in the walk: asked by `true_up`. An open line is read from its running sum; a closed period, which
a correction or a late fact has changed, from its charges.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from billing_center.bulk import rows_by_key
from billing_center.center import UnitOfWork
from billing_center.history.whole import charge
from billing_center.order.commitment import OrderPeriod
from billing_center.order.store import OrderRow
from billing_center.payer.store import PayerRow
from billing_center.period import ONE_DAY
from billing_center.rating.facts import Cause
from billing_center.rating.grants import GRANT
from schema.tables.charges import running_sum

SumKey = tuple[str, date, str, str, str]
"""Names a running sum: payer, first day of the period, order, product, currency."""

_AFTER = (Cause.TRUE_UP.value, Cause.PROMOTION.value)
"""The causes of charges that are worked out from a period's other charges."""

_GRANTED = f"{GRANT}%"
"""The meters of what was granted: units cost nothing, money is a charge of less than nothing."""


def charged_in(
    work: UnitOfWork, periods: Collection[OrderPeriod], payers: Mapping[str, PayerRow]
) -> dict[SumKey, Decimal]:
    """What was charged for the periods' days before granted money, wherever it is invoiced, true-ups apart."""
    still_open = [one for one in periods if one.period.end > payers[one.order.payer_id].closed_until]
    closed = [one for one in periods if one.period.end <= payers[one.order.payer_id].closed_until]
    found = _of_lines(work, {(one.order.payer_id, one.period.start) for one in still_open})
    for one in closed:
        order, period = one.order, one.period
        table = charge.c
        statement = (
            select(table.currency, func.sum(table.amount))
            .where(
                table.payer_id == order.payer_id, table.day.between(period.start, period.end - ONE_DAY),
                table.order_id == order.order_id, table.product_id == order.product_id,
                table.cause.not_in(_AFTER), table.meter_component.not_like(_GRANTED),
            )
            .group_by(table.currency)
        )  # fmt: skip
        for currency, amount in work.connection.execute(statement):
            found[order.payer_id, period.start, order.order_id, order.product_id, currency] = amount
    return found


def _of_lines(work: UnitOfWork, lines: Collection[tuple[str, date]]) -> dict[SumKey, Decimal]:
    """What open lines come to without granted money, true-ups and what they hold of days before them."""
    table = running_sum.c
    columns = [table.payer_id, table.period_start, table.order_id, table.product_id, table.currency]
    rows = rows_by_key(work.connection, select(*columns, table.amount), columns[:2], list(lines))
    found: dict[SumKey, Decimal] = {tuple(row[:5]): row.amount for row in rows}
    of_charge = charge.c
    keys = [of_charge[column.name] for column in columns]
    statement = (
        select(*keys, func.sum(of_charge.amount))
        .where(
            (of_charge.day < of_charge.period_start)
            | of_charge.cause.in_(_AFTER)
            | of_charge.meter_component.like(_GRANTED)
        )
        .group_by(*keys)
    )
    for row in rows_by_key(work.connection, statement, keys[:2], list(lines)):
        found[tuple(row[:5])] -= row[5]
    return found


def late_days(
    work: UnitOfWork, orders: Sequence[OrderRow], payers: Mapping[str, PayerRow], on: date
) -> Iterator[tuple[OrderRow, date]]:
    """Days before their own period of which the orders' open lines, to be closed by `on`, hold charges."""
    by_id = {order.order_id: order for order in orders}
    table = charge.c
    since = min((payers[order.payer_id].closed_until for order in orders), default=on)
    statement = (
        select(table.payer_id, table.order_id, table.day, table.period_start)
        .distinct()
        .where(table.period_start >= since, table.period_start < on, table.day < table.period_start)
    )
    whom = {order.payer_id for order in orders}
    for row in rows_by_key(work.connection, statement, [table.payer_id], whom):
        if row.order_id in by_id and row.period_start >= payers[row.payer_id].closed_until:
            yield by_id[row.order_id], row.day
