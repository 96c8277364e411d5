"""The facts behind charges of the past, and where long-lived meters stood then; what a simulation reads.

Everything is asked for a bounded number of payers and a range of civil days [start, end).
"""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, func, select

from billing_center.bulk import among
from billing_center.charge.store import load_meters
from billing_center.foresight.rate_in_memory import UseToRate
from billing_center.ids import NONE
from billing_center.order.store import orders_by_id
from billing_center.rating.facts import Cause, MeterKey
from billing_center.usage.find_payer import Found
from billing_center.usage.store import QueuedUse
from schema.tables.charges import charge
from schema.tables.corrections import usage_withdrawal
from schema.tables.orders import payer
from schema.tables.usage import usage_event

REPLAYED = (Cause.USE, Cause.DAY, Cause.WITHDRAWAL, Cause.RERATE_USE, Cause.RERATE_DAY)
"""The causes that a replay of uses and order-days stands against."""


def payer_ids(connection: Connection, *, after: str, limit: int) -> list[str]:
    """Payers in id order."""
    statement = select(payer.c.payer_id).where(payer.c.payer_id > after).order_by(payer.c.payer_id).limit(limit)
    return list(connection.execute(statement).scalars())


def payer_count(connection: Connection) -> int:
    """How many payers there are."""
    return connection.execute(select(func.count()).select_from(payer)).scalar_one()


def charged_between(
    connection: Connection, payers: Sequence[str], start: date, end: date
) -> dict[tuple[str, str, str], Decimal]:
    """Rated amounts by (payer, product, currency) of these days' uses and order-days, corrections included."""
    c = charge.c
    keys = [c.payer_id, c.product_id, c.currency]
    statement = (
        select(*keys, func.sum(c.amount))
        .where(
            among(connection, c.payer_id, payers), c.day >= start, c.day < end,
            c.cause.in_([cause.value for cause in REPLAYED]),
        )
        .group_by(*keys)
    )  # fmt: skip
    return {(row[0], row[1], row[2]): row[3] for row in connection.execute(statement)}


def uses_charged(
    connection: Connection, payers: Sequence[str], start: date, end: date, *, after: str, limit: int
) -> list[UseToRate]:
    """The uses of these days that were rated and not withdrawn, in id order, with the order of each."""
    c, event = charge.c, usage_event.c
    of_charge = (
        select(c.cause_id, func.min(c.payer_id).label("payer"), func.min(c.order_id).label("of_order"))
        .where(
            among(connection, c.payer_id, payers), c.day >= start, c.day < end, c.cause == Cause.USE.value,
            c.cause_id > after,
        )
        .group_by(c.cause_id)
        .subquery()
    )  # fmt: skip
    statement = (
        select(
            event.event_id, event.day, event.caller, event.user_id, event.payer_id, event.product_id,
            event.started_at, event.ended_at, event.amount, event.quantity, event.unit, of_charge.c.payer,
            of_charge.c.of_order,
        )
        .join(of_charge, of_charge.c.cause_id == event.event_id)
        .outerjoin(usage_withdrawal, usage_withdrawal.c.event_id == event.event_id)
        .where(usage_withdrawal.c.event_id.is_(None))
        .order_by(event.event_id)
        .limit(limit)
    )  # fmt: skip
    rows = connection.execute(statement).all()
    orders = orders_by_id(connection, {row.of_order for row in rows if row.of_order != NONE})
    return [UseToRate(QueuedUse(*[*row[:11], 0]), Found(row.payer, orders.get(row.of_order))) for row in rows]


def readings_before(connection: Connection, keys: Collection[MeterKey], start: date) -> dict[MeterKey, Decimal]:
    """What meters that outlive the period read when the day `start` began: now, less what has grown since."""
    now = load_meters(connection, keys).readings
    c = charge.c
    columns = [c.payer_id, c.product_id, c.meter_order_id, c.meter_scope, c.version_id, c.meter_component]
    since: dict[tuple[str, ...], Decimal] = {}
    payers = sorted({key.payer_id for key in keys})
    for scope in sorted({key.scope for key in keys}):
        statement = (
            select(*columns, func.sum(c.reading_after), func.sum(c.reading_before))
            .where(among(connection, c.payer_id, payers), c.day >= start, c.meter_scope == scope)
            .group_by(*columns)
        )
        for row in connection.execute(statement):
            for version in (row.version_id, NONE):
                name = (row.payer_id, row.product_id, row.meter_order_id, scope, version, row.meter_component)
                since[name] = since.get(name, Decimal(0)) + row[6] - row[7]
    return {
        key: reading
        - since.get(
            (key.payer_id, key.product_id, key.order_id, key.scope, key.version_id, key.component), Decimal(0)
        )
        for key, reading in now.items()
    }
