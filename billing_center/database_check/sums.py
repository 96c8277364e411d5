"""Charges and what is added up from them: running sums, roll-ups, and meters, wherever the charges lie."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, exists, func, literal, or_, select

from billing_center.database_check.agreement import Allowed, Sums, differences
from billing_center.database_check.check import Found, Scope
from billing_center.database_check.slices import KeyRange, months_gone
from billing_center.history import whole
from billing_center.history.history_month import MonthState, Totals, months_known
from billing_center.ids import NONE
from billing_center.reconcile.raw_facts import EVER, OUTLIVES_VERSIONS
from schema.partitions import month_after
from schema.tables.charges import charge, meter, rollup_dirty, running_sum, usage_rollup

_TERMS = ("quantity", "amount", "list_amount")
_SUM = ("payer_id", "period_start", "order_id", "product_id", "currency")
_ROLLED = ("day", "payer_id", "user_id", "product_id", "currency")
_METER = ("payer_id", "product_id", "order_id", "version_id", "scope", "component")


def find_sums(connection: Connection, scope: Scope, slice_: KeyRange) -> Iterator[Found]:
    """Every running sum is the total of its charges.

    Where charges were deleted by policy, a sum may hold more of them than are left; together these must be what
    was deleted.
    """
    made, kept = whole.charge.c, running_sum.c
    left = select(*(made[n] for n in _SUM), *(made[n] for n in _TERMS), literal(1).label("charges"))
    right = select(*(kept[n] for n in _SUM), *(kept[n] for n in _TERMS), kept.charges)
    left, right = left.where(slice_.of(made.payer_id)), right.where(slice_.of(kept.payer_id))
    if scope.since is not None:
        left, right = left.where(made.period_start >= scope.since), right.where(kept.period_start >= scope.since)
    allowed: Allowed | None = _fewer_left if months_gone(connection) else None
    for one in differences(connection, scope, left, right, keys=_SUM, allowed=allowed):
        payer_id, period_start, order_id, product_id, currency = one.key
        subject = f"payer {payer_id}, period from {period_start}, order {order_id}, {product_id}, {currency}"
        yield subject, f"its charges come to {one.left}; the running sum says {one.right}"
    if slice_.end is None and scope.since is None:
        yield from _deleted(connection)


def _fewer_left(charges: Sums, sums: Sums) -> ColumnElement[bool]:
    return charges["charges"] < sums["charges"]


def _deleted(connection: Connection) -> Iterator[Found]:
    """What the sums hold more than there are charges is what was deleted."""
    gone = [m for m in months_known(connection, MonthState.DROPPED) if m.table_name == charge.name]
    if not gone or months_known(connection, MonthState.DROPPING):
        return
    c = running_sum.c
    summed = connection.execute(select(func.sum(c.charges), func.sum(c.quantity), func.sum(c.amount))).one()
    there = connection.execute(
        select(func.count(), func.sum(whole.charge.c.quantity), func.sum(whole.charge.c.amount))
    ).one()
    missing = _totals(*summed) + -_totals(*there)
    deleted = sum((one.totals for one in gone), Totals())
    if missing != deleted:
        what = f"running sums hold {missing} more than there are charges; deleted by policy were {deleted}"
        yield "all running sums", what


def _totals(count: int | None, quantity: Decimal | None, amount: Decimal | None) -> Totals:
    return Totals(count or 0, quantity or Decimal(0), amount or Decimal(0))


def find_rollups(connection: Connection, scope: Scope, day: date) -> Iterator[Found]:
    """Every roll-up of a day is the total of its charges, but for cells that wait to be computed anew."""
    made, kept = whole.charge.c, usage_rollup.c
    left = select(*(made[n] for n in _ROLLED), *(made[n] for n in _TERMS), literal(1).label("charges"))
    right = select(*(kept[n] for n in _ROLLED), *(kept[n] for n in _TERMS), kept.charges)
    left = left.where(made.day == day, ~_waits(made.shard, day))
    right = right.where(kept.day == day, ~_waits(kept.shard, day))
    for one in differences(connection, scope, left, right, keys=_ROLLED):
        _, payer_id, user_id, product_id, currency = one.key
        subject = f"{day}, payer {payer_id}, user {user_id}, {product_id}, {currency}"
        yield subject, f"its charges come to {one.left}; the roll-up says {one.right}"


def _waits(shard: ColumnElement[Any], day: date) -> ColumnElement[bool]:
    return exists().where(rollup_dirty.c.shard == shard, rollup_dirty.c.day == day)


def find_meters(connection: Connection, scope: Scope, slice_: KeyRange) -> Iterator[Found]:
    """Every meter that charges name reads what these let it grow by.

    Meters beside a price's (list amounts, days paid in advance, what is counted by history) are named by no
    charge: `reconcile` works those out.
    """
    made, known = whole.charge.c, meter.c
    grown = select(
        made.payer_id, *_named(made.product_id, made.meter_order_id, made.version_id, made.meter_component),
        made.meter_scope, made.meter_component, (made.reading_after - made.reading_before).label("reading"),
        literal(1).label("charges"),
    )  # fmt: skip
    grown = grown.where(made.meter_scope != NONE, slice_.of(made.payer_id))
    read = select(
        known.payer_id, *_named(known.product_id, known.order_id, known.version_id, known.component), known.scope,
        known.component, known.reading, literal(0).label("charges"),
    ).where(slice_.of(known.payer_id))  # fmt: skip
    for begins in _scopes_from(connection, scope):
        grown = grown.where(made.meter_scope >= begins, made.meter_scope != EVER)
        read = read.where(known.scope >= begins, known.scope != EVER)
    for one in differences(connection, scope, grown, read, keys=_METER, compared=("reading",), allowed=_unnamed):
        payer_id, product_id, order_id, version_id, begins, component = one.key
        subject = f"payer {payer_id}, meter {product_id} {order_id} {begins} {version_id} {component}"
        yield subject, f"its charges come to {one.left}; the meter says {one.right}"


def _named(*columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Product, order and price version of a meter: free units outlive versions, a grant is for any product."""
    product_id, order_id, version_id, component = columns
    of_grant = component.like("grant:%")
    no_version = or_(of_grant, component.in_(OUTLIVES_VERSIONS))
    return [
        case((of_grant, NONE), else_=product_id).label("product_id"),
        case((of_grant, NONE), else_=order_id).label("order_id"),
        case((no_version, NONE), else_=version_id).label("version_id"),
    ]


def _scopes_from(connection: Connection, scope: Scope) -> Iterator[str]:
    """Only meters that begin on such a day or later have all the charges that are looked at."""
    gone = max(months_gone(connection), default=None)
    if gone is not None:
        yield month_after(gone).isoformat()
    if scope.since is not None:
        yield scope.since.isoformat()


def _unnamed(charges: Sums, meters: Sums) -> ColumnElement[bool]:
    return charges["charges"] == 0
