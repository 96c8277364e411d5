"""Runs of days that are alike: an order's days, settled as a whole.

Each active day up to `rated_through` has its one charge, in its own period, and each charge goes on where the one
before it ended, from nothing. What an order's days should say depends on its plan, its days and its payer's
billing days, never on whose it is: worked out for the first order that asks, it is compared with every other's.
Of accounts the number of each day counts too, so orders with accounts are less often alike.
Orders that anything may have touched (promotions, free days, grants, corrections, days in advance) are not
settled here. Design: billing rules, modes 2 and 3.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import gt
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.alike import BETWEEN, OF_DAYS, Alike, as_text, in_order
from billing_center.reconcile.bring_together import whole
from billing_center.reconcile.expected import ZERO, PriceOf, price_of
from billing_center.reconcile.expected_day import OrderDay
from billing_center.reconcile.expected_days import numbers_of
from billing_center.reconcile.plain_days import (
    END_OF_TIME,
    INSTANT,
    Span,
    active_days,
    active_spans,
    day_of,
    most_accounts,
    year_of_service,
)
from billing_center.reconcile.plain_price import NotKnown
from billing_center.reconcile.raw_facts import Facts, MeterName, PayerFacts
from billing_center.reconcile.recomputed import Recomputed

ONE = Decimal(1)
PLANS = {"day", "month", "year", "account_day"}


@dataclass(frozen=True, slots=True)
class Run:
    """What the days of alike orders should say, in order, and what they add up to."""

    charges: list[tuple[Any, ...]]  # what days that are alike share, and their lists: `_shared`, `_lists`
    told: list[tuple[Any, ...]]  # the same with the lists as PostgreSQL tells them: `Alike.unread`
    count: int
    sums: list[tuple[date, str, tuple[Decimal, Decimal, Decimal, int]]]  # period, currency; as `Recomputed.add`
    readings: dict[MeterName, Decimal]  # by the meters of the first of the orders


def settle_days(facts: Facts, one: PayerFacts, order: Any, charged: Sequence[Alike], out: Recomputed) -> bool:
    """Whether the charges of the order's days are what they should be; only then they are added up."""
    run = _run_of(facts, one, order)
    order_id = order.order_id
    if run is None or len(charged) != len(run.charges) or sum(one.count for one in charged) != run.count:
        return False
    if not all(alike.as_said and alike.meter_order_id == order_id for alike in charged):
        return False
    if not _are_told(charged, run):
        found = [(_shared(alike), _lists(alike)) for alike in charged]
        if found != run.charges and sorted(found) != run.charges:
            return False
    for start, currency, values in run.sums:
        out.add((start, order_id, order.product_id, currency), *values)
    for (product_id, _, *of_price), reading in run.readings.items():
        name: MeterName = (product_id, order_id, of_price[0], of_price[1], of_price[2])
        out.meters[name] += reading
        out.tiled.add(name)
    return True


def _are_told(charged: Sequence[Alike], run: Run) -> bool:
    """Whether the lists need not even be read."""
    if not all(alike.unread for alike in charged):
        return False
    found: list[tuple[Any, ...]] = [(_shared(alike), alike.unread[:OF_DAYS]) for alike in charged]
    return found == run.told or sorted(found) == run.told


def _shared(one: Alike) -> tuple[Any, ...]:
    return (
        one.period_start, one.component, one.product_id, one.currency, one.version_id, one.promotion_id,
        one.meter_scope, one.meter_component,
    )  # fmt: skip


def _lists(one: Alike) -> list[list[Any]]:
    """In the order of the days, which is nearly always that of the rows."""
    one.read()
    lists: list[list[Any]] = [one.days, one.befores, one.afters, one.quantities, one.amounts]
    days = one.days
    if any(map(gt, days, islice(days, 1, None))):
        return in_order(lists)
    return lists


def _run_of(facts: Facts, one: PayerFacts, order: Any) -> Run | None:
    """What the order's days should say; None for an order that is not plain, or of which it cannot be said."""
    last = min(order.rated_through, order.ended_day or order.rated_through)
    spans = active_spans(facts.changes.get(order.order_id, ()))
    asked = (
        "days", order.product_id, order.plan, order.promotion_id, order.features, order.start_day, last,
        one.terms.first_currency, one.terms.billing_days.key, *(_days_of(facts, span) for span in spans),
    )  # fmt: skip
    accounts: dict[date, Decimal] = {}
    if order.plan == "account_day":
        numbers = numbers_of(facts, order)
        days = active_days(spans, order.start_day, last, facts.zone)
        accounts = {day: most_accounts(day, spans, numbers, facts.zone) for day in days}
        asked = (*asked, *accounts.values())
    if asked not in facts.alike:
        run = None
        if _is_plain(facts, order):
            counts = accounts or dict.fromkeys(active_days(spans, order.start_day, last, facts.zone), ONE)
            try:
                run = _worked_out(facts, one, order, counts)
            except NotKnown:
                run = None
        facts.alike[asked] = run
    found: Run | None = facts.alike[asked]
    return found


def _days_of(facts: Facts, span: Span) -> tuple[date, date | None]:
    """The civil days of a span: all that its days depend on."""
    start, until = span
    return day_of(start, facts.zone), None if until == END_OF_TIME else day_of(until - INSTANT, facts.zone)


def _is_plain(facts: Facts, order: Any) -> bool:
    """Whether a day of the order costs the next part of its price and nothing else, whenever it was decided."""
    if order.plan not in PLANS or order.promotion_id != NONE or order.product_id not in facts.catalog.products:
        return False
    now, history = facts.catalog.products[order.product_id]
    documents = [now, *(document for _, document in history)]
    if any(one["free_days"] or one["currency"] != now["currency"] for one in documents):
        return False
    return not any(v.document.get("in_advance") for v in facts.catalog.of_plan(order.product_id, order.plan))


def _worked_out(facts: Facts, one: PayerFacts, order: Any, counts: Mapping[date, Decimal]) -> Run:
    """Day after day from the first one, each with what it counts. Raises: NotKnown, LeftOut."""
    run = Run([], [], len(counts), [], {})
    for start, alike in _alike(facts, one, order, counts):
        name, said, price = _terms(facts, one, order, alike[0])
        first = before = run.readings.get(name, ZERO)
        cost = begun = price(before)
        lists: list[list[Any]] = [[], [], [], [], []]
        for day in alike:
            after = before + counts[day]
            costs = price(after)
            values = (day.isoformat(), *map(whole, (before, after, counts[day], costs - cost)))
            for column, value in zip(lists, values, strict=True):
                column.append(value)
            before, cost = after, costs
        run.readings[name] = before
        run.charges.append(((start, *said), lists))
        run.sums.append((start, said[2], (before - first, cost - begun, cost - begun, len(alike))))
    run.charges.sort()
    run.told.extend((said, (BETWEEN.join(lists[0]), *map(as_text, lists[1:]))) for said, lists in run.charges)
    return run


def _alike(facts: Facts, one: PayerFacts, order: Any, days: Iterable[date]) -> Iterable[tuple[date, list[date]]]:
    """(first day of the period, days) of days that share period, price version and scope. Raises: NotKnown."""
    found: dict[Any, list[date]] = {}
    period, version = one.terms.billing_days.period, facts.catalog.version
    for day in days:
        start = period(day)[0]
        scope = year_of_service(day, order.start_day) if order.plan == "year" else None
        known = version(order.product_id, order.plan, day, order.installed_at)
        found.setdefault((start, known.version_id, scope), []).append(day)
    return [(key[0], run) for key, run in found.items()]


def _terms(facts: Facts, one: PayerFacts, order: Any, day: date) -> tuple[MeterName, tuple[Any, ...], PriceOf]:
    """(the meter of alike days, what their charges say after the quantity, their price). Raises: NotKnown."""
    first = OrderDay(facts, one, order, day, None, False)
    name, currency = first.meter(), first.price["currency"]
    said = (
        first.price["component"], order.product_id, currency, first.version.version_id, NONE, name[2], name[4],
    )  # fmt: skip
    return name, said, price_of(first.price["params"], days=first.scope[1], currency=currency)
