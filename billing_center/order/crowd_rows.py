"""Which order-days belong to a crowd, and the statements that move them from table to table inside the database.

An order-day is one of the crowd when its order waits for this very day alone, was active as the day ended, and
nothing else speaks of it than what a question holds: no granted balance of the payer, no moved billing day, no
period that is closed, no number of accounts that changed on the day or later. Readings are asked for row by row,
so that no planner ever reads a whole table of meters.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    collate,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from billing_center.bulk import among
from billing_center.bulk_write.postgresql import planned_without
from billing_center.center import UnitOfWork
from billing_center.clock import start_of_day
from billing_center.ids import NONE
from billing_center.order.crowd_tables import (
    ASKED,
    METERS,
    crowd_answer,
    crowd_day,
    crowd_payer,
    crowd_question,
)
from billing_center.order.orders_to_rate import Stretch
from billing_center.order.state import OrderState
from billing_center.period import ONE_DAY
from billing_center.rating.facts import Cause, PlanKind
from schema.tables.allowances import allowance_grant
from schema.tables.charges import meter
from schema.tables.orders import (
    account_change,
    first_opening,
    order_state_change,
    payer,
    payer_billing_day,
    service_order,
)

_ORDER = service_order.c
_LONG_AGO = literal(date(1970, 1, 1), _ORDER.start_day.type)
_NO_NUMBER = literal(Decimal(-1), account_change.c.accounts.type)
_OF_ACCOUNTS = _ORDER.plan == PlanKind.ACCOUNT_DAY.value
_OF_BOTH = and_(account_change.c.payer_id == _ORDER.payer_id, account_change.c.product_id == _ORDER.product_id)


def collect_payers(connection: Connection, stretch: Stretch, day: date) -> None:
    """Lock the payers of the stretch, in the order of their ids, and keep those that rate by their row alone."""
    of_orders = select(_ORDER.payer_id).where(*stretch.conditions(connection)).distinct()
    wanted = [payer.c.payer_id, payer.c.currency, payer.c.billing_day, payer.c.closed_until]
    if connection.dialect.name == "sqlite":  # one writer at a time
        found: Select[Any] = select(*wanted).where(payer.c.payer_id.in_(of_orders))
    else:
        asked = of_orders.subquery("asked")
        in_order = select(asked.c.payer_id).order_by(collate(asked.c.payer_id, "C")).subquery("given")
        of_key = select(*wanted).where(payer.c.payer_id == in_order.c.payer_id).correlate(in_order)
        locked = of_key.offset(0).with_for_update().lateral("found")
        found = select(locked).select_from(in_order.join(locked, true()))
    connection.execute(insert(crowd_payer).from_select([c.name for c in wanted], found))
    of = crowd_payer.c  # seen anew, now that nobody else writes for them
    otherwise = or_(
        of.closed_until > day,
        exists().where(allowance_grant.c.payer_id == of.payer_id),
        exists().where(payer_billing_day.c.payer_id == of.payer_id),
    )
    connection.execute(delete(crowd_payer).where(otherwise))


def askers(work: UnitOfWork, stretch: Stretch, day: date) -> FromClause:
    """The order-days of the crowd with all that their questions consist of, as a subquery."""
    connection, own = work.connection, crowd_payer.c
    begin, end = start_of_day(day, work.zone), start_of_day(day + ONE_DAY, work.zone)
    anchored = or_(_ORDER.plan == PlanKind.YEAR.value, _ORDER.promotion_id != NONE)
    free = [one.product.product_id for one in work.catalog.products.values() if one.product.allowance.days]
    numbers = account_change.c
    return (
        select(
            _ORDER.order_id,
            _ORDER.payer_id,
            _ORDER.shard,
            _ORDER.product_id,
            _ORDER.plan,
            _ORDER.promotion_id,
            _ORDER.features,
            own.currency,
            own.billing_day,
            case((anchored, _ORDER.start_day), else_=_LONG_AGO).label("anchor"),
            case((_OF_ACCOUNTS, func.coalesce(_number_at(begin), _NO_NUMBER)), else_=_NO_NUMBER).label("accounts"),
            case(
                (among(connection, _ORDER.product_id, free), func.coalesce(_opening(), _LONG_AGO)), else_=_LONG_AGO
            ).label("opening"),
        )
        .join_from(service_order, crowd_payer, own.payer_id == _ORDER.payer_id)
        .where(
            *stretch.conditions(connection),
            _ORDER.rated_through == day - ONE_DAY,
            _ORDER.start_day <= day,
            or_(_ORDER.ended_day.is_(None), _ORDER.ended_day > day),
            case((_ORDER.change_count == 1, _ORDER.state), else_=_state_at(end)) == OrderState.ACTIVE.value,
            or_(~_OF_ACCOUNTS, ~exists().where(_OF_BOTH, numbers.at >= begin)),
        )
        .subquery("asker")
    )


def _state_at(end: datetime) -> ColumnElement[str]:
    """The order's state just before an instant."""
    states = order_state_change.c
    return (
        select(states.to_state)
        .where(states.order_id == _ORDER.order_id, states.at < end)
        .order_by(states.at.desc(), states.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


def _number_at(begin: datetime) -> ColumnElement[Decimal]:
    """The number of accounts in force just before an instant; null where none is."""
    numbers = account_change.c
    return (
        select(numbers.accounts)
        .where(_OF_BOTH, numbers.at < begin)
        .order_by(numbers.at.desc(), numbers.change_id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _opening() -> ColumnElement[date]:
    """The day of the payer's first opening of the product."""
    openings = first_opening.c
    return (
        select(openings.day)
        .where(openings.payer_id == _ORDER.payer_id, openings.product_id == _ORDER.product_id)
        .scalar_subquery()
    )


def questions(asked: FromClause) -> Select[Any]:
    """Each question once, with one order that asks it and how many do."""
    what = [asked.c[name] for name in ASKED]
    return select(*what, func.min(asked.c.order_id).label("first"), func.count().label("askers")).group_by(*what)


def ask(connection: Connection, asked: FromClause) -> int:
    """Keep the order-days whose question is known, with what their meters read; how many."""
    which = crowd_question.c
    alike = and_(*(asked.c[name] == which[name] for name in ASKED))
    rows = select(
        which.question,
        asked.c.order_id,
        asked.c.payer_id,
        asked.c.shard,
        *(_reading(asked, n) for n in range(METERS)),
    ).join_from(asked, crowd_question, alike)
    keep = insert(crowd_day).from_select([c.name for c in crowd_day.c], rows)
    return connection.execute(keep, execution_options={"preserve_rowcount": True}).rowcount


def _reading(asked: FromClause, n: int) -> ColumnElement[Decimal]:
    which, m = crowd_question.c, meter.c
    reading = (
        select(m.reading)
        .where(
            m.payer_id == asked.c.payer_id,
            m.product_id == which.product_id,
            m.order_id == asked.c.order_id,
            m.scope == which[f"scope{n}"],
            m.version_id == which[f"version{n}"],
            m.component == which[f"component{n}"],
        )
        .scalar_subquery()
    )
    return func.coalesce(reading, literal(Decimal(0), m.reading.type))


def readings_met() -> Select[Any]:
    """Each question with each reading of the meters that it was asked with."""
    day = crowd_day.c
    return select(day.question, *(day[f"reading{n}"] for n in range(METERS))).distinct()


def _answered() -> ColumnElement[bool]:
    day, answer = crowd_day.c, crowd_answer.c
    same = (day[f"reading{n}"] == answer[f"reading{n}"] for n in range(METERS))
    return and_(day.question == answer.question, *same)


def leave_unanswered(connection: Connection) -> int:
    """Let go of the order-days that have no answer; how many."""
    return connection.execute(delete(crowd_day).where(~exists().where(_answered()))).rowcount


def charges_made_out() -> FromClause:
    """The answers, made out to each order that asked: what `book_inside` takes."""
    day, answer = crowd_day.c, crowd_answer.c
    metered = answer.metered == 1
    return (
        select(
            day.payer_id,
            literal(Cause.DAY.value, _ORDER.plan.type).label("cause"),
            day.order_id.label("cause_id"),
            answer.component,
            day.shard,
            day.order_id,
            case((metered, day.order_id), else_=literal(NONE, _ORDER.order_id.type)).label("meter_order_id"),
            *(answer[name] for name in _FROM_ANSWER),
        )
        .join_from(crowd_day, crowd_answer, _answered())
        .subquery("made_out")
    )


_FROM_ANSWER = (
    "product_id", "user_id", "currency", "quantity", "amount", "list_amount", "meter_scope", "meter_component",
    "reading_before", "reading_after", "version_id", "promotion_id", "note", "period_start", "period_end",
)  # fmt: skip


def meters_grown(n: int) -> Select[Any]:
    """Rows of `meter` for what the n-th meters of the order-days read now."""
    day, answer, which = crowd_day.c, crowd_answer.c, crowd_question.c
    return (
        select(
            day.payer_id,
            which.product_id,
            day.order_id,
            which[f"scope{n}"].label("scope"),
            which[f"version{n}"].label("version_id"),
            which[f"component{n}"].label("component"),
            day.shard,
            answer[f"grown{n}"].label("reading"),
        )
        .join_from(crowd_day, crowd_answer, _answered())
        .join(crowd_question, which.question == day.question)
        .where(answer[f"grown{n}"].is_not(None))
    )


def set_decided(connection: Connection, stretch: Stretch, day: date) -> int:
    """Note the day as decided for the orders of the crowd; how many."""
    chosen = _ORDER.order_id.in_(select(crowd_day.c.order_id))
    statement = update(service_order).where(*stretch.conditions(connection), chosen).values(rated_through=day)
    return connection.execute(statement).rowcount


@contextmanager
def joined_by_hash(connection: Connection) -> Iterator[None]:
    """PostgreSQL joins by hash alone: how much a temporary table holds it does not know, and takes for little.

    Whatever is joined here is no larger than the crowd; of a lasting table, a stretch is read by its index.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    with planned_without(connection, "nestloop", "mergejoin"):
        yield
