"""What the running period will come to at its end: what is charged, what waits, and what is to come.

Subscriptions and day plans are rated day by day to the period's end in memory, as if every order stayed as it
is; uses go on linearly at the pace of the period so far, order by order, but not what is charged once (packages,
what came late for earlier periods). What an order then lacks of its minimum
commitment is added, as the bill run will.
Where it stands in the walk: beside it, for payers and for spend alerts. Design: billing rules, "Aggregation".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from billing_center.center import UnitOfWork
from billing_center.clock import start_of_day
from billing_center.foresight.commitments import true_ups
from billing_center.foresight.expected_sums import amounts_of, before_credits, sums_of
from billing_center.foresight.preview_payer import facts_of_payer, rate_pending
from billing_center.foresight.rate_in_memory import (
    CarriedMeters,
    RatedInMemory,
    Unrated,
    rate_order_days,
    read_days,
)
from billing_center.foresight.store import charged_once
from billing_center.invoice.invoice import RunningSum
from billing_center.invoice.store import open_sums
from billing_center.money import RATED_SCALE
from billing_center.order.charged_in_period import SumKey
from billing_center.order.state import OrderState
from billing_center.order.store import orders_of_payers
from billing_center.period import ONE_DAY, Period, days_of
from billing_center.rating.facts import PlanKind

_ZERO = Decimal(0)
_USES_TO_COME, _TRUE_UP = 3, 4
"""Columns beside what is charged, what waits and the days to come."""

_Table = dict[SumKey, list[Decimal]]
_Lines = dict[tuple[str, str], list[Decimal]]


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """One product in one currency, rated amounts: now, waiting, days to come, uses to come at the same pace.

    `true_up` is what its orders lack of their commitments with all of these.
    """

    product_id: str
    currency: str
    charged: Decimal
    waiting: Decimal
    days_to_come: Decimal
    uses_to_come: Decimal
    true_up: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Forecast:
    """The running period's end. `elapsed` is the part of the period that is over, 0 to 1, four decimals."""

    payer_id: str
    at: datetime
    period_start: date
    period_end: date
    elapsed: Decimal
    lines: tuple[ForecastLine, ...]
    totals: tuple[tuple[str, Decimal], ...]  # by currency
    cannot: tuple[Unrated, ...]
    more: bool  # more waits than was rated: the forecast is too low


def forecast(work: UnitOfWork, payer_id: str) -> Forecast:
    """Forecast one payer's running period; nothing is written. Raises: Unknown (UNKNOWN_PAYER)."""
    facts = facts_of_payer(work, payer_id)
    payer, schedule = facts.payers[payer_id], facts.schedules[payer_id]
    period = schedule.period_of(max(work.today, payer.closed_until))
    orders = orders_of_payers(work.connection, [payer_id])
    of_days = {order.order_id for order in orders if order.plan is not PlanKind.PER_USE}
    meters = CarriedMeters(work.connection)
    waiting, _, more = rate_pending(work, facts, payer_id, orders, load=meters.load)
    to_come = RatedInMemory()
    active = [o for o in orders if o.order_id in of_days and o.state is OrderState.ACTIVE]
    begin = max(work.today + ONE_DAY, period.start)
    days = [(order, day) for order in active for day in days_of(begin, max(begin, period.end))]
    rate_order_days(work, days, read_days(work, facts, active), meters.load, to_come)
    elapsed = _elapsed(work, period)
    booked = open_sums(work.connection, [payer_id]).get(payer_id, {}).get(period.start, ())
    table: _Table = {}
    for column, sums in enumerate((booked, sums_of(waiting.charges, facts), sums_of(to_come.charges, facts))):
        _add(table, period, column, sums)
    once = charged_once(work.connection, payer_id, period.start)
    for (_, _, order_id, product_id, currency), row in table.items():
        if order_id not in of_days:
            paced = row[0] + row[1] - once.get((order_id, product_id, currency), _ZERO)
            row[_USES_TO_COME] = _goes_on(paced, elapsed)
    expected = before_credits([*waiting.charges, *to_come.charges], facts)
    for key, row in table.items():
        expected[key] = expected.get(key, _ZERO) + row[_USES_TO_COME]
    _add(table, period, _TRUE_UP, sums_of(true_ups(work, facts, orders, more=expected), facts))
    lines = _lines(table)
    totals: dict[str, Decimal] = {}
    for line in lines:
        totals[line.currency] = totals.get(line.currency, _ZERO) + line.total
    return Forecast(
        payer_id, work.at, period.start, period.end,
        elapsed.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP), tuple(lines), tuple(sorted(totals.items())),
        (*waiting.unrated, *to_come.unrated), more,
    )  # fmt: skip


def _add(table: _Table, period: Period, column: int, sums: Iterable[RunningSum]) -> None:
    """Add the sums of the period to a column."""
    for key, amount in amounts_of(sums).items():
        if key[1] == period.start:
            table.setdefault(key, [_ZERO] * 5)[column] += amount


def _lines(table: _Table) -> list[ForecastLine]:
    """The orders' amounts added up by product and currency."""
    found: _Lines = {}
    for (_, _, _, product_id, currency), row in table.items():
        added = found.setdefault((product_id, currency), [_ZERO] * 5)
        found[product_id, currency] = [old + new for old, new in zip(added, row, strict=True)]
    lines = []
    for (product_id, currency), row in sorted(found.items()):
        charged, waiting, days, uses, true_up = row
        total = sum(row, _ZERO)
        lines.append(ForecastLine(product_id, currency, charged, waiting, days, uses, true_up, total))
    return lines


def _elapsed(work: UnitOfWork, period: Period) -> Decimal:
    """The part of the period that is over: at least one day of it, so that a first hour is no pace."""
    start, end = start_of_day(period.start, work.zone), start_of_day(period.end, work.zone)
    whole = Decimal(int((end - start).total_seconds()))
    over = Decimal(int((work.at - start).total_seconds()))
    return min(Decimal(1), max(over, whole / period.days) / whole)


def _goes_on(spent: Decimal, elapsed: Decimal) -> Decimal:
    """What uses will cost in the rest of the period at the pace so far: six decimals, half up."""
    return (spent / elapsed - spent).quantize(RATED_SCALE, rounding=ROUND_HALF_UP)
