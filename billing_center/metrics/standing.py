"""How things stand by the database: read when somebody asks, and no more than every few seconds.

Where it stands in the walk: beside it; `scrape` asks. Ages are told by the business clock.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from billing_center.access.refused_calls import count_refused_today
from billing_center.alert.spend_alert import count_unseen
from billing_center.center import UnitOfWork
from billing_center.history.make_partitions import missing
from billing_center.invoice.state import InvoiceState
from billing_center.metrics import names, store
from billing_center.metrics.names import Metric
from billing_center.outbox.message import MessageKind, MessageState
from billing_center.runs.show_runs import abandoned_runs, last_day_done
from billing_center.runs.worker import this_process
from billing_center.usage.park import HELD, PARKED, WAITING

CYCLE = "cycle"
RECONCILING = ("reconcile", "reconcile_invoices")
SERIES = "invoice-"
NUMBERS_AT_ONCE = 20_000
"""Numbers whose money is added up in one look: after a large bill run the sum catches up over some looks."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A figure under its labels, in the metric's order."""

    metric: Metric
    value: int | float | Decimal
    labels: tuple[str, ...] = ()


def often(work: UnitOfWork) -> Iterator[Sample]:
    """What changes from second to second."""
    for part in (_uses, _messages, _runs, _days, _invoices, _people):
        yield from part(work)


def seldom(work: UnitOfWork) -> Iterator[Sample]:
    """What changes once a day."""
    without, caught = defaultdict[str, int](int), defaultdict[str, int](int)
    for month in missing(work):
        without[month.table] += 1
        caught[month.table] += month.rows
    for table in without:
        yield Sample(names.PARTITIONS_MISSING, without[table], (table,))
        yield Sample(names.CATCH_ALL_ROWS, caught[table], (table,))
    for job in RECONCILING:
        run_id = store.newest_run(work.connection, job)
        if run_id is not None:
            yield Sample(names.DIFFERENCES, store.differences(work.connection, run_id), (job,))


class Invoiced:
    """Adds up the money of invoices as they get their numbers; begins with those numbered after the first look.

    Numbers have no gaps within a series and are given under its lock, so none is passed over or met twice.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] | None = None
        self._money: defaultdict[str, Decimal] = defaultdict(Decimal)

    def look(self, work: UnitOfWork) -> Iterator[Sample]:
        """The sums so far, by currency."""
        last = {
            series: n for series, n in store.last_numbers(work.connection).items() if series.startswith(SERIES)
        }
        if self._seen is None:
            self._seen = dict(last)
            self._money[work.settings.base_currency] += 0  # Prometheus sees no growth to a first value
        for series, newest in last.items():
            seen = self._seen.get(series, 0)
            until = min(newest, seen + NUMBERS_AT_ONCE)
            if until > seen:
                year = series.removeprefix(SERIES)
                money = store.money_of(work.connection, f"{year}-{seen + 1:09d}", f"{year}-{until:09d}")
                for currency, amount in money.items():
                    self._money[currency] += amount
                self._seen[series] = until
            yield Sample(names.INVOICES_ISSUED, newest, (series,))
        for currency, amount in self._money.items():
            yield Sample(names.INVOICED, amount, (currency,))


Reader = Callable[[UnitOfWork], Iterator[Sample]]


def _uses(work: UnitOfWork) -> Iterator[Sample]:
    for state in (WAITING, PARKED, HELD):
        yield Sample(names.USES_QUEUED, store.queued_uses(work.connection, state), (state,))
    yield Sample(names.RATING_LAG, _age(work, store.oldest_due_use(work.connection)))


def _messages(work: UnitOfWork) -> Iterator[Sample]:
    for state in (MessageState.WAITING, MessageState.HELD):
        by_kind = store.messages_by_kind(work.connection, state)
        for kind in MessageKind:
            yield Sample(names.MESSAGES, by_kind.get(kind.value, 0), (kind.value, state.value))
    for kind in MessageKind:
        yield Sample(names.MESSAGE_LAG, _age(work, store.oldest_due_message(work.connection, kind)), (kind.value,))


def _runs(work: UnitOfWork) -> Iterator[Sample]:
    for labels, number in store.undone_runs(work.connection).items():
        yield Sample(names.RUNS, number, labels)
    yield Sample(names.RUNS_UNDRIVEN, len(abandoned_runs(work, this_process())))
    for job, tasks, done, items in store.runs_under_way(work.connection):
        yield Sample(names.RUN_PROGRESS, int(done) / int(tasks), (job,))
        yield Sample(names.RUN_ITEMS, int(items), (job,))


def _days(work: UnitOfWork) -> Iterator[Sample]:
    begins = time.fromisoformat(work.settings.schedule_cycle)
    is_due = work.at.astimezone(work.zone).time() >= begins
    newest = work.today if is_due else work.today - timedelta(days=1)
    last = last_day_done(work, CYCLE)
    behind = int(is_due) if last is None else max((newest - last).days, 0)
    yield Sample(names.CYCLE_BEHIND, behind)


def _invoices(work: UnitOfWork) -> Iterator[Sample]:
    for state in InvoiceState:
        if state is not InvoiceState.PAID:
            yield Sample(names.INVOICES, store.invoices_in(work.connection, state.value), (state.value,))


def _people(work: UnitOfWork) -> Iterator[Sample]:
    yield Sample(names.REFUSED_TODAY, count_refused_today(work).number)
    yield Sample(names.ALERTS_UNSEEN, count_unseen(work).number)


def _age(work: UnitOfWork, since: datetime | None) -> float:
    return max((work.at - since).total_seconds(), 0.0) if since is not None else 0.0
