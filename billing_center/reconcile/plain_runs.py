"""Runs of days that are alike: most of all charges, compared without an object for each of them.

Only what is exactly as it should be is settled here, an order as a whole: each active day up to `rated_through`
has its one charge, in its own period, and each charge goes on where the one before it ended, from nothing. An
order of which one column differs, or that anything may have touched (promotions, free days, grants, corrections,
days in advance), is left to `compare_charges`, which says what differs. Design: billing rules, mode 2.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.expected import ZERO, PriceOf, price_of
from billing_center.reconcile.expected_day import OrderDay
from billing_center.reconcile.plain_days import active_days, active_spans, year_of_service
from billing_center.reconcile.plain_price import NotKnown
from billing_center.reconcile.raw_facts import Facts, MeterName, PayerFacts
from billing_center.reconcile.recomputed import Recomputed

ONE = Decimal(1)
PLANS = {"day", "month", "year"}
ALIKE = (
    "component", "order_id", "product_id", "user_id", "currency", "quantity", "version_id", "promotion_id",
    "meter_order_id", "meter_scope", "meter_component", "period_start",
)  # fmt: skip
GROWN = ("reading_before", "reading_after", "amount", "list_amount")

Read = Callable[[Any], tuple[Any, ...]]


def settle_runs(facts: Facts, one: PayerFacts, out: Recomputed) -> None:
    """Settle the orders whose days are all as they should be; `one.rest` is what is left to be compared."""
    if not one.charges or one.grants or one.reratings or one.terms.currencies or facts.catalog.replaced:
        return
    place = {name: n for n, name in enumerate(one.charges[0]._fields)}
    fact = itemgetter(place["cause"], place["cause_id"], place["day"])
    alike: Read = itemgetter(*(place[name] for name in ALIKE))
    grown: Read = itemgetter(*(place[name] for name in GROWN))
    rest: list[Any] = []
    days: dict[str, dict[date, Any]] = defaultdict(dict)
    again = set()  # orders with more than one charge of a day, or with corrections
    for row in one.charges:
        cause, cause_id, day = fact(row)
        if cause == "day" and cause_id not in again and day not in days[cause_id]:
            days[cause_id][day] = row
        else:
            rest.append(row)
            again |= {cause_id} if cause in ("day", "rerate_day") else set()
    for order in one.orders:
        rows = days.get(order.order_id)
        plain = rows and order.order_id not in again and _is_plain(facts, order)
        if rows and plain and _settle(facts, one, order, rows, (alike, grown), out):
            del days[order.order_id]
    one.rest = rest + [row for rows in days.values() for row in rows.values()]


def _is_plain(facts: Facts, order: Any) -> bool:
    """Whether a day of the order costs the next part of its price and nothing else, whenever it was decided."""
    if order.plan not in PLANS or order.promotion_id != NONE or order.product_id not in facts.catalog.products:
        return False
    now, history = facts.catalog.products[order.product_id]
    documents = [now, *(document for _, document in history)]
    if any(one["free_days"] or one["currency"] != now["currency"] for one in documents):
        return False
    return not any(v.document.get("in_advance") for v in facts.catalog.of_plan(order.product_id, order.plan))


def _settle(
    facts: Facts, one: PayerFacts, order: Any, rows: dict[date, Any], read: tuple[Read, Read], out: Recomputed
) -> bool:
    """Whether the charges of the order's days are what they should be; only then they are added up."""
    alike, grown = read
    last = min(order.rated_through, order.ended_day or order.rated_through)
    days = active_days(active_spans(facts.changes.get(order.order_id, ())), order.start_day, last, facts.zone)
    if len(days) != len(rows):
        return False
    readings: dict[MeterName, Decimal] = {}
    sums = []
    try:
        for start, run in _runs(facts, one, order, days):
            name, wanted, price = _terms(facts, one, order, run[0], start)
            first = before = readings.get(name, ZERO)
            cost = begun = price(before)
            for day in run:
                row, after = rows.get(day), before + ONE
                costs = price(after)
                if (
                    row is None
                    or alike(row) != wanted
                    or grown(row) != (before, after, costs - cost, costs - cost)
                ):
                    return False
                before, cost = after, costs
            readings[name] = before
            key = (start, order.order_id, order.product_id, wanted[4])
            sums.append((key, (before - first, cost - begun, cost - begun, len(run))))
    except NotKnown:
        return False
    for key, values in sums:
        out.add(key, values)
    for name, reading in readings.items():
        out.meters[name] += reading
        out.tiled.add(name)
    return True


def _runs(facts: Facts, one: PayerFacts, order: Any, days: Sequence[date]) -> Iterable[tuple[date, list[date]]]:
    """(first day of the period, days) of days that share period, price version and scope. Raises: NotKnown."""
    found: dict[Any, list[date]] = {}
    period, version = one.terms.billing_days.period, facts.catalog.version
    for day in days:
        start = period(day)[0]
        scope = year_of_service(day, order.start_day) if order.plan == "year" else None
        known = version(order.product_id, order.plan, day, order.installed_at)
        found.setdefault((start, known.version_id, scope), []).append(day)
    return [(key[0], run) for key, run in found.items()]


def _terms(
    facts: Facts, one: PayerFacts, order: Any, day: date, start: date
) -> tuple[MeterName, tuple[Any, ...], PriceOf]:
    """The meter of a run, what all its charges say alike, and its price. Raises: NotKnown."""
    first = OrderDay(facts, one, order, day, None, False)
    name, currency = first.meter(), first.price["currency"]
    wanted = (
        first.price["component"], order.order_id, order.product_id, NONE, currency, ONE,
        first.version.version_id, NONE, *name[1:3], name[4], start,
    )  # fmt: skip
    return name, wanted, price_of(first.price["params"], days=first.scope[1], currency=currency)
