"""The facts behind charges of the past, in the order in which they were rated; what a simulation reads.

Everything is asked for a bounded number of payers and a range of civil days [start, end).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, and_, func, or_, select

from billing_center.bulk import among
from billing_center.foresight.rate_in_memory import UseToRate
from billing_center.history.whole import charge, usage_event
from billing_center.ids import NONE
from billing_center.order.store import orders_by_id
from billing_center.rating.facts import Cause
from billing_center.usage.find_payer import Found
from billing_center.usage.store import QueuedUse
from schema.tables.corrections import usage_withdrawal
from schema.tables.orders import payer

REPLAYED = (Cause.USE, Cause.DAY, Cause.WITHDRAWAL, Cause.RERATE_USE, Cause.RERATE_DAY)
"""The causes that a replay of uses and order-days stands against."""


def payer_ids(connection: Connection, *, after: str, limit: int) -> list[str]:
    """Payers in id order."""
    statement = select(payer.c.payer_id).where(payer.c.payer_id > after).order_by(payer.c.payer_id).limit(limit)
    return list(connection.execute(statement).scalars())


def payer_count(connection: Connection) -> int:
    """How many payers there are."""
    return connection.execute(select(func.count()).select_from(payer)).scalar_one()


@dataclass(frozen=True, slots=True)
class Charged:
    """What a payer was charged for a product, rated, and when the first and the last of it was rated."""

    amount: Decimal
    first_at: datetime
    last_at: datetime


def charged_between(
    connection: Connection, payers: Sequence[str], start: date, end: date
) -> dict[tuple[str, str, str], Charged]:
    """By payer, product and currency: what these days' uses and order-days came to, corrections included."""
    c = charge.c
    keys = [c.payer_id, c.product_id, c.currency]
    statement = (
        select(*keys, func.sum(c.amount), func.min(c.rated_at), func.max(c.rated_at))
        .where(
            among(connection, c.payer_id, payers), c.day >= start, c.day < end,
            c.cause.in_([cause.value for cause in REPLAYED]),
        )
        .group_by(*keys)
    )  # fmt: skip
    return {(row[0], row[1], row[2]): Charged(row[3], row[4], row[5]) for row in connection.execute(statement)}


@dataclass(frozen=True, slots=True)
class PastUse:
    """A use that was charged, who paid, and when it was rated."""

    one: UseToRate
    rated_at: datetime


def uses_charged(
    connection: Connection, payers: Sequence[str], start: date, end: date, *, after: PastUse | None, limit: int
) -> list[PastUse]:
    """The uses of these days that were rated and not withdrawn, in the order of rating, with the order of each."""
    c, event = charge.c, usage_event.c
    of_charge = select(
        c.cause_id,
        func.min(c.payer_id).label("payer"),
        func.min(c.order_id).label("of_order"),
        func.min(c.rated_at).label("rated_at"),
    ).where(among(connection, c.payer_id, payers), c.day >= start, c.day < end, c.cause == Cause.USE.value)
    if after is not None:
        later_id = and_(c.rated_at == after.rated_at, c.cause_id > after.one.use.event_id)
        of_charge = of_charge.where(or_(c.rated_at > after.rated_at, later_id))
    found = of_charge.group_by(c.cause_id).subquery()
    statement = (
        select(
            event.event_id, event.day, event.caller, event.user_id, event.payer_id, event.product_id,
            event.started_at, event.ended_at, event.amount, event.quantity, event.unit, found.c.payer,
            found.c.of_order, found.c.rated_at,
        )
        .join(found, found.c.cause_id == event.event_id)
        .outerjoin(usage_withdrawal, usage_withdrawal.c.event_id == event.event_id)
        .where(usage_withdrawal.c.event_id.is_(None))
        .order_by(found.c.rated_at, event.event_id)
        .limit(limit)
    )  # fmt: skip
    rows = connection.execute(statement).all()
    orders = orders_by_id(connection, {row.of_order for row in rows if row.of_order != NONE})
    return [
        PastUse(UseToRate(QueuedUse(*[*row[:11], 0]), Found(row.payer, orders.get(row.of_order))), row.rated_at)
        for row in rows
    ]


def days_charged(
    connection: Connection, payers: Sequence[str], start: date, end: date
) -> dict[tuple[str, date], datetime]:
    """When the order-days of these days that have a charge were rated, by order and day."""
    c = charge.c
    statement = (
        select(c.cause_id, c.day, func.min(c.rated_at))
        .where(among(connection, c.payer_id, payers), c.day >= start, c.day < end, c.cause == Cause.DAY.value)
        .group_by(c.cause_id, c.day)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(statement)}
