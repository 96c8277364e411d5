"""The price simulator: a past period's facts rated again by a draft catalog, beside what was charged for them.

Where it stands in the walk: beside it. The uses and order-days that were charged are read back and rated by the
same pure functions, in the order of then (`replay`), on meters that begin where the period began; nothing is
written. Amounts are rated ones, so a payer's difference is exact before any line is rounded. What is no use or
order-day (true-ups, packages) is not replayed and not compared. Design: billing rules, "One principle".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from billing_center.catalog.snapshot import CatalogSnapshot
from billing_center.center import Center, UnitOfWork
from billing_center.foresight.past_facts import charged_between, payer_ids
from billing_center.foresight.rate_in_memory import RatedInMemory, read_payers
from billing_center.foresight.replay import Replay
from billing_center.period import ONE_DAY, BillingSchedule, Period, month_boundary

PAYERS = 100
"""Payers in one reading transaction."""

_ZERO = Decimal(0)

Key = tuple[str, str, str]
"""Payer, product, currency."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What one payer was charged for a product, and what the draft would have charged. Rated amounts."""

    payer_id: str
    product_id: str
    currency: str
    charged: Decimal
    simulated: Decimal

    @property
    def difference(self) -> Decimal:
        """Positive: the draft is dearer."""
        return self.simulated - self.charged


@dataclass(frozen=True, slots=True)
class UnratedKind:
    """Facts that the draft gives no price for; what they were charged counts as lost."""

    product_id: str
    code: str
    message: str
    facts: int


@dataclass(slots=True)
class Simulation:
    """The report: payers that differ, products in all, and what the draft could not rate."""

    month: date
    payers: int = 0
    uses: int = 0
    days: int = 0
    filtered: int = 0
    rows: list[Simulated] = field(default_factory=list)
    products: list[Simulated] = field(default_factory=list)  # payer '', every product, whether it differs or not
    unrated: list[UnratedKind] = field(default_factory=list)


Watch = Callable[[int], None]
"""Told after every chunk how many payers were looked at since the last time."""


def simulate(center: Center, draft: CatalogSnapshot, month: date, watch: Watch) -> Simulation:
    """Replay each payer's billing periods that begin in a month (its first day given) by a draft catalog.

    Every chunk of payers is a reading transaction of its own. Days that were not decided yet are not replayed.
    """
    report = Simulation(month)
    unrated: Counter[tuple[str, str, str]] = Counter()
    products: dict[tuple[str, str], list[Decimal]] = {}
    after = ""
    while True:
        with center.reading("simulate") as work:
            ids = payer_ids(work.connection, after=after, limit=PAYERS)
            found, rated = _replay(replace(work, _catalog=draft), ids, month)
        _add(report, found, products)
        report.payers += len(ids)
        report.uses += rated.uses
        report.days += rated.days
        report.filtered += rated.filtered
        unrated.update((one.product_id, one.code, one.message) for one in rated.unrated)
        watch(len(ids))
        if len(ids) < PAYERS:
            break
        after = ids[-1]
    report.products = [
        Simulated("", product_id, currency, charged, simulated)
        for (product_id, currency), (charged, simulated) in sorted(products.items())
    ]
    report.unrated = [UnratedKind(*kind, facts) for kind, facts in unrated.most_common()]
    return report


def _add(report: Simulation, found: Iterable[Simulated], products: dict[tuple[str, str], list[Decimal]]) -> None:
    for one in found:
        total = products.setdefault((one.product_id, one.currency), [Decimal(0), Decimal(0)])
        total[0] += one.charged
        total[1] += one.simulated
        if one.difference:
            report.rows.append(one)


def periods_from(schedule: BillingSchedule, month: date) -> list[Period]:
    """The payer's periods that begin in the month: one, or two where the billing day moved."""
    period = schedule.period_of(month_boundary(31, month.year, month.month))
    found: list[Period] = []
    while period.start >= month:
        found.insert(0, period)
        period = schedule.period_of(period.start - ONE_DAY)
    return found


def _replay(work: UnitOfWork, ids: Sequence[str], month: date) -> tuple[list[Simulated], RatedInMemory]:
    """Payers of equal periods together, so that each statement asks for one range of days."""
    facts = read_payers(work, ids)
    groups: dict[tuple[date, date], list[str]] = {}
    for payer_id in ids:
        for period in periods_from(facts.schedules[payer_id], month):
            groups.setdefault((period.start, period.end), []).append(payer_id)
    in_all = RatedInMemory()
    charged: dict[Key, Decimal] = {}
    simulated: dict[Key, Decimal] = {}
    for (start, end), members in sorted(groups.items()):
        were = charged_between(work.connection, members, start, end)
        for key, was in were.items():
            charged[key] = charged.get(key, _ZERO) + was.amount
        replay = Replay(work, facts, members, Period(start, end), list(were.values()))
        for c in replay.charges(in_all):
            key = (c.payer_id, c.product_id, c.currency)
            simulated[key] = simulated.get(key, _ZERO) + c.amount
    rows = [
        Simulated(*key, charged.get(key, _ZERO), simulated.get(key, _ZERO))
        for key in sorted(charged.keys() | simulated.keys())
    ]
    return rows, in_all
