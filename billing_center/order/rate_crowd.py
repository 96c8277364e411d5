"""A crowd of order-days is rated inside the database: what they ask comes here, and each answer goes there once.

Where it stands in the walk: inside `rate_days`, before the orders that need a look of their own. What a day costs
depends on its product, plan, period, accounts and the like, and on the readings of the order's own meters, never
on whose it is. So the database says which questions a stretch of the walk asks, the pure rules of
`rating.rate_day` answer for one order of each and for each reading, and the answers are made out to all that
asked, table to table. Whatever the rules refuse stays where it is, for the way that looks at orders one by one.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import FromClause

from billing_center.bulk import insert_rows
from billing_center.center import UnitOfWork
from billing_center.charge.book_inside import book_inside
from billing_center.errors import BillingError, Broken
from billing_center.ids import NONE
from billing_center.order.alike_days import Question, is_own
from billing_center.order.crowd_rows import (
    ask,
    askers,
    charges_made_out,
    collect_payers,
    joined_by_hash,
    leave_unanswered,
    meters_grown,
    questions,
    readings_met,
    set_decided,
)
from billing_center.order.crowd_tables import ASKED, METERS, crowd_answer, crowd_question, empty_tables
from billing_center.order.orders_to_rate import Stretch
from billing_center.order.ready_day import charges_in_advance, read_day_facts, ready_day
from billing_center.order.store import orders_by_id
from billing_center.payer.store import payers, schedules_of
from billing_center.period import Period

_METERS = range(METERS)


def rate_crowd(work: UnitOfWork, stretch: Stretch, day: date, *, run_id: str) -> int:
    """Rate this day of the orders of the stretch that ask alike; how many. The stretch's payers are locked then.

    Raises: IntegrityError when one of the charges is there already; Broken when an order changed although its
    payer is locked, which nobody does.
    """
    connection = work.connection
    empty_tables(connection)
    collect_payers(connection, stretch, day)
    asked = askers(work, stretch, day)
    with joined_by_hash(connection):
        kinds = connection.execute(questions(asked)).all()
    known = _questions(work, kinds, day)
    if not known:
        return 0
    with joined_by_hash(connection):
        return _book(work, asked, known, stretch, day, run_id)


def _book(
    work: UnitOfWork,
    asked: FromClause,
    known: Mapping[int, tuple[Question, Period]],
    stretch: Stretch,
    day: date,
    run_id: str,
) -> int:
    """Make the answers out to everyone who asked; how many did."""
    connection = work.connection
    if not ask(connection, asked):
        return 0
    met = connection.execute(readings_met()).all()
    answers = [row for row in (_answer(*known[each[0]], each) for each in met) if row]
    if len(answers) < len(met):
        leave_unanswered(connection)
    if not answers:
        return 0
    insert_rows(connection, crowd_answer, answers)
    grown = [meters_grown(n) for n in _METERS if any(row[f"grown{n}"] is not None for row in answers)]
    charges = book_inside(work, charges_made_out(), grown, day=day, run_id=run_id)
    if set_decided(connection, stretch, day) != charges:
        raise Broken("an order changed while its payer was locked")
    return charges


def _questions(work: UnitOfWork, asked: Sequence[Any], day: date) -> dict[int, tuple[Question, Period]]:
    """The questions that the rules answer for everyone who asks, by number, with the day's billing period.

    They are kept for the database; one whose order the rules refuse is not.
    """
    connection = work.connection
    orders = orders_by_id(connection, [row.first for row in asked])
    of = payers(connection, {order.payer_id for order in orders.values()})
    schedules = schedules_of(connection, of.values())
    facts = read_day_facts(work, list(orders.values()), (of, schedules))
    known: dict[int, tuple[Question, Period]] = {}
    rows = []
    for number, row in enumerate(asked):
        order = orders[row.first]
        listed = work.catalog.products.get(order.product_id)
        if listed is None or charges_in_advance(listed.product):
            continue
        try:
            ready = ready_day(work, order, day, facts)
        except BillingError:
            continue
        if ready is None or not is_own(ready) or len(ready.keys) > METERS:
            continue
        keys = dict(enumerate(ready.keys))
        meters = {
            f"{name}{n}": getattr(keys[n], field) if n in keys else None
            for n in _METERS
            for name, field in (("scope", "scope"), ("version", "version_id"), ("component", "component"))
        }
        rows.append({"question": number, **{name: getattr(row, name) for name in ASKED}, **meters})
        known[number] = Question(ready), schedules[order.payer_id].period_of(day)
    insert_rows(connection, crowd_question, rows)
    return known


def _answer(question: Question, period: Period, met: Sequence[Any]) -> dict[str, Any] | None:
    """A row of answers; None where the rules refuse, or make more of it than one charge."""
    readings = met[1:]
    try:
        answer = question.answer(tuple(readings[: len(question.first.keys)]))
    except BillingError:
        return None
    if len(answer.charges) != 1:
        return None
    charge, place = answer.charges[0]
    after = dict(answer.grown)
    key = None if place is None else question.first.keys[place]
    return {
        "question": met[0],
        **{f"reading{n}": readings[n] for n in _METERS},
        **{f"grown{n}": after.get(n) for n in _METERS},
        "component": charge.component, "product_id": charge.product_id, "user_id": charge.user_id,
        "currency": charge.currency, "quantity": charge.quantity, "amount": charge.amount,
        "list_amount": charge.list_amount, "metered": int(key is not None),
        "meter_scope": key.scope if key else NONE, "meter_component": key.component if key else NONE,
        "reading_before": charge.reading_before, "reading_after": charge.reading_after,
        "version_id": charge.version_id, "promotion_id": charge.promotion_id, "note": charge.note,
        "period_start": period.start, "period_end": period.end,
    }  # fmt: skip
